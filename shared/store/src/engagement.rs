//! What recipients did with a message: opens and clicks. One small item for each recipient who did anything, so storing it
//! costs one write unit, and a message that nobody opens costs nothing.
//!
//! Invariant: what is told twice counts once. What counts is newer than all that counted before it; so a report that comes
//! late, behind a newer one, is not counted either.

use domain::{
    Result,
    engagement::EngagementKind,
    id::{MessageId, OrgId},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{keys, range::Range, table::Table, update::Update};

/// What one recipient did. Times are epoch seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Engagement {
    /// When it was first opened, of what was told.
    pub first_opened: Option<i64>,
    /// When it was last opened.
    pub last_opened: Option<i64>,
    /// How often.
    pub opens: u32,
    /// When a link was first followed.
    pub first_clicked: Option<i64>,
    /// When one was last followed.
    pub last_clicked: Option<i64>,
    /// How often.
    pub clicks: u32,
    /// The link that was last followed, without what is personal.
    pub last_link: Option<String>,
}

/// How many recipients of a message did what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "EngagementCounts")]
pub struct EngagementCounts {
    /// Recipients who opened it.
    pub opened: u64,
    /// Recipients who followed a link.
    pub clicked: u64,
}

/// One thing that somebody did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engaged {
    /// What.
    pub kind: EngagementKind,
    /// When.
    pub at: Timestamp,
    /// Which link, for a click.
    pub link: Option<String>,
}

/// Notes what a recipient did. `false`: it is known, or something newer is.
pub async fn note(
    table: &Table,
    org: OrgId,
    message: MessageId,
    chunk: u32,
    index: usize,
    engaged: &Engaged,
) -> Result<bool> {
    let at = engaged.at.as_second();
    let (first, last, count) = match engaged.kind {
        EngagementKind::Opened => ("firstOpened", "lastOpened", "opens"),
        EngagementKind::Clicked => ("firstClicked", "lastClicked", "clicks"),
    };
    let update = Update::of(keys::engagement(org, message, chunk, index))
        .set_once(first, at)
        .set(last, at)
        .add(count, 1)
        .if_absent_or_below(last, at);
    let update = match &engaged.link {
        Some(link) => update.set("lastLink", link),
        None => update,
    };
    table.update(update).await
}

/// What a recipient did.
pub async fn get(
    table: &Table,
    org: OrgId,
    message: MessageId,
    chunk: u32,
    index: usize,
) -> Result<Option<Engagement>> {
    table.get(&keys::engagement(org, message, chunk, index)).await
}

/// How many recipients did what. Reads an item for each of them; ask for it only where there are some.
pub async fn fold(table: &Table, org: OrgId, message: MessageId, chunks: Option<u32>) -> Result<EngagementCounts> {
    let range = Range::prefix(keys::boards(org, message, chunks), keys::ENGAGEMENTS, usize::MAX / 2).eventually();
    let found: Vec<(String, Engagement)> = table.range(&range).await?;
    let count = |did: fn(&Engagement) -> bool| found.iter().filter(|(_, one)| did(one)).count() as u64;
    Ok(EngagementCounts {
        // A link cannot be followed unopened; pictures may have been blocked.
        opened: count(|one| one.opens > 0 || one.clicks > 0),
        clicked: count(|one| one.clicks > 0),
    })
}

/// Notes on the message that something was told of it. `false`: that is noted already.
pub async fn mark(table: &Table, org: OrgId, message: MessageId) -> Result<bool> {
    let update = Update::of(keys::message(org, message)).set("engagement", EngagementCounts::default());
    table.update(update.if_exists().if_unset("engagement")).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn engaged(kind: EngagementKind, at: i64, link: Option<&str>) -> Engaged {
        Engaged { kind, at: Timestamp::from_second(at).unwrap(), link: link.map(str::to_owned) }
    }

    #[tokio::test]
    async fn what_is_told_twice_counts_once_and_the_last_link_stays() {
        let table = testing::table().await;
        let (org, message) = (OrgId::new(Timestamp::UNIX_EPOCH, 1), MessageId::generate(Timestamp::UNIX_EPOCH, 7));
        let (opened, clicked) = (EngagementKind::Opened, EngagementKind::Clicked);
        for (told, counts) in [
            (engaged(opened, 10, None), true),
            (engaged(opened, 10, None), false),
            (engaged(opened, 12, None), true),
            (engaged(opened, 11, None), false),
            (engaged(clicked, 11, Some("https://a.example/1")), true),
            (engaged(clicked, 13, Some("https://a.example/2")), true),
            (engaged(clicked, 13, Some("https://a.example/2")), false),
        ] {
            assert_eq!(note(&table, org, message, 3, 7, &told).await.unwrap(), counts, "{told:?}");
        }
        note(&table, org, message, 20, 0, &engaged(opened, 1, None)).await.unwrap();
        let expected = Engagement {
            first_opened: Some(10),
            last_opened: Some(12),
            opens: 2,
            first_clicked: Some(11),
            last_clicked: Some(13),
            clicks: 2,
            last_link: Some("https://a.example/2".into()),
        };
        assert_eq!(get(&table, org, message, 3, 7).await.unwrap(), Some(expected));
        assert_eq!(get(&table, org, message, 3, 8).await.unwrap(), None);
        let counts = EngagementCounts { opened: 2, clicked: 1 };
        assert_eq!(fold(&table, org, message, None).await.unwrap(), counts);
    }

    #[test]
    fn a_recipient_is_one_write_unit() {
        let (org, message) = (OrgId::new(Timestamp::UNIX_EPOCH, 1), MessageId::generate(Timestamp::UNIX_EPOCH, 7));
        let key = keys::engagement(org, message, 99_999_999, 499);
        // Seven names, six numbers and a link of 200 characters of up to three bytes.
        assert!(key.pk.len() + key.sk.len() + 4 + 80 + 6 * 8 + 600 <= 1_024);
    }
}
