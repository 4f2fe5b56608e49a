//! Journeys: what people do from the first to the last step.

mod cancel;
mod consent;
mod fair;
mod benchmarks;
mod fairness;
mod imports;
mod jobs;
mod journey;
mod schedule;
mod sending;
mod unknown;
