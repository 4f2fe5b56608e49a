//! `/api/dashboard`: the figures of an organization, from day totals that are exact against a recount.

pub(crate) mod period;
pub(crate) mod totals;

web::rows! { metrics, stats }
