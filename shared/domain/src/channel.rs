//! Channels: the ways a message goes.

named! {
    /// The way a message goes.
    pub enum Channel {
        /// Text message to a phone number.
        Sms = "SMS",
        /// WhatsApp message to a phone number.
        WhatsApp = "WHATSAPP",
        /// E-mail.
        Email = "EMAIL",
    }
}

impl Channel {
    /// Whether its addresses are phone numbers.
    pub const fn is_by_phone(self) -> bool {
        matches!(self, Self::Sms | Self::WhatsApp)
    }
}
