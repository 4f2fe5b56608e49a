//! Our id in the 20 characters that BulkSMS takes (`userSuppliedId`), and back.
//!
//! A delivery's id is 48 bits of its message's time, 48 random bits and 32 of the recipient's place. Of these 128 only 120
//! fit into 20 characters of base64 (RFC 4648 §5): the time's upper 6 are 0 until 2109, and the place's upper 2 in any
//! message of less than 1,000,000,000 recipients.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::id::DeliveryId;

const RANDOM: u32 = 48;
const PLACE: u32 = 32;
const SHORT_TIME: u32 = 42;
const SHORT_PLACE: u32 = 30;

/// The lowest bits.
fn low(bits: u128, count: u32) -> u128 {
    bits & ((1 << count) - 1)
}

/// An id in 20 characters; `None` if it does not fit.
pub(crate) fn short(id: DeliveryId) -> Option<String> {
    let (time, random, place) = (id.bits() >> (RANDOM + PLACE), low(id.bits() >> PLACE, RANDOM), low(id.bits(), PLACE));
    let fits = time >> SHORT_TIME == 0 && place >> SHORT_PLACE == 0;
    let short = ((time << RANDOM | random) << SHORT_PLACE) | place;
    fits.then(|| URL_SAFE_NO_PAD.encode(&short.to_be_bytes()[1..]))
}

/// The id that became these 20 characters.
pub(crate) fn long(text: &str) -> Option<DeliveryId> {
    let bytes: [u8; 15] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    let short = bytes.iter().fold(0, |bits: u128, byte| bits << 8 | u128::from(*byte));
    Some(DeliveryId::from_bits(((short >> SHORT_PLACE) << PLACE) | low(short, SHORT_PLACE)))
}

#[cfg(test)]
mod tests {
    use domain::id::MessageId;

    use super::*;

    #[test]
    fn every_id_has_20_characters_of_its_own() {
        for (at, ordinal) in
            [("2026-11-21T10:00:00Z", 0), ("2109-05-15T00:00:00Z", 999_999_999), ("1970-01-01T00:00:00Z", 7)]
        {
            let id = DeliveryId::of(MessageId::generate(at.parse().unwrap(), u128::MAX >> 48 << 32), ordinal);
            let text = short(id).unwrap();
            assert_eq!((text.len(), long(&text)), (20, Some(id)), "{text}");
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')), "{text}");
        }
        let message = MessageId::generate("2026-11-21T10:00:00Z".parse().unwrap(), 1 << 40);
        assert_ne!(short(DeliveryId::of(message, 1)), short(DeliveryId::of(message, 2)));
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let late = MessageId::generate("2110-01-01T00:00:00Z".parse().unwrap(), 1);
        assert_eq!(short(DeliveryId::of(late, 1)), None);
        let message = MessageId::generate("2026-11-21T10:00:00Z".parse().unwrap(), 1);
        assert_eq!(short(DeliveryId::of(message, 1 << 30)), None);
        for foreign in ["", "acc009876", "not base64 at all!!!", "AAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(long(foreign), None, "{foreign}");
        }
    }
}
