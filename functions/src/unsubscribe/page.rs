//! The page: no script, nothing from elsewhere, no word of who it is for.

use domain::message::Channel;
use engine::preferences::Preferences;
use http::{HeaderValue, StatusCode, header};
use web::{
    prelude::*,
    reply::{Raw, Response},
};

/// What the page may do: send its own button, and nothing else.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const STYLE: &str = "body{font:16px/1.5 sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}\
                     button{font:inherit;padding:.5rem 1rem}fieldset{margin:1rem 0}";

/// A page of a heading and what stands below it.
pub(crate) fn page(title: &str, inner: &str) -> Raw {
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><h1>{title}</h1>{inner}</body></html>"
    );
    let mut response = Response::new(html.into());
    *response.status_mut() = StatusCode::OK;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // The address is a secret of whoever got the mail.
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Raw(response)
}

/// What everybody sees who gets no more.
pub(super) fn done(organization: &str) -> Raw {
    let name = domain::text::escape_html(organization);
    page("You are unsubscribed", &format!("<p>You get no more e-mail from {name}.</p>"))
}

/// What everybody sees who confirmed.
pub(crate) fn confirmed(organization: &str, group: &str) -> Raw {
    let [organization, group] = [organization, group].map(domain::text::escape_html);
    page("You are on the list", &format!("<p>You get messages of {organization} ({group}).</p>"))
}

/// What somebody may leave, with a box for each; after that was done, what is left.
pub(super) fn preferences(organization: &str, preferences: &Preferences, is_saved: bool) -> Raw {
    let name = domain::text::escape_html(organization);
    let done = if is_saved { "<p role=\"status\">Saved.</p>" } else { "" };
    if preferences.channels.is_empty() && preferences.groups.is_empty() {
        return page("Your messages", &format!("{done}<p>You get nothing from {name}.</p>"));
    }
    let boxes = |field: &str, legend: &str, choices: Vec<(String, String)>| {
        let line = |(value, label): (String, String)| {
            format!("<label><input type=\"checkbox\" name=\"{field}\" value=\"{value}\"> {label}</label><br>")
        };
        let lines: String = choices.into_iter().map(line).collect();
        if lines.is_empty() { lines } else { format!("<fieldset><legend>{legend}</legend>{lines}</fieldset>") }
    };
    let channel = |channel: &Channel| (channel.name().to_owned(), words(*channel).to_owned());
    let group = |(id, name): &(id::GroupId, String)| (id.to_string(), domain::text::escape_html(name));
    let channels = boxes("channel", "Stop all of these", preferences.channels.iter().map(channel).collect());
    let groups = boxes("group", "Leave these lists", preferences.groups.iter().map(group).collect());
    let inner = format!(
        "{done}<p>What do you want no more from {name}?</p><form method=\"post\">{channels}{groups}\
         <p><button>Save</button></p></form>"
    );
    page("Your messages", &inner)
}

/// A channel, as people call it.
fn words(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "E-mail",
        Channel::Sms => "Text messages (SMS)",
        Channel::WhatsApp => "WhatsApp messages",
    }
}

/// The name of an organization, for people.
pub(crate) async fn organization(cx: &Cx, org: id::OrgId) -> Result<String> {
    Ok(store::organizations::get(&cx.app.table, org).await?.name)
}
