//! Suppressions: addresses that get no messages, on one channel or on all, and why.

use crate::{
    channel::Channel,
    email::Email,
    error::Violation,
    phone::{Country, Phone},
};

named! {
    /// The channel that a suppression is for.
    pub enum SuppressedChannel {
        /// Every channel.
        All = "ALL",
        /// Text messages.
        Sms = "SMS",
        /// WhatsApp.
        WhatsApp = "WHATSAPP",
        /// E-mail.
        Email = "EMAIL",
    }
}

impl From<Channel> for SuppressedChannel {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Sms => Self::Sms,
            Channel::WhatsApp => Self::WhatsApp,
            Channel::Email => Self::Email,
        }
    }
}

named! {
    /// Why an address gets no messages.
    pub enum SuppressionReason {
        /// The person asked for no more messages.
        OptedOut = "OPTED_OUT",
        /// The person reported a message as unwanted.
        Complained = "COMPLAINED",
        /// Messages to it do not arrive, for good.
        Bounced = "BOUNCED",
        /// Somebody of the organization decided so.
        Manual = "MANUAL",
    }
}

named! {
    /// How a suppression came to be.
    pub enum SuppressionSource {
        /// Added over the API.
        Api = "API",
        /// From a file.
        Import = "IMPORT",
        /// A provider refused the address because the person had opted out there.
        Provider = "PROVIDER",
        /// The person wrote so.
        Inbound = "INBOUND",
    }
}

named! {
    /// Why a suppression was taken off the list.
    pub enum RemovalReason {
        /// The person asked for messages again.
        OptedIn = "OPTED_IN",
        /// It should not have been on the list.
        Mistake = "MISTAKE",
    }
}

named! {
    /// What somebody's `STOP` holds for.
    #[derive(Default)]
    pub enum StopScope {
        /// The channel that it was written on.
        #[default]
        Channel = "CHANNEL",
        /// Every channel.
        All = "ALL",
    }
}

/// The longest note, in characters.
pub const MAX_NOTE: usize = 500;

/// An address in its normal form: E.164, or an e-mail address in lower case. It must be one that `channel` reaches;
/// [`SuppressedChannel::All`] takes both. Codes: those of [`crate::phone::PhoneError`] and [`crate::email::EmailError`].
pub fn address(text: &str, channel: SuppressedChannel, country: Country, pointer: &str) -> Result<String, Violation> {
    let by_email = match channel {
        SuppressedChannel::All => text.contains('@'),
        SuppressedChannel::Email => true,
        SuppressedChannel::Sms | SuppressedChannel::WhatsApp => false,
    };
    if by_email {
        Email::parse(text)
            .map(|email| email.to_string())
            .map_err(|error| Violation::new(pointer, error.code(), error.to_string()))
    } else {
        Phone::parse(text, country)
            .map(|phone| phone.to_string())
            .map_err(|error| Violation::new(pointer, error.code(), error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_that_its_channel_reaches() {
        let kenya = Country::parse("KE").unwrap();
        let read = |text: &str, channel| address(text, channel, kenya, "/address");
        for channel in [SuppressedChannel::All, SuppressedChannel::Sms, SuppressedChannel::WhatsApp] {
            assert_eq!(read("0712 345 678", channel).unwrap(), "+254712345678");
        }
        for channel in [SuppressedChannel::All, SuppressedChannel::Email] {
            assert_eq!(read(" Ama@Example.com ", channel).unwrap(), "ama@example.com");
        }
        assert_eq!(read("ama@example.com", SuppressedChannel::Sms).unwrap_err().pointer, "/address");
        assert_eq!(read("+254712345678", SuppressedChannel::Email).unwrap_err().code, "email_invalid");
    }
}
