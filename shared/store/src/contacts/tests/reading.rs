//! Lists, search, and who may see what.

use super::*;

#[tokio::test]
async fn pages_go_through_all_shards_without_gaps_or_repeats() {
    let table = testing::table().await;
    let drafts: Vec<Draft> = (0..230)
        .map(|number| Draft {
            tags: if number % 3 == 0 { vec!["third".into()] } else { Vec::new() },
            ..draft(number, "X")
        })
        .collect();
    let choir = group(1, "Choir");
    table.transact(groups::create(&table, org(), &choir).unwrap()).await.unwrap();
    create_many(&table, org(), &drafts[..115], &many(None)).await.unwrap();
    create_many(&table, org(), &drafts[115..], &many(Some(choir.id))).await.unwrap();
    let newest_first =
        |wanted: &dyn Fn(u64) -> bool| (0..230).rev().filter(|number| wanted(*number)).map(id).collect::<Vec<_>>();
    let third = Filter { tag: Some("Third".into()), group: None };
    let in_choir = Filter { tag: None, group: Some(choir.id) };
    let both = Filter { tag: Some("third".into()), group: Some(choir.id) };
    for limit in [1, 7, 25, 100, 230] {
        if limit > 1 {
            assert_eq!(collect(&table, &Query::new(Filter::default()), limit).await, newest_first(&|_| true));
        }
        assert_eq!(collect(&table, &Query::new(third.clone()), limit).await, newest_first(&|n| n % 3 == 0));
        assert_eq!(collect(&table, &Query::new(in_choir.clone()), limit).await, newest_first(&|n| n >= 115));
        assert_eq!(collect(&table, &Query::new(both.clone()), limit).await, newest_first(&|n| n >= 115 && n % 3 == 0));
        let mut members = Vec::new();
        loop {
            let after = members.last().map(ContactId::to_string);
            let part = groups::members(&table, org(), choir.id, after, limit).await.unwrap();
            members.extend(part.iter().map(|member| member.contact));
            if part.len() < limit {
                break;
            }
        }
        assert_eq!(members, (115..230).map(id).collect::<Vec<_>>());
    }
    assert_eq!(total(&table, org(), &third).await.unwrap(), Some(77));
    assert_eq!(total(&table, org(), &in_choir).await.unwrap(), Some(115));
    assert_eq!(total(&table, org(), &both).await.unwrap(), None);
    let ids = |found: Option<Vec<Contact>>| {
        found.map(|found| found.into_iter().map(|contact| contact.id).collect::<Vec<_>>())
    };
    assert_eq!(ids(all(&table, org(), &both, 1_000).await.unwrap()), Some(newest_first(&|n| n >= 115 && n % 3 == 0)));
    assert_eq!(ids(all(&table, org(), &Filter::default(), 230).await.unwrap()), Some(newest_first(&|_| true)));
    assert_eq!(ids(all(&table, org(), &Filter::default(), 229).await.unwrap()), None);
}

#[tokio::test]
async fn search_finds_words_numbers_and_addresses_by_their_beginning() {
    let table = testing::table().await;
    make(&table, Draft { email: Some("zed@example.com".into()), ..draft(1, "Wanjikũ Otieno") }).await;
    make(&table, draft(2, "Otieno Otis Wanyama")).await;
    make(&table, Draft { email: Some("otieno@example.com".into()), phone: None, ..draft(3, "Carol") }).await;
    make(&table, Draft { tags: vec!["vip".into()], ..draft(4, "Brian Ot") }).await;
    let find = async |text: &str, filter: Filter| {
        let query = Query::search(text, kenya(), filter);
        let mut pages = Vec::new();
        for limit in [1, 2, 10] {
            let found = collect(&table, &query, limit).await;
            let unique: BTreeSet<_> = found.iter().collect();
            assert_eq!(unique.len(), found.len(), "{text}: repeats");
            let mut sorted = found;
            sorted.sort_unstable();
            pages.push(sorted);
        }
        assert!(pages.windows(2).all(|pair| pair[0] == pair[1]), "{text}");
        pages.pop().unwrap()
    };
    let none = Filter::default;
    assert_eq!(find("ot", none()).await, [id(1), id(2), id(3), id(4)]);
    assert_eq!(find("OTIENO", none()).await, [id(1), id(2), id(3)]);
    assert_eq!(find("wan ot", none()).await, [id(1), id(2)]);
    assert_eq!(find("otieno wanjiku", none()).await, [id(1)]);
    assert_eq!(find("otieno wanjiku x", none()).await, []);
    assert_eq!(find("zed@", none()).await, [id(1)]);
    assert_eq!(find("Zed@Example.com", none()).await, [id(1)]);
    assert_eq!(find("ot", Filter { tag: Some("VIP".into()), group: None }).await, [id(4)]);
    let number = phone(2).to_string();
    for text in
        [number.as_str(), &number[1..], &number[..12], &format!("0{}", &number[4..]), &format!("0{}", &number[4..12])]
    {
        assert!(find(text, none()).await.contains(&id(2)), "a form of the number");
    }
    assert_eq!(find(&number, none()).await, [id(2)]);
    assert_eq!(find(&format!("{} {}", &number[..7], &number[7..]), none()).await, [id(2)]);
    assert_eq!(find("", none()).await, []);
    assert_eq!(find("nobody", none()).await, []);
}

#[tokio::test]
async fn other_organizations_see_nothing() {
    let table = testing::table().await;
    make(&table, draft(1, "Amina")).await;
    let other = OrgId::new(now(), 2);
    assert!(matches!(get(&table, other, id(1)).await, Err(Error::NotFound { .. })));
    assert!(list(&table, other, &Query::new(Filter::default()), None, 10).await.unwrap().rows.is_empty());
    assert!(by_phones(&table, other, &[phone(1)]).await.unwrap().is_empty());
    let same = draft(1, "Amina").into_contact(other, now());
    table.transact(create(&table, &same).unwrap()).await.unwrap();
}
