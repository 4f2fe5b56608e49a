//! From the format and the recipients to a request.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use indexmap::IndexMap;
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    format::{self, BodyKind, Format},
    template::{Escape, Shape, Template, Values},
};
use crate::{
    outbound::{Call, LONGEST_CALL},
    provider::{Account, Outgoing},
};

/// The request for one recipient, or for as many as a batch takes. The error is for people.
pub(crate) fn submission(account: &Account, format: &Format, items: &[Outgoing]) -> Result<Call, String> {
    let outgoing = if format.batch.is_some() { None } else { items.first() };
    let adds_link = !places_link(format);
    let values = Values { account, outgoing, adds_link };
    let request = &format.request;
    let mut url = url(account, request.url.as_ref(), &values)?;
    let mut headers = headers(&request.headers, &values)?;
    if let (Some(idempotency), Some(outgoing)) = (&request.idempotency, outgoing) {
        let key = HeaderValue::from_str(&outgoing.idempotency_key()).expect("an id is fit for a header");
        headers.insert(header_name(&idempotency.header)?, key);
    }
    let default_kind = if request.method == format::Method::Get { BodyKind::Query } else { BodyKind::Json };
    let (kind, template) = match &request.body {
        Some(body) => (body.kind, body.template.as_ref()),
        None => (default_kind, None),
    };
    let body = match (kind, &format.batch) {
        (_, Some(batch)) => {
            let mut frame = template.map_or_else(|| Ok(json!({})), |shape| shape.fill(&values))?;
            let item = |outgoing| {
                let values = Values { outgoing: Some(outgoing), ..values };
                batch.item_template.as_ref().map_or_else(|| Ok(plain(&values, outgoing)), |shape| shape.fill(&values))
            };
            let list = items.iter().map(item).collect::<Result<Vec<_>, _>>()?;
            put(&mut frame, &batch.items_pointer.0, Value::Array(list))?;
            content_type(&mut headers, "application/json");
            frame.to_string()
        }
        (BodyKind::Json, None) => {
            content_type(&mut headers, "application/json");
            fields(template, &values)?.to_string()
        }
        (BodyKind::Form, None) => {
            content_type(&mut headers, "application/x-www-form-urlencoded");
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(pairs(&fields(template, &values)?)?);
            form.finish()
        }
        (BodyKind::Query, None) => {
            url.query_pairs_mut().extend_pairs(pairs(&fields(template, &values)?)?);
            String::new()
        }
        (BodyKind::Raw, None) => {
            content_type(&mut headers, "text/plain; charset=utf-8");
            let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
            match template {
                Some(Shape::Text(text)) => text.fill(&values, Escape::of_content_type(kind))?,
                _ => return Err("a raw body is one text".to_owned()),
            }
        }
    };
    let timeout = request.timeout_ms.map_or(LONGEST_CALL, Duration::from_millis);
    Ok(Call { method: method(request.method), url, headers, body: body.into(), timeout })
}

/// A request that sends nothing: balance or test. Its headers are the submission's unless it has its own.
pub(crate) fn question(
    account: &Account,
    format: &Format,
    method_: format::Method,
    url_: &Template,
    own: Option<&IndexMap<String, Template>>,
) -> Result<Call, String> {
    let values = Values { account, outgoing: None, adds_link: false };
    let mut call = Call::new(method(method_), url(account, Some(url_), &values)?);
    call.headers = headers(own.unwrap_or(&format.request.headers), &values)?;
    if own.is_none() {
        call.headers.remove(header::CONTENT_TYPE);
    }
    Ok(call)
}

fn method(method: format::Method) -> Method {
    match method {
        format::Method::Get => Method::GET,
        format::Method::Post => Method::POST,
        format::Method::Put => Method::PUT,
    }
}

