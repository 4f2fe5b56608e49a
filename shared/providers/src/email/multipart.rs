//! `multipart/form-data` (RFC 7578): a form with files.

use http::{HeaderValue, header};
use sha2::{Digest, Sha256};

use crate::{outbound::Call, outgoing::Attachment};

impl Call {
    /// With the fields of a form, and each file as the field `name`.
    pub(crate) fn multipart(mut self, fields: &[(&str, &str)], name: &str, files: &[Attachment]) -> Self {
        // What follows from all of the parts stands in none of them.
        let mut digest = Sha256::new();
        for (name, value) in fields {
            digest.update(format!("{name}\n{value}\n"));
        }
        for file in files {
            digest.update(&file.bytes);
        }
        let boundary = hex::encode(digest.finalize());
        let mut body = Vec::new();
        let mut part = |head: String, content: &[u8]| {
            body.extend_from_slice(format!("--{boundary}\r\n{head}\r\n\r\n").as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        };
        for (name, value) in fields {
            part(format!("Content-Disposition: form-data; name=\"{name}\""), value.as_bytes());
        }
        for file in files {
            let Attachment { content_type, .. } = file;
            let file_name = quoted(&file.name);
            let head = format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"");
            part(format!("{head}\r\nContent-Type: {content_type}"), &file.bytes);
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={boundary}");
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::try_from(kind).expect("letters and digits"));
        self.body = body.into();
        self
    }
}

/// A file's name between quotes, as browsers write it (<https://html.spec.whatwg.org/#multipart-form-data>).
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
