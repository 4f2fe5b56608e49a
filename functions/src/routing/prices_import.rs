//! `POST /api/routing/prices/import`: adds prices from a spreadsheet, or replaces all of a config by it.

use std::io::Cursor;

use domain::price::Price;
use jiff::Timestamp;
use sheets::{Limits, RawRow, Sheet, SheetError};
use store::{
    keys,
    routing::{self, MOST_PRICES},
};
use web::{extract::FilePart, prelude::*};

use super::{
    price_fields,
    price_rows::{Columns, PriceRow},
};

/// The most bytes of the file.
const LARGEST: u64 = 4 << 20;

/// The row.
pub fn row() -> Row {
    Row::post("routing-prices-import", "/api/routing/prices/import", handle)
        .summary("Import prices")
        .description(
            "csv or Excel, at most 4 MB and 5,000 rows, with the columns `destination` (`+2547`, `KE`, `*`), `price` and, if \
             they are not to be taken from the form, `currency` and `validFrom` (a day or a time); for WhatsApp also `category`. A file with an error \
             changes nothing. With `replace=true` the config's other prices go.",
        )
        .tag("Routing")
        .access(Role::Admin, Scope::RoutingWrite)
        .idempotent_record_first()
        .grants(&[Grant::Table])
        .errors(&[
            "409 prices_full",
            "413 file_too_large",
            "413 too_many_rows",
            "provider_not_found",
            "columns_missing",
            "rows_invalid",
            "not_a_spreadsheet",
            "file_encrypted",
            "file_bomb",
            "too_many_columns",
            "strings_too_large",
            "file_empty",
            "file_damaged",
        ])
        .limits(1_024, 29)
}

/// What holds for all rows.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ImportPrices {
    /// The config.
    provider_id: id::ProviderId,
    /// The currency of rows that name none.
    #[schemars(extend("examples" = ["KES"]))]
    currency: Option<String>,
    /// From when on, for rows that do not say; now if left out.
    valid_from: Option<Timestamp>,
    /// `true`: the config's other prices go.
    replace: Option<bool>,
}

/// What came of it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PricesImported {
    /// How many prices were added.
    added: usize,
    /// How many went.
    removed: usize,
}

async fn handle(cx: Cx, form: Multipart<ImportPrices>) -> Result<Success<PricesImported>> {
    let (table, org) = (&cx.app.table, cx.org());
    let form = form.read().await?;
    let file = form.file("file")?.clone();
    let fields = form.fields()?;
    let config = engine::providers::named(&cx.app, cx.org(), fields.provider_id).await?;
    let rows = tokio::task::spawn_blocking(move || read(file)).await.map_err(Error::internal)??;
    let (heading, rows) = rows.split_first().ok_or(SheetError::Empty)?;
    let columns = Columns::of(heading)?;
    let mut violations = Vec::new();
    let mut new = Vec::with_capacity(rows.len());
    for row in rows {
        match columns.read(row, fields.currency.as_deref(), fields.valid_from.unwrap_or(cx.now())) {
            Ok(PriceRow { destination, category, price, valid_from }) => {
                let category = price_fields::category(&config, category)?;
                let (at, bits) = cx.repeatable(&format!("row {}", row.number));
                let id = id::PriceId::new(at, bits);
                new.push(Price { id, provider_id: config.id, destination, category, price, valid_from });
            }
            Err(detail) => violations.push(Violation::new(format!("/file/{}", row.number), "row_invalid", detail)),
        }
    }
    if !violations.is_empty() {
        violations.truncate(100);
        let detail = "Some rows cannot be read; nothing was imported.".to_owned();
        return Err(Error::Unprocessable { code: "rows_invalid", detail, violations });
    }
    let old = routing::prices(table, org).await?;
    let replaced: Vec<_> = old
        .iter()
        .filter(|price| fields.replace == Some(true) && price.provider_id == config.id)
        .filter(|price| new.iter().all(|new| new.id != price.id))
        .map(|price| keys::price(org, price.id))
        .collect();
    if old.len() + new.len() - replaced.len() > MOST_PRICES {
        return Err(Error::conflict("prices_full", format!("An organization has at most {MOST_PRICES} prices.")));
    }
    routing::put_prices(table, org, &new).await?;
    table.delete_many(&replaced).await?;
    Ok(Success(PricesImported { added: new.len(), removed: replaced.len() }))
}

/// All rows of the file. Blocks.
fn read(file: FilePart) -> Result<Vec<RawRow>, SheetError> {
    let limits = Limits::small(MOST_PRICES as u32 + 1, LARGEST);
    Sheet::open(Cursor::new(file.bytes), &file.file_name, &limits)?.collect()
}
