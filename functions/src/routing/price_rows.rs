//! Rows of a file of prices.

use domain::{Error, Result, destination::Destination, money::Money, whatsapp::TemplateCategory};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use sheets::RawRow;

/// Where the columns are.
pub(super) struct Columns {
    destination: usize,
    price: usize,
    currency: Option<usize>,
    valid_from: Option<usize>,
    category: Option<usize>,
}

/// What a row says.
#[derive(Debug)]
pub(super) struct PriceRow {
    pub destination: Destination,
    pub category: Option<TemplateCategory>,
    pub price: Money,
    pub valid_from: Timestamp,
}

impl Columns {
    /// By the words of the heading. 422 `columns_missing`.
    pub fn of(heading: &RawRow) -> Result<Self> {
        let find = |names: &[&str]| {
            let plain = |text: &str| text.to_lowercase().replace([' ', '_', '-'], "");
            (0..heading.cells.len()).find(|column| names.contains(&plain(heading.text(*column)).as_str()))
        };
        let missing = |name: &str| Error::unprocessable("columns_missing", format!("There is no column `{name}`."));
        Ok(Self {
            destination: find(&["destination", "country", "prefix"]).ok_or_else(|| missing("destination"))?,
            price: find(&["price", "amount", "cost"]).ok_or_else(|| missing("price"))?,
            currency: find(&["currency"]),
            valid_from: find(&["validfrom", "from"]),
            category: find(&["category"]),
        })
    }

    /// What a row says; `Err`: what is wrong, in words.
    pub fn read(&self, row: &RawRow, currency: Option<&str>, valid_from: Timestamp) -> Result<PriceRow, String> {
        let text = |column: Option<usize>| column.map(|column| row.text(column).trim()).filter(|text| !text.is_empty());
        let destination = row.text(self.destination).trim();
        // A spreadsheet program takes the `+` of a prefix for a sign, and drops it.
        let plus = if destination.starts_with(|first: char| first.is_ascii_digit()) { "+" } else { "" };
        let destination = format!("{plus}{destination}").parse::<Destination>().map_err(|error| error.to_string())?;
        let currency = text(self.currency).or(currency).ok_or("the currency is missing")?;
        let amount = text(Some(self.price)).ok_or("the price is missing")?;
        let price: Money = format!("{amount} {currency}")
            .parse()
            .map_err(|_| "expected a price such as 0.80 and a currency such as KES")?;
        if price.amount.is_sign_negative() {
            return Err("the price is below 0".into());
        }
        let valid_from = match text(self.valid_from) {
            None => valid_from,
            Some(text) => moment(text).ok_or("expected a day such as 2026-01-31 in `validFrom`")?,
        };
        let category = text(self.category).map(str::parse::<TemplateCategory>).transpose();
        let category = category.map_err(|expected| format!("{expected} in `category`"))?;
        Ok(PriceRow { destination, category, price, valid_from })
    }
}

/// A time, or the beginning of a day in UTC.
fn moment(text: &str) -> Option<Timestamp> {
    let day = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp());
    text.parse().ok().or_else(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_by_the_words_of_the_heading() {
        let now = Timestamp::UNIX_EPOCH;
        let columns = Columns::of(&RawRow::of_texts(1, &["Country", "Name", "PRICE", "valid_from"])).unwrap();
        let read = |texts: &[&str], currency| columns.read(&RawRow::of_texts(2, texts), currency, now);
        let row = read(&["254 7", "", "0.8", "2026-01-31"], Some("kes")).unwrap();
        assert_eq!((row.destination.to_string(), row.price.to_string()), ("+2547".into(), "KES 0.8".into()));
        assert_eq!((row.valid_from.to_string(), row.category), ("2026-01-31T00:00:00Z".into(), None));
        assert_eq!(read(&["KE", "", "0.8"], Some("KES")).unwrap().valid_from, now);
        let columns = Columns::of(&RawRow::of_texts(1, &["country", "price", "category"])).unwrap();
        let category = |word: &str| columns.read(&RawRow::of_texts(2, &["KE", "1", word]), Some("KES"), now);
        assert_eq!(category("Marketing").unwrap().category, Some(TemplateCategory::Marketing));
        assert!(category("service").unwrap_err().ends_with("UTILITY, AUTHENTICATION in `category`"));
        for (texts, currency, wrong) in [
            (
                ["Kenya", "", "1", ""],
                Some("KES"),
                "expected `*`, a country code such as KE, or the beginning of a number such as +2547",
            ),
            (["KE", "", "", ""], Some("KES"), "the price is missing"),
            (["KE", "", "1", ""], None, "the currency is missing"),
            (["KE", "", "-1", ""], Some("KES"), "the price is below 0"),
            (["KE", "", "1", "soon"], Some("KES"), "expected a day such as 2026-01-31 in `validFrom`"),
        ] {
            assert_eq!(read(&texts, currency).unwrap_err(), wrong);
        }
        assert!(Columns::of(&RawRow::of_texts(1, &["price"])).is_err());
    }
}
