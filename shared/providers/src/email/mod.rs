//! E-mail, whoever carries it: the sender and the look that a config has, and a mail made of a rendered text.
//!
//! Invariant: a mail has no header that its text or a contact's name could add, and no tag in its HTML that could run
//! anything (see [`html`]).

mod html;
pub(crate) mod mime;
mod multipart;
mod preview;
pub(crate) mod reply;
mod settings;

use domain::{
    Violation,
    delivery::ErrorClass,
    dns::{DnsRecord, RecordPurpose, RecordType},
    id::DeliveryId,
};
use lettre::message::Mailbox;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use crate::{
    outgoing::Attachment,
    provider::{Account, Failure, Outgoing},
};

pub use preview::preview;
use settings::EmailSettings;

/// What our id is called where a provider gives it back with its events.
pub(crate) const CORRELATION: &str = "dundun_delivery";

/// The header by which a receiver's mail program unsubscribes with one click (RFC 8058 §3.1), with its only value.
const ONE_CLICK: (&str, &str) = ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");

/// Bytes of files that leave at a time, where each mail carries its own.
const FILES: usize = 16 << 20;

/// A config, ready to write mails. `T` are the settings of its kind beside those of every kind.
pub(crate) struct Sender<T> {
    /// Whom mails are from.
    pub from: Mailbox,
    /// Where answers go, if not there.
    pub reply_to: Option<Mailbox>,
    /// Whether the provider is to notice opens and clicks; as the account says, if nothing is said.
    pub tracking: Tracking,
    /// What only this kind has.
    pub own: T,
    settings: EmailSettings,
}

/// What the provider is to notice of a mail.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tracking {
    /// That its pictures were loaded.
    pub opens: Option<bool>,
    /// That its links were followed.
    pub clicks: Option<bool>,
}

/// A mail to one recipient.
pub(crate) struct Mail<'a> {
    /// Our id.
    pub id: DeliveryId,
    /// The address.
    pub to: &'a str,
    /// On one line.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// Where one click ends these mails.
    pub unsubscribe: Option<&'a str>,
    /// Files that go with it.
    pub files: &'a [Attachment],
}

impl<T: DeserializeOwned + Default> Sender<T> {
    /// Reads a config that [`check`] finds nothing wrong with.
    pub fn of(account: &Account) -> Result<Self, Failure> {
        let bad = |violation: Violation| Failure::new(ErrorClass::BadSender, violation.detail, String::new());
        let (settings, own) = settings::read::<T>(&account.settings).map_err(bad)?;
        let from = mailbox(account.sender_id.as_deref().unwrap_or_default(), "/senderId").map_err(bad)?;
        let reply_to = settings.reply_to.as_deref().map(|text| mailbox(text, "/settings/replyTo"));
        let tracking = Tracking { opens: settings.track_opens, clicks: settings.track_clicks };
        Ok(Self { from, reply_to: reply_to.transpose().map_err(bad)?, tracking, own, settings })
    }

    /// The mail that a rendered text makes.
    pub fn mail<'a>(&self, outgoing: &'a Outgoing) -> Mail<'a> {
        let unsubscribe = outgoing.unsubscribe_url.as_deref().filter(|_| self.settings.unsubscribe_link);
        let (text, html) = html::parts(&self.settings.branding, &outgoing.body, outgoing.html, unsubscribe);
        let subject = outgoing.subject.as_deref().unwrap_or_default();
        let subject = subject.split(|c: char| c.is_control()).collect::<Vec<_>>().join(" ").trim().to_owned();
        let files = &outgoing.media;
        Mail { id: outgoing.delivery_id, to: &outgoing.to, subject, text, html, unsubscribe, files }
    }
}

impl Mail<'_> {
    /// The headers of its own, by name.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        match self.unsubscribe {
            Some(url) => vec![("List-Unsubscribe", format!("<{url}>")), (ONE_CLICK.0, ONE_CLICK.1.to_owned())],
            None => Vec::new(),
        }
    }

    /// About how many bytes of a call it takes, without its files.
    pub fn size(&self) -> usize {
        self.subject.len() + self.text.len() + self.html.len() + 1_000
    }
}

/// Reads a field of an event that may be missing or null.
pub(crate) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(field: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(field)?.unwrap_or_default())
}

/// How many of `rest`, from its front and at most `most`, make mails of about `bytes` together. At least 1 of some.
pub(crate) fn within(rest: &[Outgoing], most: usize, bytes: usize) -> usize {
    let mut sum = 0;
    // The text stands in both parts, with the look and the footer around it.
    let fits = |outgoing: &&Outgoing| {
        sum += outgoing.body.len() * 3 + 4_000;
        sum <= bytes
    };
    rest.iter().take(most).take_while(fits).count().max(rest.len().min(1))
}

/// How many mails leave at a time, of at most `most`, where each carries the files of `rest` itself: so many that they are
/// gone within the limit of a call, and fit into memory.
pub(crate) fn with_files(rest: &[Outgoing], most: usize) -> usize {
    let files: usize = rest.first().map_or(0, |one| one.media.iter().map(|file| file.bytes.len()).sum());
    FILES.checked_div(files).map_or(most, |mails| mails.clamp(1, most))
}

/// What a domain needs where no provider says it: one of the mail server's own. Its key is only known there.
pub(crate) fn advice(account: &Account, name: &str) -> Vec<DnsRecord> {
    let server = account.credential("host").map_or_else(|| "mx".to_owned(), |host| format!("a:{}", host.expose()));
    vec![DnsRecord::new(RecordPurpose::Spf, RecordType::Txt, name, format!("v=spf1 {server} ~all"))]
}

/// Opens and clicks cannot be asked for of this provider with a mail.
pub(crate) fn no_tracking(account: &Account) -> impl Iterator<Item = Violation> {
    let given = ["trackOpens", "trackClicks"].into_iter().filter(|name| !account.settings[*name].is_null());
    given.map(|name| {
        let detail = "this provider takes no such wish with a mail; see its guide";
        Violation::new(format!("/settings/{name}"), "unsupported", detail)
    })
}

/// What is wrong with the sender and the settings of a config, and its own settings if they can be read.
pub(crate) fn check<T: DeserializeOwned>(account: &Account) -> (Vec<Violation>, Option<T>) {
    let mut found = Vec::new();
    match account.sender_id.as_deref().filter(|sender| !sender.trim().is_empty()) {
        None => {
            let detail = "whom mails are from: hello@acme.example, or Acme <hello@acme.example>";
            found.push(Violation::new("/senderId", "required", detail));
        }
        Some(sender) => found.extend(mailbox(sender, "/senderId").err()),
    }
    match settings::read::<T>(&account.settings) {
        Ok((settings, own)) => {
            found.extend(settings.check());
            (found, Some(own))
        }
        Err(violation) => {
            found.push(violation);
            (found, None)
        }
    }
}

/// `hello@acme.example` or `Acme <hello@acme.example>` (RFC 5322 §3.4).
fn mailbox(text: &str, pointer: &'static str) -> Result<Mailbox, Violation> {
    let wrong = || {
        let detail = "expected an address: hello@acme.example, or Acme <hello@acme.example>";
        Violation::new(pointer, "email_invalid", detail)
    };
    if text.chars().any(char::is_control) {
        return Err(wrong());
    }
    let mailbox: Mailbox = text.trim().parse().map_err(|_| wrong())?;
    // Stricter than the parser: what hardly any provider sends for is refused here.
    domain::email::Email::parse(mailbox.email.as_ref()).map_err(|_| wrong())?;
    Ok(mailbox)
}

#[cfg(test)]
#[path = "../tests/email.rs"]
mod tests;
