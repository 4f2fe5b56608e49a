//! Files that go with messages: which kinds there are, which channel takes which, and how large they may be.
//!
//! Invariant: what a file is, its bytes say. What it is called and what somebody said it was is only held against that.
//!
//! Limits of WhatsApp: <https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#supported-media-types>.

use crate::{channel::Channel, error::Violation};

/// The largest file that is kept, in bytes.
pub const LARGEST: u64 = 16 << 20;

/// The most files that one e-mail carries.
pub const MOST: usize = 10;

/// The most bytes of all files of one e-mail. In a mail they take a third more, and many servers refuse more than 20 MB.
pub const LARGEST_EMAIL: u64 = 10 << 20;

/// How a channel that tells pictures from files shows a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A sound.
    Audio,
    /// A file to be opened.
    Document,
}

/// One type of files.
#[derive(Debug, PartialEq, Eq)]
pub struct MediaType {
    /// The media type (RFC 6838).
    pub name: &'static str,
    /// How it is shown.
    pub kind: MediaKind,
    /// The most bytes on WhatsApp; `None`: WhatsApp does not take it.
    whatsapp: Option<u64>,
    /// What else it is called.
    aliases: &'static [&'static str],
}

named! {
    /// How far a file is.
    pub enum MediaStatus {
        /// It is not uploaded yet.
        AwaitingUpload = "AWAITING_UPLOAD",
        /// It can be sent.
        Ready = "READY",
        /// It was uploaded and is none that is taken; nothing of it is kept.
        Rejected = "REJECTED",
    }
}

const MB: u64 = 1 << 20;

const fn of(name: &'static str, kind: MediaKind, whatsapp: Option<u64>, aliases: &'static [&'static str]) -> MediaType {
    MediaType { name, kind, whatsapp, aliases }
}

const fn office(name: &'static str) -> MediaType {
    of(name, MediaKind::Document, Some(LARGEST), &[])
}

/// All types that are taken. WhatsApp would take sounds, without the text that a message here must have, and documents of
/// 100 MB; [`LARGEST`] is less.
pub static TYPES: &[MediaType] = &[
    of("image/jpeg", MediaKind::Image, Some(5 * MB), &["image/jpg"]),
    of("image/png", MediaKind::Image, Some(5 * MB), &[]),
    of("image/gif", MediaKind::Image, None, &[]),
    of("image/webp", MediaKind::Image, None, &[]),
    of("video/mp4", MediaKind::Video, Some(16 * MB), &["video/x-m4v"]),
    of("video/3gpp", MediaKind::Video, Some(16 * MB), &[]),
    of("audio/mpeg", MediaKind::Audio, None, &["audio/mp3"]),
    of("audio/mp4", MediaKind::Audio, None, &["audio/m4a", "audio/x-m4a"]),
    of("audio/aac", MediaKind::Audio, None, &[]),
    of("audio/amr", MediaKind::Audio, None, &[]),
    of("audio/ogg", MediaKind::Audio, None, &[]),
    of("application/pdf", MediaKind::Document, Some(LARGEST), &[]),
    office(concat!("application/vnd.openxmlformats-officedocument.", "wordprocessingml.document")),
    office(concat!("application/vnd.openxmlformats-officedocument.", "spreadsheetml.sheet")),
    office(concat!("application/vnd.openxmlformats-officedocument.", "presentationml.presentation")),
    of("text/plain", MediaKind::Document, Some(LARGEST), &[]),
    of("text/csv", MediaKind::Document, None, &[]),
    of("text/calendar", MediaKind::Document, None, &[]),
];

/// The type of a name such as `image/png` or `text/csv; charset=utf-8`; `None`: files of that type are not taken.
pub fn named(name: &str) -> Option<&'static MediaType> {
    let name = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    TYPES.iter().find(|known| known.name == name || known.aliases.contains(&name.as_str()))
}

/// What a file is, by its bytes. A text has no marks of its own: it is what `said` says, if that is a text.
pub fn sniff(bytes: &[u8], said: &MediaType) -> Option<&'static MediaType> {
    match infer::get(bytes) {
        Some(found) => named(found.mime_type()),
        None if said.name.starts_with("text/") && is_text(bytes) => named(said.name),
        None => None,
    }
}

