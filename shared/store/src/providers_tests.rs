//! One active config per kind and channel, one default per channel, one config per name: also under races.

use futures::future::join_all;

use super::*;
use crate::testing;

fn config(number: u128, channel: Channel, kind: &str) -> ProviderConfig {
    let at = Timestamp::UNIX_EPOCH;
    ProviderConfig {
        id: ProviderId::new(at, number),
        org: OrgId::new(at, 1),
        channel,
        kind: kind.into(),
        name: format!("{number}"),
        credentials: String::new(),
        masked: BTreeMap::new(),
        settings: "{}".into(),
        sender_id: None,
        api_url: None,
        is_active: true,
        is_default: false,
        rate_per_minute: 60,
        retry_attempts: 3,
        batch_size: 1,
        unknown_policy: "HOLD".into(),
        smart: None,
        webhook_token: String::new(),
        violations: Vec::new(),
        paused: None,
        balance: None,
        last_test: None,
        version: 1,
        created_at: at,
        updated_at: at,
    }
}

fn changes(configs: &[ProviderConfig], new: &ProviderConfig) -> Vec<(String, bool, bool)> {
    displaced(configs, new).into_iter().map(|other| (other.name, other.is_active, other.is_default)).collect()
}

#[test]
fn an_active_config_displaces_the_one_of_its_kind_and_channel_alone() {
    let others = [
        config(1, Channel::Sms, "CUSTOM"),
        config(2, Channel::Sms, "TWILIO"),
        config(3, Channel::Email, "CUSTOM"),
        ProviderConfig { is_active: false, ..config(4, Channel::Sms, "CUSTOM") },
    ];
    let new = config(9, Channel::Sms, "CUSTOM");
    assert_eq!(changes(&others, &new), [("1".to_owned(), false, false)]);
    assert!(changes(&others, &ProviderConfig { is_active: false, ..new }).is_empty());
}

#[test]
fn a_default_displaces_the_default_of_its_channel_of_any_kind() {
    let default = |number, channel, kind| ProviderConfig { is_default: true, ..config(number, channel, kind) };
    let others = [default(1, Channel::Sms, "TWILIO"), default(2, Channel::Email, "SMTP")];
    let new = default(9, Channel::Sms, "CUSTOM");
    assert_eq!(changes(&others, &new), [("1".to_owned(), true, false)]);
    assert_eq!(displaced(&others, &new)[0].version, 2);
}

#[test]
fn a_config_does_not_displace_itself() {
    let one = ProviderConfig { is_default: true, ..config(1, Channel::Sms, "CUSTOM") };
    assert!(changes(std::slice::from_ref(&one), &one).is_empty());
}

/// Makes a config as the handler does: decides on the set, and again if another change was quicker.
async fn make(table: &Table, config: &ProviderConfig) -> Result<(), &'static str> {
    for _ in 0..100 {
        let set = set(table, config.org).await.unwrap();
        match table.transact(create(table, &set, config).unwrap()).await {
            Ok(()) => return Ok(()),
            Err(cancelled) if cancelled.failed(SET_WRITE) => {}
            Err(cancelled) if cancelled.failed(NAME_WRITE) => return Err("name"),
            Err(other) => panic!("{other:?}"),
        }
    }
    panic!("too many races")
}

#[tokio::test]
async fn however_many_are_made_at_once_one_is_active_and_one_the_default() {
    let table = testing::table().await;
    let configs: Vec<_> =
        (1..9).map(|number| ProviderConfig { is_default: true, ..config(number, Channel::Sms, "CUSTOM") }).collect();
    let made = join_all(configs.iter().map(|config| make(&table, config))).await;
    assert!(made.iter().all(Result::is_ok));
    let all = all(&table, configs[0].org).await.unwrap();
    assert_eq!(all.len(), 8);
    assert_eq!(all.iter().filter(|config| config.is_active).count(), 1);
    assert_eq!(all.iter().filter(|config| config.is_default).count(), 1);
    assert_eq!(org_of(&table, configs[3].id).await.unwrap(), Some(configs[3].org));
}

#[tokio::test]
async fn a_name_is_taken_until_its_config_is_renamed_or_removed() {
    let table = testing::table().await;
    let first = ProviderConfig { name: "Main".into(), ..config(1, Channel::Sms, "CUSTOM") };
    let second = ProviderConfig { name: " MAIN ".into(), ..config(2, Channel::Sms, "TWILIO") };
    make(&table, &first).await.unwrap();
    assert_eq!(make(&table, &second).await, Err("name"));

    let renamed = ProviderConfig { name: "Old".into(), version: 2, ..first.clone() };
    let before = set(&table, first.org).await.unwrap();
    table.transact(replace(&table, &before, &first, &renamed, false).unwrap()).await.unwrap();
    make(&table, &second).await.unwrap();
    let stale = table.transact(remove(&table, &before, &renamed).unwrap()).await.unwrap_err();
    assert!(stale.failed(SET_WRITE));

    let now = set(&table, first.org).await.unwrap();
    table.transact(remove(&table, &now, &second).unwrap()).await.unwrap();
    assert!(find(&table, first.org, second.id).await.unwrap().is_none());
    assert_eq!(org_of(&table, second.id).await.unwrap(), None);
    make(&table, &ProviderConfig { name: "main".into(), ..config(3, Channel::Sms, "CUSTOM") }).await.unwrap();
}

#[tokio::test]
async fn a_change_by_a_person_keeps_what_the_engine_noted_meanwhile() {
    let table = testing::table().await;
    let old = ProviderConfig { sender_id: Some("ACME".into()), ..config(1, Channel::Sms, "CUSTOM") };
    make(&table, &old).await.unwrap();
    let paused = Paused { reason: PauseReason::Credits, detail: "empty".into(), at: old.created_at };
    note(&table, old.org, old.id, "paused", Some(&paused)).await.unwrap();

    let new = ProviderConfig { sender_id: None, rate_per_minute: 7, version: 2, ..old.clone() };
    let current = set(&table, old.org).await.unwrap();
    table.transact(replace(&table, &current, &old, &new, false).unwrap()).await.unwrap();
    let stored = get(&table, old.org, old.id).await.unwrap();
    assert_eq!((stored.rate_per_minute, stored.sender_id.is_none(), stored.paused.is_some()), (7, true, true));

    let current = set(&table, old.org).await.unwrap();
    table.transact(replace(&table, &current, &new, &new, true).unwrap()).await.unwrap();
    assert!(get(&table, old.org, old.id).await.unwrap().paused.is_none());
}
