//! Lists of suppressions: all, newest first; and by the beginning of an address.

use domain::{
    Result,
    id::{OrgId, SuppressionId},
    suppression::{SuppressedChannel, SuppressionReason},
};

use super::{Marker, Suppression, by_ids};
use crate::{
    keys,
    page::{self, Page},
    range::Range,
    table::Table,
};

/// Which suppressions. All that is set must hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// For this channel (`ALL` are those for all channels).
    pub channel: Option<SuppressedChannel>,
    /// For this reason.
    pub reason: Option<SuppressionReason>,
}

impl Filter {
    fn keeps(self, suppression: &Suppression) -> bool {
        self.channel.is_none_or(|channel| suppression.channel == channel)
            && self.reason.is_none_or(|reason| suppression.reason == reason)
    }

    /// Whether it lets all through.
    pub fn is_empty(self) -> bool {
        self.channel.is_none() && self.reason.is_none()
    }
}

/// A page of suppressions, newest first.
pub async fn list(
    table: &Table,
    org: OrgId,
    filter: Filter,
    after: Option<String>,
    limit: usize,
) -> Result<Page<Suppression>> {
    let range = Range::prefix(keys::suppressions(org), keys::SUPPRESSIONS, limit).backward().after(after);
    page::read(table, range, limit, !filter.is_empty(), |suppression: &Suppression| filter.keeps(suppression)).await
}

/// A page of the suppressions whose address begins with `prefix`, by address. May be short while there is a next one.
pub async fn search(
    table: &Table,
    org: OrgId,
    prefix: &str,
    filter: Filter,
    after: Option<String>,
    limit: usize,
) -> Result<Page<Suppression>> {
    let mut range = Range::prefix(keys::suppressed_addresses(org), prefix, limit + 1);
    // The place to go on at is an address and how many of its suppressions were shown.
    let place = after.as_deref().and_then(|after| after.rsplit_once('|'));
    let (address, shown) = place.map_or(("", 0), |(address, shown)| (address, shown.parse().unwrap_or(0)));
    if !address.is_empty() {
        range.low = address.to_owned();
    }
    let markers: Vec<(String, Marker)> = table.range(&range).await?;
    let mut more = markers.len() == range.limit;
    let end = markers.last().map(|(address, marker)| format!("{address}|{}", marker.ids().len()));
    let mut found: Vec<(String, SuppressionId)> = markers
        .into_iter()
        .flat_map(|(at, marker)| {
            let skip = if at == address { shown } else { 0 };
            let ids = marker.ids().into_iter().enumerate().skip(skip);
            ids.map(|(index, id)| (format!("{at}|{}", index + 1), id)).collect::<Vec<_>>()
        })
        .collect();
    more |= found.len() > limit;
    found.truncate(limit);
    let next = if found.len() == limit { found.last().map(|(place, _)| place.clone()) } else { end };
    let ids: Vec<SuppressionId> = found.into_iter().map(|(_, id)| id).collect();
    let rows = by_ids(table, org, &ids).await?.into_iter().filter(|one| filter.keeps(one)).collect();
    Ok(Page { rows, next: next.filter(|_| more) })
}

/// All that the filter lets through, newest first; `None` if there are more than `most`.
pub async fn all(table: &Table, org: OrgId, filter: Filter, most: usize) -> Result<Option<Vec<Suppression>>> {
    let range = Range::prefix(keys::suppressions(org), keys::SUPPRESSIONS, most + 1).backward();
    let found: Vec<(String, Suppression)> = table.range(&range).await?;
    let too_many = found.len() > most;
    let rows = found.into_iter().map(|(_, one)| one).filter(|one| filter.keeps(one)).collect();
    Ok((!too_many).then_some(rows))
}