/// The address: whole, or a path below the config's `apiUrl`, or that itself.
pub(crate) fn url(account: &Account, template: Option<&Template>, values: &Values<'_>) -> Result<Url, String> {
    let text = template.map(|template| template.fill(values, Escape::Percent)).transpose()?;
    let text = match (text, account.api_url.as_deref()) {
        (Some(text), _) if text.contains("://") => text,
        (Some(path), Some(base)) => format!("{}/{}", base.trim_end_matches('/'), path.trim_start_matches('/')),
        (None, Some(base)) => base.to_owned(),
        (Some(_), None) => return Err("the address is not a whole one".to_owned()),
        (None, None) => return Err("the address is missing".to_owned()),
    };
    Url::parse(&text).map_err(|_| "the address is not a URL".to_owned())
}

fn headers(templates: &IndexMap<String, Template>, values: &Values<'_>) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, template) in templates {
        let header = header_name(name)?;
        let value = template.fill(values, Escape::None)?;
        // Refuses CR, LF and other control characters, so no value can smuggle a second header in.
        let mut value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| format!("the value of the header `{name}` has a line break or control character"))?;
        value.set_sensitive(true);
        headers.append(header, value);
    }
    Ok(headers)
}

/// A header that a config may set: not those that frame the request or name its host.
pub(crate) fn header_name(name: &str) -> Result<HeaderName, String> {
    let header = name.parse::<HeaderName>().map_err(|_| format!("`{name}` is not a header"))?;
    let framing = [
        header::HOST,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::CONNECTION,
        header::UPGRADE,
        header::TE,
        header::TRAILER,
        header::EXPECT,
    ];
    if framing.contains(&header) { Err(format!("the header `{name}` cannot be set")) } else { Ok(header) }
}

fn content_type(headers: &mut HeaderMap, default: &'static str) {
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static(default));
}

/// The fields of the body; without a template those that every provider needs.
fn fields(template: Option<&Shape>, values: &Values<'_>) -> Result<Value, String> {
    match (template, values.outgoing) {
        (Some(shape), _) => shape.fill(values),
        (None, Some(outgoing)) => Ok(plain(values, outgoing)),
        (None, None) => Ok(json!({})),
    }
}

/// Whether a template says where a mail's link to unsubscribe goes.
fn places_link(format: &Format) -> bool {
    let request = &format.request;
    let body = request.body.as_ref().and_then(|body| body.template.as_ref());
    let item = format.batch.as_ref().and_then(|batch| batch.item_template.as_ref());
    let shapes = body.into_iter().chain(item).flat_map(Shape::templates);
    shapes.chain(&request.url).chain(request.headers.values()).any(Template::places_link)
}

fn plain(values: &Values<'_>, outgoing: &Outgoing) -> Value {
    let mut fields = Map::new();
    fields.insert("to".to_owned(), outgoing.to.clone().into());
    fields.insert("body".to_owned(), values.body(outgoing).into());
    if let Some(subject) = &outgoing.subject {
        fields.insert("subject".to_owned(), subject.clone().into());
    }
    fields.insert("messageId".to_owned(), outgoing.delivery_id.to_string().into());
    Value::Object(fields)
}

/// The fields of a form or a query; a list repeats its field.
fn pairs(value: &Value) -> Result<Vec<(String, String)>, String> {
    let Value::Object(fields) = value else { return Err("a form or query is an object of texts".to_owned()) };
    let mut pairs = Vec::new();
    for (name, value) in fields {
        let list = if let Value::Array(list) = value { list.as_slice() } else { std::slice::from_ref(value) };
        for value in list.iter().filter(|value| !value.is_null()) {
            let text = format::text_of(value).ok_or_else(|| format!("`{name}` is not a text"))?;
            pairs.push((name.clone(), text));
        }
    }
    Ok(pairs)
}

/// Puts `value` at a pointer, making the objects on the way.
fn put(frame: &mut Value, pointer: &str, value: Value) -> Result<(), String> {
    let mut place = frame;
    for key in pointer.split('/').skip(1) {
        let key = key.replace("~1", "/").replace("~0", "~");
        let object = place.as_object_mut().ok_or("`itemsPointer` leads through something that is no object")?;
        place = object.entry(key).or_insert_with(|| json!({}));
    }
    *place = value;
    Ok(())
}
