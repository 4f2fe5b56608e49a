//! Journeys: what people do from the first to the last step.

mod cancel;
mod consent;
mod fairness;
mod imports;
mod jobs;
mod journey;
mod schedule;
mod sending;