fn is_text(bytes: &[u8]) -> bool {
    let is_fine = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{feff}');
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(is_fine))
}

impl MediaType {
    /// The most bytes of a file of this type on `channel`; `None`: the channel does not take it.
    pub fn largest(&self, channel: Channel) -> Option<u64> {
        match channel {
            Channel::Sms => None,
            Channel::WhatsApp => self.whatsapp,
            Channel::Email => Some(LARGEST_EMAIL),
        }
    }
}

/// What is wrong with a file of `size` bytes on a channel. Codes: `media_not_for_channel`, `media_type_not_for_channel`,
/// `media_too_large`.
pub fn unfit(content_type: &str, size: u64, channel: Channel, pointer: &str) -> Option<Violation> {
    if channel == Channel::Sms {
        let detail = "An SMS carries no files: use WHATSAPP or EMAIL, or put a link into the text.";
        return Some(Violation::new(pointer, "media_not_for_channel", detail));
    }
    let Some(largest) = named(content_type).and_then(|known| known.largest(channel)) else {
        let detail = format!("{} takes {}, not {content_type}.", channel.name(), taken(channel));
        return Some(Violation::new(pointer, "media_type_not_for_channel", detail));
    };
    (size > largest).then(|| {
        let detail =
            format!("The file has {} KB; {} takes {} MB of {content_type}.", size >> 10, channel.name(), largest >> 20);
        Violation::new(pointer, "media_too_large", detail)
    })
}

/// The types that a channel takes, for people.
pub fn taken(channel: Channel) -> String {
    let names: Vec<&str> =
        TYPES.iter().filter(|known| known.largest(channel).is_some()).map(|known| known.name).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    fn sniffed(bytes: &[u8], said: &str) -> Option<&'static str> {
        sniff(bytes, named(said).unwrap()).map(|found| found.name)
    }

    #[test]
    fn bytes_say_what_a_file_is() {
        assert_eq!(sniffed(PNG, "application/pdf"), Some("image/png"), "whatever was said");
        assert_eq!(sniffed(b"%PDF-1.7\n", "image/png"), Some("application/pdf"));
        assert_eq!(sniffed(b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"), Some("image/jpeg"));
        assert_eq!(sniffed(b"name,phone\nAma,+254700000001\n", "text/csv"), Some("text/csv"));
        assert_eq!(sniffed("Grüße".as_bytes(), "text/plain"), Some("text/plain"));
    }

    #[test]
    fn what_is_none_of_them_is_refused() {
        assert_eq!(sniffed(b"<!DOCTYPE html><script>alert(1)</script>", "text/plain"), None, "a page");
        assert_eq!(sniffed(b"MZ\x90\0\x03\0\0\0", "application/pdf"), None, "a program");
        assert_eq!(sniffed(b"\0\x01\x02", "text/plain"), None, "no text");
        assert_eq!(sniffed(b"hello", "application/pdf"), None, "a text that was said to be none");
        assert_eq!(named("text/html"), None);
        assert_eq!(named(" Image/JPG ; q=1").unwrap().name, "image/jpeg");
    }

    #[test]
    fn each_channel_has_its_limits() {
        let code = |kind, size, channel| unfit(kind, size, channel, "/x").map(|violation| violation.code.into_owned());
        assert_eq!(code("image/png", 1, Channel::Sms).as_deref(), Some("media_not_for_channel"));
        assert_eq!(code("image/gif", 1, Channel::WhatsApp).as_deref(), Some("media_type_not_for_channel"));
        assert_eq!(code("image/gif", 1, Channel::Email), None);
        assert_eq!(code("image/png", 5 * MB, Channel::WhatsApp), None);
        assert_eq!(code("image/png", 5 * MB + 1, Channel::WhatsApp).as_deref(), Some("media_too_large"));
        assert_eq!(code("application/pdf", LARGEST_EMAIL + 1, Channel::Email).as_deref(), Some("media_too_large"));
        for known in TYPES {
            assert!(known.whatsapp.is_none_or(|most| most <= LARGEST), "{}", known.name);
            assert_eq!(named(known.name), Some(known));
        }
    }
}
