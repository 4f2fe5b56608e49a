//! A mail as it goes over the wire (RFC 5322, RFC 2046), for providers that take it so.

use lettre::{
    address::Address,
    message::{
        Attachment as Part, Message, MultiPart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};

use super::{Mail, Sender};

/// A mail, written out.
pub(crate) struct Written {
    /// Whom it goes to.
    pub to: Address,
    /// Its `Message-ID`.
    pub id: String,
    /// The mail.
    pub bytes: Vec<u8>,
}

/// Writes a mail. `Err`: it cannot be written, in words.
pub(crate) fn write<T>(sender: &Sender<T>, mail: Mail<'_>) -> Result<Written, String> {
    let to: Address = mail.to.parse().map_err(|_| "the address cannot be written into a mail".to_owned())?;
    let id = format!("<{}@{}>", mail.id, sender.from.email.domain());
    let mut builder = Message::builder()
        .from(sender.from.clone())
        .to(to.clone().into())
        .subject(mail.subject.clone())
        .message_id(Some(id.clone()));
    if let Some(reply_to) = &sender.reply_to {
        builder = builder.reply_to(reply_to.clone());
    }
    let own = mail.headers().into_iter().chain([("X-Dundun-Delivery", mail.id.to_string())]);
    for (name, value) in own {
        builder = builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
    }
    let mut content = MultiPart::alternative_plain_html(mail.text, mail.html);
    if !mail.files.is_empty() {
        content = MultiPart::mixed().multipart(content);
    }
    for file in mail.files {
        let kind = ContentType::parse(&file.content_type).map_err(|_| "a file of no known type".to_owned())?;
        content = content.singlepart(Part::new(file.name.clone()).body(file.bytes.to_vec(), kind));
    }
    let message = builder.multipart(content).map_err(|error| error.to_string())?;
    Ok(Written { to, id, bytes: message.formatted() })
}
