//! Journeys: what people do from the first to the last step.

mod consent;
mod imports;
mod inbound;
mod journey;
mod schedule;
mod sending;
