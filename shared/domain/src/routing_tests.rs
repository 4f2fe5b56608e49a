//! Tests of routing.

use jiff::Timestamp;

use super::*;

fn id(number: u128) -> ProviderId {
    ProviderId::new(Timestamp::UNIX_EPOCH, number)
}

fn candidate(number: u128, price: Option<&str>, delivery_rate: Option<f64>) -> Candidate {
    let price = price.map(|price| price.parse().unwrap());
    Candidate { id: id(number), name: format!("P{number}"), price, delivery_rate, is_fallback: true, barred: None }
}

fn rule(strategy: Strategy, destinations: &[&str], providers: &[(u128, u32)]) -> Rule {
    Rule {
        id: RoutingRuleId::new(Timestamp::UNIX_EPOCH, 1),
        name: "R".into(),
        position: 1,
        is_active: true,
        channel: Channel::Sms,
        destinations: destinations.iter().map(|text| text.parse().unwrap()).collect(),
        from_minute: None,
        until_minute: None,
        strategy,
        providers: providers
            .iter()
            .map(|(number, weight)| Choice { provider_id: id(*number), weight: *weight })
            .collect(),
    }
}

fn chosen(rules: &[Rule], candidates: &[Candidate], to: &str) -> Option<(ProviderId, String)> {
    decide(rules, candidates, Channel::Sms, &Whereabouts::of(to), 600, 7).map(|one| (one.provider, one.reason))
}

const AMA: &str = "+254712345678";

#[test]
fn the_first_rule_that_matches_and_can_decides() {
    let candidates = [candidate(1, None, None), candidate(2, None, None), candidate(3, None, None)];
    let tanzania = rule(Strategy::Priority, &["TZ"], &[(1, 1)]);
    let nobody = rule(Strategy::Priority, &["KE"], &[(9, 1)]);
    let kenya = rule(Strategy::Priority, &["UG", "+2547"], &[(3, 1), (2, 1)]);
    let rules = [tanzania, nobody, kenya];
    assert_eq!(chosen(&rules, &candidates, AMA).unwrap(), (id(3), "P3: rule `R`, first in its list".into()));
    assert_eq!(chosen(&rules, &candidates, "+255712345678").unwrap().0, id(1));
    assert_eq!(
        chosen(&rules, &candidates, "+4915112345678").unwrap(),
        (id(1), "P1: no rule decides, first in order".into())
    );
}

#[test]
fn who_is_barred_is_passed_over_and_named() {
    let mut candidates = [candidate(1, None, None), candidate(2, None, None)];
    candidates[0].barred = Some("its circuit for KE is open".into());
    let rules = [rule(Strategy::Priority, &[], &[(1, 1), (2, 1)])];
    let (provider, reason) = chosen(&rules, &candidates, AMA).unwrap();
    assert_eq!(provider, id(2));
    assert_eq!(reason, "P2: rule `R`, first in its list; not P1: its circuit for KE is open");
    candidates[0] = Candidate { is_fallback: false, barred: None, ..candidates[0].clone() };
    candidates[1].barred = Some("paused".into());
    assert_eq!(chosen(&rules, &candidates, AMA).unwrap().0, id(1), "a rule may name what is no fallback");
    assert_eq!(chosen(&[], &candidates, AMA), None);
}

#[test]
fn strategies_pick_by_price_delivery_and_weight() {
    let candidates = [
        candidate(1, Some("KES 0.80"), Some(0.90)),
        candidate(2, Some("KES 0.65"), Some(0.99)),
        candidate(3, Some("EUR 0.01"), None),
        candidate(4, None, Some(0.99)),
    ];
    let all = [(1, 1), (2, 1), (3, 0), (4, 2)];
    let of = |strategy| chosen(&[rule(strategy, &[], &all)], &candidates, AMA).unwrap();
    assert_eq!(of(Strategy::Cheapest), (id(2), "P2: rule `R`, cheapest at KES 0.65".into()));
    assert_eq!(
        of(Strategy::BestDelivery),
        (id(2), "P2: rule `R`, best delivery at 99.0 %".into()),
        "the first of equals"
    );
    let weighted = [rule(Strategy::Weighted, &[], &all)];
    let counted = |number| {
        let of = |seed| decide(&weighted, &candidates, Channel::Sms, &Whereabouts::of(AMA), 0, seed).unwrap().provider;
        (0..100).filter(|seed| of(*seed) == id(number)).count()
    };
    assert_eq!([1, 2, 3, 4].map(counted), [25, 25, 0, 50]);
}

#[test]
fn a_rule_may_be_for_some_hours_over_midnight_too() {
    let mut night = rule(Strategy::Priority, &[], &[(1, 1)]);
    let to = Whereabouts::of(AMA);
    (night.from_minute, night.until_minute) = (Some(22 * 60), Some(6 * 60));
    let matches = |minute| night.matches(Channel::Sms, &to, minute);
    assert!(matches(23 * 60) && matches(0) && matches(359) && !matches(360) && !matches(1_319));
    let mut day = rule(Strategy::Priority, &[], &[(1, 1)]);
    day.until_minute = Some(720);
    assert!(day.matches(Channel::Sms, &to, 719) && !day.matches(Channel::Sms, &to, 720));
    assert!(!day.matches(Channel::Email, &to, 0));
    day.is_active = false;
    assert!(!day.matches(Channel::Sms, &to, 0));
}
