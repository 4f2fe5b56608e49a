//! Contacts on a real table.

mod reading;
mod recount;

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Error,
    id::{ContactId, GroupId, OrgId},
    phone::{Country, Phone},
};
use futures::future::join_all;
use jiff::Timestamp;

use super::*;
use crate::{groups, testing};

fn now() -> Timestamp {
    "2026-01-12T10:00:00Z".parse().unwrap()
}

fn org() -> OrgId {
    OrgId::new(now(), 1)
}

fn kenya() -> Country {
    Country::parse("KE").unwrap()
}

/// Ids one millisecond apart, so that their order is the order of `number`.
fn id(number: u64) -> ContactId {
    let at = Timestamp::from_millisecond(1_768_000_000_000 + number as i64).unwrap();
    ContactId::new(at, u128::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_0C31_8A4B_2D17))
}

fn phone(number: u64) -> Phone {
    Phone::parse(&format!("+2547{:08}", 10_000_000 + number), kenya()).unwrap()
}

fn draft(number: u64, name: &str) -> Draft {
    Draft { name: Some(name.into()), phone: Some(phone(number)), ..Draft::new(id(number)) }
}

fn group(number: u128, name: &str) -> groups::Group {
    groups::Group {
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

async fn make(table: &Table, draft: Draft) -> Contact {
    let contact = draft.into_contact(org(), now());
    table.transact(create(table, &contact).unwrap()).await.unwrap();
    contact
}

fn many(group: Option<GroupId>) -> Many {
    Many { group, on_duplicate: OnDuplicate::Skip, now: now() }
}

async fn collect(table: &Table, query: &Query, limit: usize) -> Vec<ContactId> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = list(table, org(), query, after, limit).await.unwrap();
        assert!(page.rows.len() <= limit);
        found.extend(page.rows.iter().map(|contact| contact.id));
        match page.next {
            None => return found,
            next => after = next,
        }
    }
}

#[tokio::test]
async fn one_number_is_one_contact_however_many_create_it_at_once() {
    let table = testing::table().await;
    let tasks = (0..32).map(|number| {
        let table = table.clone();
        tokio::spawn(async move {
            let contact = Draft { phone: Some(phone(7)), ..Draft::new(id(number)) }.into_contact(org(), now());
            match table.transact(create(&table, &contact).unwrap()).await {
                Ok(()) => true,
                Err(cancelled) => {
                    assert!(cancelled.failed(0), "{cancelled:?}");
                    false
                }
            }
        })
    });
    let made = join_all(tasks).await.into_iter().filter(|made| *made.as_ref().unwrap()).count();
    assert_eq!(made, 1);
    assert_eq!(total(&table, org(), &Filter::default()).await.unwrap(), Some(1));
    assert_eq!(collect(&table, &Query::new(Filter::default()), 10).await.len(), 1);
}

#[tokio::test]
async fn two_imports_of_the_same_file_at_once_make_each_contact_once_and_all_join() {
    let table = testing::table().await;
    let parents = group(1, "Parents");
    table.transact(groups::create(&table, org(), &parents).unwrap()).await.unwrap();
    let calls = (0..4_u64).map(|call| {
        let table = table.clone();
        tokio::spawn(async move {
            let drafts: Vec<Draft> = (0..100)
                .map(|row| Draft {
                    phone: Some(phone(row)),
                    name: Some(format!("Person {row}")),
                    ..Draft::new(id(call * 1_000 + row))
                })
                .collect();
            create_many(&table, org(), &drafts, &many(Some(parents.id))).await.unwrap()
        })
    });
    let parents = GroupId::new(now(), 1);
    let outcomes: Vec<Vec<Outcome>> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    for row in 0..100 {
        let created = outcomes.iter().filter(|call| call[row].is_created()).count();
        assert_eq!(created, 1, "row {row}");
        let ids: BTreeSet<_> = outcomes.iter().map(|call| call[row].id()).collect();
        assert_eq!(ids.len(), 1, "row {row}");
    }
    assert_eq!(groups::count(&table, org(), parents).await.unwrap(), 100);
    assert_eq!(groups::members(&table, org(), parents, None, 1_000).await.unwrap().len(), 100);
    assert_eq!(total(&table, org(), &Filter::default()).await.unwrap(), Some(100));
}

