//! `/api/confirm/{token}`: the page by which people confirm that they want to be in a group.

mod confirm;
mod show;

web::rows! { show, confirm }
