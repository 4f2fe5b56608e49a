//! How a mail would look, for those who write it.

use serde_json::Value;

use super::{html, settings};

/// The HTML part that a rendered text makes with the look that a config's settings give; with a plain look where they
/// cannot be read. The link to unsubscribe leads nowhere.
pub fn preview(settings: &Value, body: &str, is_html: bool) -> String {
    let common = settings::read::<Value>(settings).map(|(common, _)| common).unwrap_or_default();
    let unsubscribe = common.unsubscribe_link.then_some("#");
    html::parts(&common.branding, body, is_html, unsubscribe).1
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_what_would_be_sent() {
        let settings = json!({ "branding": { "footer": "Sunrise School" }, "region": "EU" });
        let text = preview(&settings, "Hello,\n\nsee https://a.example.", false);
        assert!(text.contains("<a href=\"https://a.example\">"), "{text}");
        assert!(text.contains("Sunrise School") && text.contains(">Unsubscribe</a>"), "{text}");
        let html = preview(&json!({ "unsubscribeLink": false }), "<p onclick=\"x()\">Hi<script>x()</script></p>", true);
        assert!(html.contains("<p>Hi</p>") && !html.contains("Unsubscribe"), "{html}");
    }

    #[test]
    fn settings_that_cannot_be_read_give_a_plain_look() {
        assert!(preview(&json!({ "branding": 1 }), "Hi", false).contains("Hi"));
        assert!(preview(&Value::Null, "Hi", false).contains("Hi"));
    }
}
