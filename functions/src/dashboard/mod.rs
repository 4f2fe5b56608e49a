//! `/api/dashboard`: the figures of an organization, from day totals that are exact against a recount.

mod metrics;
pub(crate) mod period;
mod stats;
pub(crate) mod totals;

web::rows! { metrics, stats }
