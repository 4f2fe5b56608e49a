//! The files of a message: they are there, they were looked at, and the channel and the provider take them.

use domain::{
    Error, Result, Violation,
    id::{MediaId, OrgId},
    media::{self as rules, MediaStatus},
    message::Channel,
};
use store::{
    media::{self, Media},
    providers::ProviderConfig,
};

use crate::{App, providers};

/// Checks what can be known of them without the provider config. Gives how many bytes they have together.
pub(super) async fn check(app: &App, org: OrgId, ids: &[MediaId], channel: Channel) -> Result<u64> {
    if ids.is_empty() {
        return Ok(0);
    }
    let most = match channel {
        Channel::Sms => return Err(rules::unfit("", 0, channel, "/mediaIds").map_or_else(no_files, one)),
        // One message of WhatsApp is one file with a text.
        Channel::WhatsApp => 1,
        Channel::Email => rules::MOST,
    };
    if ids.len() > most {
        let detail = format!("{} takes {most} in a message, not {}.", channel.name(), ids.len());
        return Err(Error::invalid("/mediaIds", "media_too_many", detail));
    }
    let found = media::get_many(&app.table, org, ids).await?;
    let wrong = |(index, found): (usize, &Option<Media>)| wrong(&format!("/mediaIds/{index}"), found.as_ref(), channel);
    let violations: Vec<Violation> = found.iter().enumerate().filter_map(wrong).collect();
    if !violations.is_empty() {
        return Err(Error::Invalid(violations));
    }
    let size = found.iter().flatten().filter_map(|media| media.size).sum();
    if channel == Channel::Email && size > rules::LARGEST_EMAIL {
        let detail =
            format!("The files have {} KB together; an e-mail takes {}.", size >> 10, rules::LARGEST_EMAIL >> 10);
        return Err(Error::invalid("/mediaIds", "media_too_large", detail));
    }
    Ok(size)
}

fn one(violation: Violation) -> Error {
    Error::Invalid(vec![violation])
}

fn no_files() -> Error {
    Error::internal("an SMS carries no files")
}

fn wrong(pointer: &str, found: Option<&Media>, channel: Channel) -> Option<Violation> {
    let violation = |code, detail: &str| Some(Violation::new(pointer, code, detail));
    let Some(media) = found else { return violation("media_not_found", "There is no such file.") };
    match media.status {
        MediaStatus::Ready => rules::unfit(&media.content_type, media.size.unwrap_or_default(), channel, pointer),
        MediaStatus::AwaitingUpload => violation("media_not_ready", "The file is not uploaded, or not looked at yet."),
        MediaStatus::Rejected => {
            let why = media.error.as_ref().map_or("It was rejected.", |error| error.detail.as_str());
            violation("media_rejected", why)
        }
    }
}

/// A config whose provider sends no files is refused before anything is sent.
pub(super) fn check_provider(ids: &[MediaId], config: &ProviderConfig) -> Result<()> {
    if ids.is_empty() || providers::sends_files(config) {
        return Ok(());
    }
    let detail = format!("{} sends no files: use another provider, or a link in the text.", config.kind);
    Err(Error::invalid("/mediaIds", "media_not_for_provider", detail))
}
