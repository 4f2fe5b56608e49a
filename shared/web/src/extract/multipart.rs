//! `multipart/form-data`: a file and texts beside it.

use std::marker::PhantomData;

use bytes::Bytes;
use domain::{Error, Result};
use futures::stream;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Content, Extract, Incoming, NoFilter, json};
use crate::openapi::Describe;

/// A form with a file. `T` describes the texts beside it, for the API document and [`Form::fields`].
#[derive(Debug, Clone)]
pub struct Multipart<T = NoFilter> {
    content_type: String,
    body: Bytes,
    is: PhantomData<fn() -> T>,
}

/// A file of a form.
#[derive(Debug, Clone)]
pub struct FilePart {
    /// As the client calls it; empty if it does not.
    pub file_name: String,
    /// As the client says; not to be trusted.
    pub content_type: Option<String>,
    /// What is in it.
    pub bytes: Bytes,
}

/// A form, read.
#[derive(Debug, Clone)]
pub struct Form<T> {
    files: IndexMap<String, FilePart>,
    texts: IndexMap<String, String>,
    is: PhantomData<fn() -> T>,
}

impl<T> Multipart<T> {
    /// Reads the parts. 400 if the body is no such form.
    pub async fn read(self) -> Result<Form<T>> {
        let unreadable =
            |_| Error::Unreadable { code: "multipart_invalid", detail: "The body is not a readable form.".into() };
        let boundary = multer::parse_boundary(&self.content_type).map_err(unreadable)?;
        let body = self.body;
        let mut parts = multer::Multipart::new(stream::once(async { Ok::<_, std::io::Error>(body) }), boundary);
        let mut form = Form { files: IndexMap::new(), texts: IndexMap::new(), is: PhantomData };
        while let Some(part) = parts.next_field().await.map_err(unreadable)? {
            let name = part.name().unwrap_or_default().to_owned();
            let file_name = part.file_name().map(str::to_owned);
            let content_type = part.content_type().map(ToString::to_string);
            let bytes = part.bytes().await.map_err(unreadable)?;
            if form.files.contains_key(&name) || form.texts.contains_key(&name) {
                return Err(Error::invalid(format!("/{name}"), "field_duplicate", "This field is given twice."));
            }
            // The name `file` is a file even where a client forgets the file name.
            if file_name.is_some() || name == "file" {
                form.files.insert(name, FilePart { file_name: file_name.unwrap_or_default(), content_type, bytes });
            } else {
                let text = String::from_utf8(bytes.to_vec())
                    .map_err(|_| Error::invalid(format!("/{name}"), "field_type", "Expected text in UTF-8."))?;
                form.texts.insert(name, text);
            }
        }
        Ok(form)
    }
}

impl<T> Form<T> {
    /// The file of that field, or 422.
    pub fn file(&self, name: &str) -> Result<&FilePart> {
        self.files
            .get(name)
            .ok_or_else(|| Error::invalid(format!("/{name}"), "field_required", "A file is needed here."))
    }

    /// The text of that field.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// The texts as `T`. A text that is a JSON object or list is read as one (`variables`, `recipients`), and
    /// `true`, `false` as such; everything else stays text. Empty texts count as left out.
    pub fn fields(&self) -> Result<T>
    where
        T: DeserializeOwned,
    {
        let object: Map<String, Value> = self
            .texts
            .iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| {
                let structured = text.starts_with(['{', '[']) || matches!(text.as_str(), "true" | "false");
                let value = structured.then(|| serde_json::from_str(text).ok()).flatten();
                (name.clone(), value.unwrap_or_else(|| Value::String(text.clone())))
            })
            .collect();
        json::read(&serde_json::to_vec(&object).map_err(Error::internal)?)
    }
}

impl<T: JsonSchema + Send> Extract for Multipart<T> {
    const CONTENT: Content = Content::Multipart;

    fn extract(incoming: &Incoming) -> Result<Self> {
        let content_type = incoming.headers.get(http::header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        Ok(Self { content_type, body: incoming.body.clone(), is: PhantomData })
    }

    fn describe(operation: &mut Describe<'_>) {
        let schema = operation.form_schema::<T>();
        operation.body(true, &[("multipart/form-data", schema)]);
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        body: String,
        draft: Option<bool>,
        variables: Option<IndexMap<String, String>>,
    }

    fn form(body: &'static str) -> Multipart<Fields> {
        Multipart {
            content_type: "multipart/form-data; boundary=B".into(),
            body: Bytes::from_static(body.as_bytes()),
            is: PhantomData,
        }
    }

    #[test]
    fn files_and_texts() {
        let read = futures::executor::block_on(
            form(
                "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nname,phone\r\n\
                 --B\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\n123\r\n\
                 --B\r\nContent-Disposition: form-data; name=\"draft\"\r\n\r\ntrue\r\n\
                 --B\r\nContent-Disposition: form-data; name=\"variables\"\r\n\r\n{\"a\":\"b\"}\r\n--B--\r\n",
            )
            .read(),
        )
        .unwrap();
        assert_eq!(read.file("file").unwrap().bytes, "name,phone");
        assert!(matches!(read.file("other"), Err(Error::Invalid(_))));
        let fields = read.fields().unwrap();
        assert_eq!((fields.body.as_str(), fields.draft), ("123", Some(true)));
        assert_eq!(fields.variables.unwrap()["a"], "b");
    }

    #[test]
    fn a_broken_form_is_unreadable() {
        let read = futures::executor::block_on(form("--B\r\nContent-Disp").read());
        assert!(matches!(read, Err(Error::Unreadable { code: "multipart_invalid", .. })));
    }
}
