//! Journeys: what people do from the first to the last step.

mod benchmarks;
mod cancel;
mod confirm;
mod consent;
mod cost;
mod estimate;
mod fair;
mod first_run;
mod imports;
mod inbound;
mod jobs;
mod journey;
mod media;
mod missing;
mod notify;
mod rates;
mod receipts;
mod routing;
mod schedule;
mod sending;
mod unknown;
mod whatsapp;
