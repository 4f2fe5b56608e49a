//! Fonnte: what is its own. What all providers do alike stands in `tests/contracts`.

use super::*;
use crate::{
    Kind,
    testing::{self, Server, outbound, outgoing, webhook},
};

fn report(body: &Value) -> Result<Vec<Receipt>, Unreadable> {
    Fonnte.receipts(&testing::account(Kind::Fonnte), &webhook(Method::POST, &[], "", &body.to_string()))
}

#[tokio::test]
async fn each_message_of_a_call_is_its_own_and_goes_where_it_says() {
    let server = Server::start(|_| {
        // In another order, and with the sender's way to write its keys.
        testing::json(200, &json!({ "Status": true, "id": [2, "1"], "Target": ["254700000002", "254700000001"] }))
    })
    .await;
    let mut account = Account { api_url: Some(server.url.clone()), ..testing::account(Kind::Fonnte) };
    account.settings = json!({ "delay": "5-10", "typing": true });
    let batch = [outgoing("+254700000001", "Hi Ama"), outgoing("+254700000002", "Hi Kofi")];
    let outcomes = Fonnte.send(&account, &outbound(), &batch).await;
    let id = |place: usize| match &outcomes[place] {
        Outcome::Accepted { id, .. } => id.clone().unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!((id(0), id(1)), ("1".to_owned(), "2".to_owned()));
    let seen = &server.seen()[0];
    assert_eq!((seen.path.as_str(), seen.header("authorization")), ("/send", "fonnte_token_1"));
    let data: Value = serde_json::from_str(&seen.form()["data"]).unwrap();
    assert_eq!(
        data[1],
        json!({ "target": "254700000002", "message": "Hi Kofi", "delay": "5-10", "typing": true, "countryCode": "0" })
    );
}

#[tokio::test]
async fn a_phone_that_is_not_linked_fails_the_test() {
    let device = json!({ "device_status": "disconnect", "quota": "78", "status": true });
    let server = Server::start(move |_| testing::json(200, &device)).await;
    let account = Account { api_url: Some(server.url.clone()), ..testing::account(Kind::Fonnte) };
    let failure = Fonnte.test(&account, &outbound()).await.unwrap_err();
    assert_eq!(failure.class, E::BadSender);
    assert!(failure.reason.contains("not linked"), "{failure}");
}

#[test]
fn a_state_id_is_learnt_from_the_first_report() {
    let first = report(&json!({ "device": "1", "id": "80367170", "stateid": "s-1", "status": "pending" })).unwrap();
    assert_eq!((first[0].status, first[0].alias.as_deref()), (ReceiptStatus::Sent, Some("s-1")));
    let later = report(&json!({ "device": "1", "stateid": "s-1", "state": "Read" })).unwrap();
    assert_eq!((later[0].status, later[0].provider_message_id.as_deref()), (ReceiptStatus::Read, Some("s-1")));
    assert_eq!(report(&json!({ "id": "1", "status": "processing" })).unwrap(), []);
    for (word, class) in
        [("invalid", E::InvalidRecipient), ("expired", E::Transient), ("url unreachable", E::BadContent)]
    {
        assert_eq!(report(&json!({ "id": 1, "status": word })).unwrap()[0].error.as_ref().unwrap().class, class);
    }
    assert!(report(&json!({ "id": "1" })).is_err() && report(&json!({ "status": "sent" })).is_err());
    assert!(Fonnte.names_only_ids());
}

#[test]
fn groups_are_nobody_s_business() {
    let account = testing::account(Kind::Fonnte);
    let read = |in_group: bool| {
        let body = json!({ "sender": "254700000009", "message": "Hi", "isgroup": in_group });
        Fonnte.inbound(&account, &webhook(Method::POST, &[], "", &body.to_string())).unwrap().len()
    };
    assert_eq!((read(false), read(true)), (1, 0));
}

#[test]
fn the_delay_is_a_number_or_a_range() {
    let violation = |delay: &str| {
        let account = Account { settings: json!({ "delay": delay }), ..testing::account(Kind::Fonnte) };
        crate::validate(&account, &outbound()).first().map(|found| found.pointer.clone())
    };
    assert_eq!((violation("0"), violation("5-10")), (None, None));
    for wrong in ["", "soon", "1-2-3", "5-"] {
        assert_eq!(violation(wrong).as_deref(), Some("/settings/delay"), "{wrong}");
    }
}
