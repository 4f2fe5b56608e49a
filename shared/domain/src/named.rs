//! Enums that clients, filters and the table know by name.
//!
//! Invariant: a name is written in one spelling and read in any case, so `?status=sent` and `"SENT"` are one.

/// A text that is none of the names asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownName {
    /// The names there are.
    pub expected: &'static [&'static str],
}

impl std::fmt::Display for UnknownName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "expected one of {}", self.expected.join(", "))
    }
}

impl std::error::Error for UnknownName {}

/// Defines an enum with `ALL`, `NAMES`, `name()`, `Display`, `FromStr` and serde by name, and a JSON Schema.
macro_rules! named {
    ($(#[$doc:meta])* pub enum $enum:ident { $($(#[$note:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::schemars::JsonSchema,
        )]
        pub enum $enum {
            $($(#[$note])* #[serde(rename = $text)] $variant,)*
        }

        impl $enum {
            /// All, in their order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The names of all, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($text),*];

            /// As clients and the table write it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl ::std::fmt::Display for $enum {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl ::std::str::FromStr for $enum {
            type Err = $crate::named::UnknownName;

            /// In any case, without blanks around it.
            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                let text = text.trim();
                Self::ALL
                    .iter()
                    .copied()
                    .find(|one| one.name().eq_ignore_ascii_case(text))
                    .ok_or($crate::named::UnknownName { expected: Self::NAMES })
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $enum {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let text = ::std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(::serde::de::Error::custom)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::{
        channel::Channel,
        delivery::{DeliveryStatus, ErrorClass, SkipReason},
        dns::{RecordPurpose, RecordState, RecordType},
        engagement::EngagementKind,
        event::EventType,
        keywords::Keyword,
        media::MediaStatus,
        message::{MessageStatus, PauseReason, RecipientType},
        routing::Strategy,
        suppression::{RemovalReason, StopScope, SuppressedChannel, SuppressionReason, SuppressionSource},
    };

    #[test]
    fn every_name_is_read_in_any_case_and_written_in_one() {
        macro_rules! check {
            ($($enum:ident)*) => {$(
                for one in $enum::ALL {
                    assert_eq!(one.name().to_lowercase().parse(), Ok(*one));
                    assert_eq!(one.name().to_uppercase().parse(), Ok(*one));
                    assert_eq!(serde_json::to_value(one).unwrap(), one.name());
                    assert_eq!(serde_json::from_value::<$enum>(one.name().to_lowercase().into()).unwrap(), *one);
                }
                assert!("".parse::<$enum>().is_err());
            )*};
        }
        check!(Channel DeliveryStatus ErrorClass SkipReason MessageStatus PauseReason RecipientType);
        check!(RecordPurpose RecordState RecordType EngagementKind MediaStatus);
        check!(Strategy EventType Keyword RemovalReason StopScope SuppressedChannel SuppressionReason SuppressionSource);
    }

    #[test]
    fn an_unknown_name_says_what_was_expected() {
        let error = "FAX".parse::<Channel>().unwrap_err();
        assert_eq!(error.to_string(), "expected one of SMS, WHATSAPP, EMAIL");
    }
}
