//! `/api/routing`: which provider sends what, and what that costs.

mod price_fields;
mod price_rows;
mod prices_create;
mod prices_delete;
mod prices_import;
mod prices_list;
mod prices_update;
mod rule_fields;
mod rules_create;
mod rules_delete;
mod rules_get;
mod rules_list;
mod rules_update;
mod view;

web::rows! {
    rules_list, rules_create, rules_get, rules_update, rules_delete, prices_list, prices_create, prices_update,
    prices_delete, prices_import,
}
