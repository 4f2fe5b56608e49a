//! Groups on a real table.

use domain::id::{ContactId, GroupId, MessageId, OrgId};
use futures::future::join_all;
use jiff::Timestamp;

use super::*;
use crate::{
    contacts::{self, Draft, Many, OnDuplicate},
    testing,
};

fn now() -> Timestamp {
    "2026-01-12T10:00:00Z".parse().unwrap()
}

fn org() -> OrgId {
    OrgId::new(now(), 1)
}

fn group(number: u128, name: &str) -> Group {
    Group {
        id: GroupId::new(now(), number),
        org: org(),
        name: name.into(),
        description: None,
        double_opt_in: false,
        confirmation_template: None,
        created_by: "usr_x".into(),
        created_at: now(),
        updated_at: now(),
    }
}

fn contact(number: u128) -> ContactId {
    ContactId::new(now(), number)
}

async fn make(table: &Table, number: u128, name: &str) -> Result<Group, Cancelled> {
    let group = group(number, name);
    table.transact(create(table, org(), &group).unwrap()).await?;
    Ok(group)
}

async fn people(table: &Table, count: u128, group: Option<GroupId>) -> Vec<ContactId> {
    let drafts: Vec<Draft> = (0..count)
        .map(|number| Draft { email: Some(format!("p{number}@example.com")), ..Draft::new(contact(number)) })
        .collect();
    let many = Many { group, on_duplicate: OnDuplicate::Skip, now: now() };
    contacts::create_many(table, org(), &drafts, &many).await.unwrap();
    drafts.into_iter().map(|draft| draft.id).collect()
}

#[tokio::test]
async fn names_are_unique_whatever_their_case() {
    let table = testing::table().await;
    let parents = make(&table, 1, "Parents").await.unwrap();
    assert!(make(&table, 2, " PARENTS ").await.unwrap_err().failed(0));
    let choir = make(&table, 3, "Choir").await.unwrap();
    let rename = |id, name: &'static str| {
        let table = &table;
        async move {
            change(table, org(), id, now(), |group| {
                group.name = name.into();
                Ok(())
            })
            .await
        }
    };
    assert!(matches!(rename(choir.id, "parents").await, Err(Error::Conflict { code: "group_name_taken", .. })));
    assert_eq!(rename(parents.id, "PARENTS").await.unwrap().name, "PARENTS");
    assert_eq!(rename(parents.id, "Mothers").await.unwrap().name, "Mothers");
    make(&table, 4, "parents").await.unwrap();
    assert_eq!(by_name(&table, org(), "mothers").await.unwrap().unwrap().id, parents.id);
    assert_eq!(total(&table, org()).await.unwrap(), 3);
    let page = list(&table, org(), None, 2).await.unwrap();
    assert_eq!(page.rows.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["parents", "Choir"]);
    assert!(page.next.is_some());
}

#[tokio::test]
async fn one_name_is_one_group_however_many_create_it_at_once() {
    let table = testing::table().await;
    let made = join_all((0..16).map(|number| make(&table, number, "Parents"))).await;
    assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1);
    assert_eq!(total(&table, org()).await.unwrap(), 1);
}

#[tokio::test]
async fn joining_twice_counts_once_also_at_the_same_time() {
    let table = testing::table().await;
    let group = make(&table, 1, "Parents").await.unwrap();
    let ids = people(&table, 60, None).await;
    let twice: Vec<ContactId> = ids.iter().chain(&ids).copied().chain([contact(999)]).collect();
    let added = join_all((0..6).map(|_| add_members(&table, org(), group.id, &twice))).await;
    let added: Vec<Added> = added.into_iter().map(Result::unwrap).collect();
    assert_eq!(added.iter().map(|added| added.added.len()).sum::<usize>(), 60);
    assert!(added.iter().all(|added| added.missing == [contact(999)]));
    assert_eq!(count(&table, org(), group.id).await.unwrap(), 60);
    let left = join_all((0..4).map(|_| remove_member(&table, org(), group.id, ids[0]))).await;
    assert_eq!(left.into_iter().filter(|left| *left.as_ref().unwrap()).count(), 1);
    assert_eq!(counts(&table, org(), &[group.id]).await.unwrap(), [59]);
    assert_eq!(is_member(&table, org(), group.id, &ids[..2]).await.unwrap(), [false, true]);
}

#[tokio::test]
async fn deleting_goes_on_where_a_crash_left_it() {
    let table = testing::table().await;
    let group = make(&table, 1, "Parents").await.unwrap();
    let ids = people(&table, 50, Some(group.id)).await;
    delete(&table, org(), group.id, now()).await.unwrap();
    assert!(find(&table, org(), group.id).await.unwrap().is_none());
    assert_eq!(total(&table, org()).await.unwrap(), 0);
    assert!(!clean(&table, org(), group.id, 20).await.unwrap());
    // The same request again goes on with it, and the sweep would find it.
    delete(&table, org(), group.id, now()).await.unwrap();
    let later = now() + jiff::SignedDuration::from_mins(5);
    let due = messages::due(&table, group.id.shard(keys::DUE_SHARDS), later).await.unwrap();
    assert_eq!(due[0].id, group.id.to_string());
    while !clean(&table, org(), group.id, 20).await.unwrap() {}
    assert!(messages::due(&table, group.id.shard(keys::DUE_SHARDS), later).await.unwrap().is_empty());
    assert!(matches!(delete(&table, org(), group.id, now()).await, Err(Error::NotFound { .. })));
    assert!(members(&table, org(), group.id, None, 10).await.unwrap().is_empty());
    for id in &ids {
        assert!(of_contact(&table, org(), *id, 10).await.unwrap().is_empty());
    }
    assert_eq!(contacts::total(&table, org(), &contacts::Filter::default()).await.unwrap(), Some(50));
    assert_eq!(deleted(&table, org(), group.id).await.unwrap().unwrap().group.name, "Parents");
    make(&table, 2, "Parents").await.unwrap();
}

