//! Journeys: what people do from the first to the last step.

mod consent;
mod fair;
mod benchmarks;
mod imports;
mod journey;
mod schedule;
mod sending;
mod unknown;
