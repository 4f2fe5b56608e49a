//! `/api/webhook-endpoints`: where an organization's own programs are told what happened.

mod attempts_list;
mod attempts_replay;
mod create;
mod delete;
mod get;
mod list;
mod request;
mod rotate_secret;
mod test;
mod update;
mod view;

web::rows! {
    list, create, get, update, delete, rotate_secret, test, attempts_list, attempts_replay,
}