#[tokio::test]
async fn a_contact_is_not_deleted_while_it_joins() {
    let table = testing::table().await;
    let group = make(&table, 1, "Parents").await.unwrap();
    let ids = people(&table, 24, None).await;
    let joins = ids.iter().map(|id| add_members(&table, org(), group.id, std::slice::from_ref(id)));
    let deletions = ids.iter().map(|id| contacts::delete(&table, org(), *id, now()));
    let (joined, deleted) = futures::join!(join_all(joins), join_all(deletions));
    assert!(joined.iter().all(Result::is_ok) && deleted.iter().all(Result::is_ok));
    assert_eq!(count(&table, org(), group.id).await.unwrap(), 0);
    assert!(members(&table, org(), group.id, None, 100).await.unwrap().is_empty());
}

#[tokio::test]
async fn pending_members_are_counted_asked_once_and_confirm_once() {
    let table = testing::table().await;
    let wary = Group { double_opt_in: true, ..group(1, "Wary") };
    table.transact(create(&table, org(), &wary).unwrap()).await.unwrap();
    let before = people(&table, 3, None).await;
    add_members(&table, org(), wary.id, &before).await.unwrap();
    let drafts: Vec<Draft> = (10..15).map(|number| Draft::new(contact(number))).collect();
    let many = Many { group: Some(wary.id), on_duplicate: OnDuplicate::Skip, now: now() };
    contacts::create_many(&table, org(), &drafts, &many).await.unwrap();
    let pending = async || pending_counts(&table, org(), &[wary.id]).await.unwrap()[0];
    assert_eq!((count(&table, org(), wary.id).await.unwrap(), pending().await), (8, 8));

    let [first, second] = [1, 2].map(|number| MessageId::new(now(), number << 32));
    let asked = join_all(
        (0..8).map(|number| ask(&table, org(), wary.id, before[0], if number % 2 == 0 { first } else { second })),
    );
    let asked: Vec<bool> = asked.await.into_iter().map(Result::unwrap).collect();
    assert_eq!(
        asked.iter().filter(|asked| **asked).count(),
        4,
        "one of the messages asks, however often it tries: {asked:?}"
    );
    assert!(ask(&table, org(), wary.id, before[1], first).await.unwrap());
    assert!(!ask(&table, org(), wary.id, before[1], second).await.unwrap());
    assert!(!ask(&table, org(), wary.id, contact(99), first).await.unwrap(), "no member");

    assert_eq!(waiting(&table, org(), before[0]).await.unwrap(), [wary.id]);
    assert_eq!(waiting(&table, org(), before[2]).await.unwrap(), [], "nobody asked");
    let confirmed = join_all((0..4).map(|_| confirm(&table, org(), wary.id, before[0]))).await;
    assert_eq!(confirmed.into_iter().filter(|confirmed| *confirmed.as_ref().unwrap()).count(), 1);
    assert_eq!(pending().await, 7);
    assert!(!ask(&table, org(), wary.id, before[0], first).await.unwrap(), "they confirmed");

    // Whoever leaves, confirmed or not, and whoever confirms while being deleted or taken out, is counted right.
    assert!(remove_member(&table, org(), wary.id, before[0]).await.unwrap());
    assert!(remove_member(&table, org(), wary.id, before[1]).await.unwrap());
    assert_eq!((count(&table, org(), wary.id).await.unwrap(), pending().await), (6, 6));
    let confirms = join_all((10..15).map(|number| confirm(&table, org(), wary.id, contact(number))));
    let deletions = join_all((10..13).map(|number| contacts::delete(&table, org(), contact(number), now())));
    let removals = join_all((13..15).map(|number| remove_member(&table, org(), wary.id, contact(number))));
    let (_, deleted, removed) = futures::join!(confirms, deletions, removals);
    assert!(deleted.iter().all(Result::is_ok) && removed.iter().all(|removed| *removed.as_ref().unwrap()));
    assert_eq!((count(&table, org(), wary.id).await.unwrap(), pending().await), (1, 1));

    // Asking for less does not confirm who is there, and does not ask who comes.
    change(&table, org(), wary.id, now(), |group| {
        group.double_opt_in = false;
        Ok(())
    })
    .await
    .unwrap();
    add_members(&table, org(), wary.id, &before[..1]).await.unwrap();
    assert_eq!((count(&table, org(), wary.id).await.unwrap(), pending().await), (2, 1));
    assert_eq!(pending_among(&table, org(), wary.id, &before).await.unwrap()[0].contact, before[2]);
}
