//! `/api/webhook-endpoints`: where an organization's own programs are told what happened.

mod request;
mod view;

web::rows! {
    list, create, get, update, delete, rotate_secret, test, attempts_list, attempts_replay,
}
