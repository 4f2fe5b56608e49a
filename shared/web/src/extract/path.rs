//! `{id}` segments of a path. A text that cannot be such an id names nothing, so it is a 404, as is an id of
//! another organization.

use domain::{Error, Result, id};
use serde_json::{Value, json};

use super::{Extract, Incoming};
use crate::openapi::Describe;

/// The variable segments of the path, in order: one value, or a tuple.
#[derive(Debug, Clone)]
pub struct Path<T>(pub T);

/// One variable segment.
pub trait Segment: Sized + Send {
    /// The kind of thing it names, in words (`contact`).
    const KIND: &'static str;

    /// Reads it; `None`: there cannot be such a thing.
    fn parse(text: &str) -> Option<Self>;

    /// Its JSON schema.
    fn schema() -> Value;
}

/// All variable segments of a path.
pub trait Segments: Sized + Send {
    /// Reads them in order.
    fn parse(segments: &[String]) -> Result<Self>;

    /// Their schemas, in order.
    fn schemas() -> Vec<Value>;
}

fn one<T: Segment>(segments: &[String], at: usize) -> Result<T> {
    let text = segments.get(at).ok_or_else(|| Error::internal("the route has fewer variables than its handler"))?;
    // What was asked for goes back cut: it is the caller's own text and may be of any length.
    T::parse(text).ok_or_else(|| Error::not_found(T::KIND, text.chars().take(40).collect::<String>()))
}

impl<T: Segment> Segments for T {
    fn parse(segments: &[String]) -> Result<Self> {
        one(segments, 0)
    }

    fn schemas() -> Vec<Value> {
        vec![T::schema()]
    }
}

impl<A: Segment, B: Segment> Segments for (A, B) {
    fn parse(segments: &[String]) -> Result<Self> {
        Ok((one(segments, 0)?, one(segments, 1)?))
    }

    fn schemas() -> Vec<Value> {
        vec![A::schema(), B::schema()]
    }
}

impl<A: Segment, B: Segment, C: Segment> Segments for (A, B, C) {
    fn parse(segments: &[String]) -> Result<Self> {
        Ok((one(segments, 0)?, one(segments, 1)?, one(segments, 2)?))
    }

    fn schemas() -> Vec<Value> {
        vec![A::schema(), B::schema(), C::schema()]
    }
}

impl<T: Segments> Extract for Path<T> {
    fn extract(incoming: &Incoming) -> Result<Self> {
        T::parse(&incoming.segments).map(Self)
    }

    fn describe(operation: &mut Describe<'_>) {
        operation.segments(T::schemas());
    }
}

macro_rules! ids {
    ($($name:ident = $kind:literal,)*) => {$(
        impl Segment for id::$name {
            const KIND: &'static str = $kind;

            fn parse(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn schema() -> Value {
                // Not the strict pattern: another text is a 404, not an unreadable request.
                json!({"type": "string", "examples": [format!("{}_01KAJ7Q4T0M5Z8X2V9C3B6N1R4", id::$name::PREFIX)]})
            }
        }
    )*};
}

ids! {
    OrgId = "organization",
    UserId = "user",
    ApiKeyId = "API key",
    ContactId = "contact",
    GroupId = "group",
    MessageId = "message",
    DeliveryId = "delivery",
    ImportId = "import",
    TemplateId = "template",
    ProviderId = "provider",
    AlertId = "alert",
    SuppressionId = "suppression",
    ConversationId = "conversation",
    WebhookEndpointId = "webhook endpoint",
    EventId = "event",
    PriceId = "price",
    RoutingRuleId = "routing rule",
    DomainId = "domain",
    MediaId = "media",
    WhatsAppTemplateId = "WhatsApp template",
    CampaignId = "campaign",
}

impl Segment for String {
    const KIND: &'static str = "thing";

    fn parse(text: &str) -> Option<Self> {
        Some(text.into())
    }

    fn schema() -> Value {
        json!({"type": "string"})
    }
}

impl Segment for u32 {
    const KIND: &'static str = "row";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn schema() -> Value {
        json!({"type": "integer", "minimum": 0, "maximum": u32::MAX})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_id_is_not_found_of_its_kind() {
        let error = <id::ContactId as Segments>::parse(&["grp_1".into()]).unwrap_err();
        assert!(matches!(error, Error::NotFound { kind: "contact", id } if id == "grp_1"));
    }

    #[test]
    fn tuples_read_in_order() {
        let (name, row) = <(String, u32)>::parse(&["a".into(), "7".into()]).unwrap();
        assert_eq!((name.as_str(), row), ("a", 7));
    }
}
