//! `/api/routing`: which provider sends what, and what that costs.

mod price_fields;
mod price_rows;
mod rule_fields;
mod view;

web::rows! {
    rules_list, rules_create, rules_get, rules_update, rules_delete, prices_list, prices_create, prices_update,
    prices_delete, prices_import,
}
