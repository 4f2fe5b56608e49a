//! Counters and entries against a recount, after random changes by several at once.

use super::*;
use crate::counters;

/// A small generator, so that a failure can be repeated by its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

#[tokio::test]
async fn counters_equal_a_recount_after_anything() {
    for seed in [1, 77] {
        let table = testing::table().await;
        let groups: Vec<groups::Group> = (0..3).map(|number| group(number, &format!("Group {number}"))).collect();
        for group in &groups {
            table.transact(groups::create(&table, org(), group).unwrap()).await.unwrap();
        }
        let workers = (0..4_u64).map(|worker| {
            let (table, groups) = (table.clone(), groups.clone());
            tokio::spawn(async move {
                let mut random = Random(seed * 1_000 + worker + 1);
                for step in 0..40 {
                    act(&table, &groups, &mut random, worker * 10_000 + step * 100).await;
                }
            })
        });
        for worker in join_all(workers).await {
            worker.unwrap();
        }
        recount(&table, &groups).await;
    }
}

async fn act(table: &Table, groups: &[groups::Group], random: &mut Random, fresh: u64) {
    let tags =
        |random: &mut Random| (0..random.below(3)).map(|_| format!("tag{}", random.below(4))).collect::<Vec<_>>();
    let group = groups[random.below(3) as usize].id;
    let known = collect(table, &Query::new(Filter::default()), 100).await;
    let any = |random: &mut Random| (!known.is_empty()).then(|| known[random.below(known.len() as u64) as usize]);
    match random.below(6) {
        0 | 1 => {
            let drafts: Vec<Draft> = (0..random.below(8))
                .map(|at| Draft {
                    tags: tags(random),
                    ..Draft { phone: Some(phone(random.below(40))), ..Draft::new(id(fresh + at)) }
                })
                .collect();
            let group = (random.below(2) == 0).then_some(group);
            let on_duplicate = if random.below(2) == 0 { OnDuplicate::Skip } else { OnDuplicate::Update };
            create_many(table, org(), &drafts, &Many { group, on_duplicate, now: now() }).await.unwrap();
        }
        2 => {
            let ids: Vec<ContactId> = (0..3).filter_map(|_| any(random)).collect();
            groups::add_members(table, org(), group, &ids).await.unwrap();
        }
        3 => {
            if let Some(id) = any(random) {
                groups::remove_member(table, org(), group, id).await.unwrap();
            }
        }
        4 => {
            if let Some(id) = any(random) {
                let (tags, to) = (tags(random), phone(random.below(40)));
                let changed = change(table, org(), id, now(), |contact| {
                    contact.tags.clone_from(&tags);
                    contact.phone = Some(to);
                    Ok(())
                });
                let _ = changed.await;
            }
        }
        _ => {
            if let Some(id) = any(random) {
                let _ = delete(table, org(), id, now()).await;
            }
        }
    }
}

async fn recount(table: &Table, groups: &[groups::Group]) {
    let contacts = all(table, org(), &Filter::default(), usize::MAX).await.unwrap().unwrap();
    assert_eq!(total(table, org(), &Filter::default()).await.unwrap(), Some(contacts.len() as u64));
    let phones: BTreeSet<Phone> = contacts.iter().filter_map(|contact| contact.phone).collect();
    assert_eq!(phones.len(), contacts.len(), "a number twice");
    let found = by_phones(table, org(), &phones.iter().copied().collect::<Vec<_>>()).await.unwrap();
    assert_eq!(found.len(), contacts.len());
    for tag in (0..4).map(|tag| format!("tag{tag}")) {
        let carriers = contacts.iter().filter(|contact| contact.tags.contains(&tag)).count();
        assert_eq!(
            counters::read_one(table, org(), &counters::names::tag(&tag)).await.unwrap(),
            carriers as u64,
            "{tag}"
        );
        let filter = Filter { tag: Some(tag), group: None };
        assert_eq!(collect(table, &Query::new(filter), 10).await.len(), carriers);
    }
    for group in groups {
        let members = groups::members(table, org(), group.id, None, 1_000).await.unwrap();
        assert_eq!(groups::count(table, org(), group.id).await.unwrap(), members.len() as u64);
        let pending = members.iter().filter(|member| member.pending).count() as u64;
        assert_eq!(groups::pending_counts(table, org(), &[group.id]).await.unwrap(), [pending]);
        for member in members {
            assert!(contacts.iter().any(|contact| contact.id == member.contact), "a deleted member");
            assert!(groups::of_contact(table, org(), member.contact, 10).await.unwrap().contains(&group.id));
        }
    }
    // No marker without its contact.
    let markers: Vec<(String, Pointer)> =
        table.range(&crate::Range::prefix(keys::phones(org()), "+", 1_000)).await.unwrap();
    assert_eq!(markers.len(), contacts.len());
    let entries: Vec<(String, Pointer)> =
        table.range(&crate::Range::prefix(keys::contact_indexes(org()), "", 10_000)).await.unwrap();
    assert_eq!(entries.len(), contacts.iter().map(|contact| entries::entries(contact).len() - 1).sum::<usize>());
}
