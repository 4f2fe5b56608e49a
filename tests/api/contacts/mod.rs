//! `/api/contacts`.

mod bulk;
mod create;
mod delete;
mod deliveries;
mod export;
mod get;
mod list;
mod search;
mod tags;
mod units;
mod update;
