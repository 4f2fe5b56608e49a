//! Which config a message goes out by.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::*;

fn config(name: &str, channel: Channel, kind: Kind) -> ProviderConfig {
    let at = Timestamp::UNIX_EPOCH;
    ProviderConfig {
        id: ProviderId::new(at, 1),
        org: OrgId::new(at, 1),
        channel,
        kind: kind.name().into(),
        name: name.into(),
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

fn picked(configs: &[ProviderConfig], kind: Option<&str>) -> Result<String, &'static str> {
    pick(configs.to_vec(), Channel::Sms, kind).map(|config| config.name).map_err(|error| match error {
        Error::Unprocessable { code, .. } => code,
        other => panic!("{other}"),
    })
}

#[test]
fn the_default_wins_then_a_real_one_before_the_sandbox() {
    let sandbox = config("sandbox", Channel::Sms, Kind::Sandbox);
    let custom = config("custom", Channel::Sms, Kind::Custom);
    let twilio = ProviderConfig { is_default: true, ..config("twilio", Channel::Sms, Kind::Twilio) };
    let all = [sandbox.clone(), custom.clone(), twilio.clone()];
    assert_eq!(picked(&all, None), Ok("twilio".into()));
    assert_eq!(picked(&all, Some("custom")), Ok("custom".into()));
    assert_eq!(picked(&all[..2], None), Ok("custom".into()));
    assert_eq!(picked(&all[..1], None), Ok("sandbox".into()));
    let two = [custom, ProviderConfig { is_default: false, ..twilio }];
    assert_eq!(picked(&two, None), Err("provider_ambiguous"));
}

#[test]
fn inactive_ones_and_other_channels_do_not_count() {
    let inactive = ProviderConfig { is_active: false, is_default: true, ..config("off", Channel::Sms, Kind::Custom) };
    let mail = config("mail", Channel::Email, Kind::Custom);
    assert_eq!(picked(&[inactive, mail], None), Err("provider_missing"));
}

#[test]
fn one_that_is_not_ready_is_said_to_be() {
    let violations = vec![Violation::new("/credentials/apiKey", "required", "API key")];
    let unready = ProviderConfig { violations, ..config("new", Channel::Sms, Kind::Twilio) };
    assert!(matches!(ready(unready), Err(Error::Unprocessable { code: "provider_not_ready", .. })));
    assert!(ready(config("ok", Channel::Sms, Kind::Twilio)).is_ok());
}

#[test]
fn only_formats_that_name_nothing_else_need_pointers() {
    let needs = |kind, settings: &str| {
        crate::receive::needs_pointers(&ProviderConfig {
            settings: settings.into(),
            ..config("one", Channel::Sms, kind)
        })
    };
    assert!(needs(Kind::Custom, r#"{"dlr":{"idPointer":"/id"}}"#));
    assert!(needs(Kind::Custom, "{}"));
    assert!(!needs(Kind::Custom, r#"{"dlr":{"messageIdPointer":"/ref"}}"#));
    assert!(!needs(Kind::Custom, r#"{"dlr":{"phonePointer":"/to"}}"#));
    assert!(!needs(Kind::AfricasTalking, "{}"));
    assert!(needs(Kind::Fonnte, "{}"));
}
