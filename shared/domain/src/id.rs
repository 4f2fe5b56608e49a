//! Typed ids: a prefix, `_` and a ULID. They sort by time, so they are sort keys too.
//!
//! The list at the end of the file is append-only.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ulid::Ulid;

/// Why a text is not an id of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an id that starts with `{prefix}_`")]
pub struct IdError {
    /// The prefix of the kind asked for.
    pub prefix: &'static str,
}

fn parse(prefix: &'static str, text: &str) -> Result<Ulid, IdError> {
    text.strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .filter(|rest| rest.len() == 26)
        .and_then(|rest| Ulid::from_string(rest).ok())
        // Lower case or look-alike letters would give one id two spellings, and so two keys.
        .filter(|ulid| text.ends_with(&ulid.to_string()))
        .ok_or(IdError { prefix })
}

fn milliseconds(at: Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap_or(0)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal,)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ulid);

        impl $name {
            /// The text before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new id, from the time and 80 bits of randomness (the rest of `random` is cut off).
            pub fn new(at: Timestamp, random: u128) -> Self {
                Self(Ulid::from_parts(milliseconds(at), random))
            }

            /// The smallest id of that millisecond: the lower bound of a range read.
            pub fn first_at(at: Timestamp) -> Self {
                Self(Ulid::from_parts(milliseconds(at), 0))
            }

            /// The largest id of that millisecond: the upper bound of a range read.
            pub fn last_at(at: Timestamp) -> Self {
                Self(Ulid::from_parts(milliseconds(at), u128::MAX))
            }

            /// When the id was made, to the millisecond.
            pub fn time(self) -> Timestamp {
                Timestamp::from_millisecond(self.0.timestamp_ms() as i64).unwrap_or(Timestamp::UNIX_EPOCH)
            }

            /// From the 128 bits of another id: a place in time order.
            pub fn from_bits(bits: u128) -> Self {
                Self(Ulid(bits))
            }

            /// The 128 bits.
            pub fn bits(self) -> u128 {
                self.0.0
            }

            /// A number below `shards` that spreads ids evenly and never changes for one id.
            pub fn shard(self, shards: u8) -> u8 {
                shard_of(self.0.0, shards)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse($prefix, text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "pattern": concat!("^", $prefix, "_[0-9A-HJKMNP-TV-Z]{26}$"),
                    "examples": [concat!($prefix, "_01KAJ7Q4T0M5Z8X2V9C3B6N1R4")],
                })
            }
        }
    )*};
}

/// A number below `shards`, evenly spread (the finaliser of SplitMix64 over both halves).
fn shard_of(bits: u128, shards: u8) -> u8 {
    let mut x = (bits >> 64) as u64 ^ bits as u64;
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) % u64::from(shards.max(1))) as u8
}

/// The low bits of a message's ULID that are zero, so that they can hold the ordinal of a recipient.
const ORDINAL_BITS: u32 = 32;

impl MessageId {
    /// A new message id: its low 32 bits are zero (see [`DeliveryId::of`]), 48 bits are random.
    pub fn generate(at: Timestamp, random: u128) -> Self {
        let id = Self::new(at, random);
        Self(Ulid(id.0.0 >> ORDINAL_BITS << ORDINAL_BITS))
    }
}

impl DeliveryId {
    /// The id of one recipient's copy: the message's bits with the recipient's ordinal in the low 32. So a
    /// delivery id leads to its message and its place in the plan without any index.
    pub fn of(message: MessageId, ordinal: u32) -> Self {
        Self(Ulid(message.0.0 | u128::from(ordinal)))
    }

    /// The message of this delivery.
    pub fn message(self) -> MessageId {
        MessageId(Ulid(self.0.0 >> ORDINAL_BITS << ORDINAL_BITS))
    }

    /// Which recipient of the message.
    pub fn ordinal(self) -> u32 {
        self.0.0 as u32
    }
}

ids! {
    /// An organization: owns everything.
    OrgId = "org",
    /// A person who signs in.
    UserId = "usr",
    /// An API key.
    ApiKeyId = "key",
    /// A contact.
    ContactId = "con",
    /// A group of contacts.
    GroupId = "grp",
    /// One content to one audience.
    MessageId = "msg",
    /// One recipient's copy of a message.
    DeliveryId = "dlv",
    /// An imported file.
    ImportId = "imp",
    /// A template.
    TemplateId = "tpl",
    /// A provider configuration.
    ProviderId = "prv",
    /// An alert.
    AlertId = "alr",
    /// A request.
    RequestId = "req",
    /// A plan that produces messages.
    CampaignId = "cmp",
    /// A chain of refresh tokens.
    SessionId = "ses",
    /// A conversation with one address on one channel.
    ConversationId = "cnv",
    /// A message that came in.
    InboundId = "inm",
    /// An address that gets no messages.
    SuppressionId = "sup",
    /// Where an organization receives events.
    WebhookEndpointId = "whe",
    /// Something that happened.
    EventId = "evt",
    /// What a provider charges somewhere.
    PriceId = "prc",
    /// A rule by which a provider is picked.
    RoutingRuleId = "rul",
    /// A file that goes with messages.
    MediaId = "med",
    /// A domain that e-mail is sent from.
    DomainId = "dom",
    /// A template that WhatsApp approves.
    WhatsAppTemplateId = "wat",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_id_leads_back_to_message_and_ordinal() {
        let message = MessageId::generate(Timestamp::UNIX_EPOCH, u128::MAX);
        let delivery = DeliveryId::of(message, 4_000_001);
        assert_eq!(delivery.message(), message);
        assert_eq!(delivery.ordinal(), 4_000_001);
        assert_eq!(delivery.to_string().parse(), Ok(delivery));
    }

    #[test]
    fn other_prefixes_and_spellings_are_refused() {
        let id = ContactId::new(Timestamp::UNIX_EPOCH, 7).to_string();
        assert!(id.parse::<ContactId>().is_ok());
        assert!(id.replace("con", "grp").parse::<ContactId>().is_err());
        assert!(
            ContactId::new(Timestamp::UNIX_EPOCH, u128::MAX).to_string().to_lowercase().parse::<ContactId>().is_err()
        );
        assert!("con_".parse::<ContactId>().is_err());
    }
}
