//! Journeys: what people do from the first to the last step.

mod journey;
mod schedule;
mod sending;