#[tokio::test]
async fn a_repetition_with_the_same_ids_gives_the_same_answer() {
    let table = testing::table().await;
    let mut drafts: Vec<Draft> = (0..40).map(|number| draft(number, "A B")).collect();
    drafts.push(Draft { phone: Some(phone(3)), ..Draft::new(id(50)) });
    drafts.push(Draft { email: Some("a@b.example".into()), ..Draft::new(id(51)) });
    drafts.push(Draft { email: Some("a@b.example".into()), ..Draft::new(id(52)) });
    let first = create_many(&table, org(), &drafts, &many(None)).await.unwrap();
    assert_eq!(first.iter().filter(|outcome| outcome.is_created()).count(), 41);
    assert_eq!(first[40], Outcome::Existing(id(3)));
    assert_eq!(first[42], Outcome::Existing(id(51)));
    assert_eq!(create_many(&table, org(), &drafts, &many(None)).await.unwrap(), first);
    // Another file with the same people, the last without a number.
    let again: Vec<Draft> =
        drafts.iter().enumerate().map(|(at, draft)| Draft { id: id(900 + at as u64), ..draft.clone() }).collect();
    let again = create_many(&table, org(), &again, &many(None)).await.unwrap();
    assert!(again.iter().all(|outcome| !outcome.is_created()));
    assert_eq!(total(&table, org(), &Filter::default()).await.unwrap(), Some(41));
}

#[tokio::test]
async fn duplicates_are_skipped_or_taken_over() {
    let table = testing::table().await;
    make(&table, Draft { tags: vec!["VIP".into()], ..draft(1, "Amina Otieno") }).await;
    let new = Draft {
        id: id(2),
        name: Some("Amina W. Otieno".into()),
        email: Some("amina@example.com".into()),
        tags: vec!["vip".into(), "Choir".into()],
        attributes: BTreeMap::from([("class".into(), "4B".into())]),
        ..draft(1, "")
    };
    let outcomes = create_many(&table, org(), std::slice::from_ref(&new), &many(None)).await.unwrap();
    assert_eq!(outcomes, [Outcome::Existing(id(1))]);
    assert_eq!(get(&table, org(), id(1)).await.unwrap().name.as_deref(), Some("Amina Otieno"));
    let update = Many { on_duplicate: OnDuplicate::Update, ..many(None) };
    let outcomes = create_many(&table, org(), &[new], &update).await.unwrap();
    assert_eq!(outcomes, [Outcome::Updated(id(1))]);
    let contact = get(&table, org(), id(1)).await.unwrap();
    assert_eq!(contact.name.as_deref(), Some("Amina W. Otieno"));
    assert_eq!(contact.tags, ["VIP", "Choir"]);
    assert_eq!(contact.attributes["class"].to_string(), "4B");
    let tagged = |tag: &str| Filter { tag: Some(tag.into()), group: None };
    assert_eq!(total(&table, org(), &tagged("VIP")).await.unwrap(), Some(1));
    assert_eq!(total(&table, org(), &tagged("choir")).await.unwrap(), Some(1));
    assert_eq!(collect(&table, &Query::new(tagged("CHOIR")), 5).await, [id(1)]);
}

