//! The API, resource by resource, on a real local host.

mod contacts;
mod groups;
mod suppressions;
mod tenancy;
