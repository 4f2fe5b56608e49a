//! What a mail is made of: its two parts, its look, its headers.

use serde_json::json;

use super::*;
use crate::{
    Kind,
    testing::{self, mail},
};

fn account(settings: serde_json::Value) -> Account {
    Account { settings, ..testing::account(Kind::SendGrid) }
}

/// The subject, the plain part, the HTML part and the headers.
fn made(settings: serde_json::Value, outgoing: &Outgoing) -> (String, String, String, Vec<(&'static str, String)>) {
    #[derive(Default, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Own {}
    let sender = Sender::<Own>::of(&account(settings)).unwrap();
    let mail = sender.mail(outgoing);
    let headers = mail.headers();
    (mail.subject, mail.text, mail.html, headers)
}

#[test]
fn a_plain_text_becomes_html_in_which_nothing_is_a_tag() {
    let body = "Hi <b>Ama</b> & \"co\",\r\n\r\nsee https://acme.example/a?b=1&c=2.\nBye 'you'";
    let (subject, text, html, headers) = made(json!(null), &mail("a@x.example", "Hi\r\nBcc: all@x.example", body));
    assert_eq!(subject, "Hi  Bcc: all@x.example");
    assert!(text.starts_with(body), "{text}");
    assert!(text.ends_with("\n\n-- \nUnsubscribe: https://app.example.test/u/token-of-a-at-x.example"), "{text}");
    assert!(
        html.contains("<p style=\"margin:0 0 16px\">Hi &lt;b&gt;Ama&lt;/b&gt; &amp; &quot;co&quot;,</p>"),
        "{html}"
    );
    let link = "<a href=\"https://acme.example/a?b=1&amp;c=2\">https://acme.example/a?b=1&amp;c=2</a>.<br>Bye";
    assert!(html.contains(link), "{html}");
    assert_eq!(
        headers,
        [
            ("List-Unsubscribe", "<https://app.example.test/u/token-of-a-at-x.example>".to_owned()),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
        ]
    );
}

#[test]
fn html_of_the_user_is_kept_as_far_as_it_is_harmless() {
    let body = "<h1 style=\"color:red;position:fixed\" onclick=\"x()\">Hi</h1><script>steal()</script>\
                <style>p{}</style><a href=\"javascript:x()\">a</a><a href=\"https://acme.example/?a=1\">Shop</a>\
                <img src=\"data:image/png;base64,AA\"><form action=\"/x\"><input></form><iframe src=\"https://x\"></iframe>\
                <table cellpadding=\"4\"><tr><td bgcolor=\"#eee\" width=\"50\">cell</td></tr></table>";
    let (_, text, html, _) = made(json!(null), &mail("a@x.example", "S", body));
    for gone in ["script", "steal", "onclick", "javascript", "position", "data:", "<form", "<input", "iframe", "p{}"] {
        assert!(!html.contains(gone), "{gone}: {html}");
    }
    for kept in [
        "<h1 style=\"color:red\">Hi</h1>",
        "<a href=\"https://acme.example/?a=1\">Shop</a>",
        "<table cellpadding=\"4\">",
        "<td bgcolor=\"#eee\" width=\"50\">cell</td>",
    ] {
        assert!(html.contains(kept), "{kept}: {html}");
    }
    assert!(text.contains("Hi") && text.contains("Shop") && text.contains("https://acme.example/?a=1"), "{text}");
    assert!(text.contains("cell") && !text.contains('<'), "{text}");
}

#[test]
fn the_look_and_the_footer_are_settings() {
    let settings = json!({ "branding": {
        "logoUrl": "https://acme.example/l.png?a=1&b=2", "color": "#1d4ed8", "backgroundColor": "#f4f4f5",
        "footer": "You bought <something>.", "postalAddress": "Acme Ltd\nP.O. Box 1, Nairobi",
    } });
    let (_, text, html, _) = made(settings, &mail("a@x.example", "S", "Hi"));
    for part in [
        "<img src=\"https://acme.example/l.png?a=1&amp;b=2\"",
        "background-color:#f4f4f5",
        "You bought &lt;something&gt;.",
        "Acme Ltd<br>P.O. Box 1, Nairobi",
        "<a href=\"https://app.example.test/u/token-of-a-at-x.example\" style=\"color:#1d4ed8\">Unsubscribe</a>",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert!(text.contains("-- \nYou bought <something>.\nAcme Ltd\nP.O. Box 1, Nairobi\nUnsubscribe: "), "{text}");
    let without = made(json!({ "unsubscribeLink": false }), &mail("a@x.example", "S", "Hi"));
    assert_eq!((without.1.as_str(), without.3.len()), ("Hi", 0));
    assert!(!without.2.contains("Unsubscribe"));
}

#[test]
fn settings_and_sender_are_checked() {
    let found = |settings: serde_json::Value, sender: Option<&str>| -> Vec<(String, String)> {
        let account = Account { sender_id: sender.map(str::to_owned), ..account(settings) };
        let found = crate::provider(Kind::SendGrid).check(&account, &testing::outbound());
        found.into_iter().map(|violation| (violation.pointer, violation.code.into_owned())).collect()
    };
    let good = Some("Acme <hello@acme.example>");
    assert_eq!(found(json!(null), good), []);
    assert_eq!(found(json!({ "replyTo": "help@acme.example", "trackingDomain": "l.acme.example" }), good), []);
    for (sender, code) in [
        (None, "required"),
        (Some("ACME"), "email_invalid"),
        (Some("Acme <hello@localhost>"), "email_invalid"),
        (Some("a@b.example\r\nBcc: c@d.example"), "email_invalid"),
    ] {
        assert_eq!(found(json!(null), sender), [("/senderId".to_owned(), code.to_owned())], "{sender:?}");
    }
    let settings = json!({
        "replyTo": "nobody", "trackingDomain": "https://acme.example", "region": "MARS",
        "branding": { "logoUrl": "http://acme.example/l.png", "color": "red;}", "footer": "x".repeat(501) },
    });
    let pointers: Vec<String> = found(settings, good).into_iter().map(|(pointer, _)| pointer).collect();
    let wrong = ["replyTo", "trackingDomain", "branding/logoUrl", "branding/color", "branding/footer", "region"];
    assert_eq!(pointers, wrong.map(|name| format!("/settings/{name}")));
    assert_eq!(found(json!({ "branding": { "colour": "x" } }), good)[0].0, "/settings/branding/colour");
    assert_eq!(found(json!({ "x": 1 }), good), [("/settings/x".to_owned(), "unknown_field".to_owned())]);
    assert_eq!(found(json!([1]), good), [("/settings".to_owned(), "invalid".to_owned())]);
}

#[test]
fn a_window_has_as_many_mails_as_a_call_has_room_for() {
    let mails: Vec<Outgoing> = (0..10).map(|n| mail(&format!("a{n}@x.example"), "S", &"x".repeat(1_000))).collect();
    assert_eq!(within(&mails, 100, 7_000 * 4), 4);
    assert_eq!(within(&mails, 3, 7_000 * 4), 3);
    assert_eq!((within(&mails, 100, 1), within(&[], 100, 1)), (1, 0));
}