#[tokio::test]
async fn contacts_with_all_that_they_may_have_fit_their_transactions() {
    let table = testing::table().await;
    let parents = group(1, "Parents");
    table.transact(groups::create(&table, org(), &parents).unwrap()).await.unwrap();
    let tags = |from: usize| (from..from + MAX_TAGS).map(|tag| format!("tag {tag}")).collect::<Vec<_>>();
    let full = |number: u64| Draft {
        email: Some(format!("person{number}@example.com")),
        tags: tags(number as usize * MAX_TAGS),
        ..draft(number, "one two three four five six seven eight nine")
    };
    let drafts: Vec<Draft> = (0..20).map(full).collect();
    let outcomes = create_many(&table, org(), &drafts, &many(Some(parents.id))).await.unwrap();
    assert!(outcomes.iter().all(|outcome| outcome.is_created()));
    let changed = change(&table, org(), id(3), now(), |contact| {
        contact.name = Some("a b c d e f g h i".into());
        contact.email = Some("other@example.com".into());
        contact.phone = Some(phone(999));
        contact.tags = tags(5_000);
        Ok(())
    });
    changed.await.unwrap();
    delete(&table, org(), id(3), now()).await.unwrap();
    assert_eq!(groups::count(&table, org(), parents.id).await.unwrap(), 19);
}

#[tokio::test]
async fn deleting_frees_the_number_and_leaves_the_groups() {
    let table = testing::table().await;
    let groups: Vec<groups::Group> = (0..25).map(|number| group(number, &format!("Group {number}"))).collect();
    make(&table, draft(1, "Amina Otieno")).await;
    for group in &groups {
        table.transact(groups::create(&table, org(), group).unwrap()).await.unwrap();
        groups::add_members(&table, org(), group.id, &[id(1)]).await.unwrap();
    }
    delete(&table, org(), id(1), now()).await.unwrap();
    assert!(matches!(delete(&table, org(), id(1), now()).await, Err(Error::NotFound { .. })));
    assert!(matches!(get(&table, org(), id(1)).await, Err(Error::NotFound { .. })));
    assert_eq!(get_many(&table, org(), &[id(1)]).await.unwrap(), [None]);
    assert!(by_phones(&table, org(), &[phone(1)]).await.unwrap().is_empty());
    let kept = deleted(&table, org(), id(1)).await.unwrap().unwrap();
    assert_eq!((kept.contact.name.as_deref(), kept.deleted_at), (Some("Amina Otieno"), now()));
    for group in &groups {
        assert_eq!(groups::count(&table, org(), group.id).await.unwrap(), 0);
        assert!(groups::members(&table, org(), group.id, None, 10).await.unwrap().is_empty());
    }
    assert!(groups::of_contact(&table, org(), id(1), 10).await.unwrap().is_empty());
    assert!(collect(&table, &Query::search("amina", kenya(), Filter::default()), 5).await.is_empty());
    let second = make(&table, Draft { id: id(2), ..draft(1, "Brian") }).await;
    let found = by_phones(&table, org(), &[phone(1)]).await.unwrap();
    assert_eq!(found[&phone(1)].id, second.id);
}

#[tokio::test]
async fn changes_at_the_same_time_all_count_and_numbers_stay_unique() {
    let table = testing::table().await;
    make(&table, draft(1, "Amina")).await;
    make(&table, draft(2, "Brian")).await;
    let tasks = (0..10).map(|number| {
        let table = table.clone();
        tokio::spawn(async move {
            change(&table, org(), id(1), now(), |contact| {
                contact.tags.push(format!("tag{number}"));
                Ok(())
            })
            .await
            .unwrap()
        })
    });
    join_all(tasks).await;
    let contact = get(&table, org(), id(1)).await.unwrap();
    assert_eq!((contact.tags.len(), contact.version), (10, 10));
    for tag in &contact.tags {
        let filter = Filter { tag: Some(tag.clone()), group: None };
        assert_eq!(total(&table, org(), &filter).await.unwrap(), Some(1));
    }
    let taken = change(&table, org(), id(1), now(), |contact| {
        contact.phone = Some(phone(2));
        Ok(())
    });
    assert!(matches!(taken.await, Err(Error::Conflict { code: "phone_taken", .. })));
    let moved = change(&table, org(), id(1), now(), |contact| {
        contact.phone = Some(phone(3));
        Ok(())
    });
    moved.await.unwrap();
    make(&table, Draft { id: id(4), ..draft(1, "Carol") }).await;
}
