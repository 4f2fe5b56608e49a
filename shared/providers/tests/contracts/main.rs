//! The same cases for every provider, against a server on the loopback interface that answers as the provider's page
//! says. One file of `kinds/` for each provider holds its answers; `cases.rs` holds what must come of them.
//!
//! Invariant: what stands in `kinds/` is written from the providers' pages and signs with code of its own, so that an
//! adapter cannot be its own witness.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod cases;
mod contract;
mod kinds;
#[path = "../../src/tests/mail_server.rs"]
mod mail_server;
mod sign;
mod smtp;
mod specimens;
#[allow(dead_code, reason = "shared with the tests inside of the crate, which use all of it")]
#[path = "../../src/testing.rs"]
mod testing;
mod webhooks;

// Where `testing.rs` finds what it uses.
use providers::{kind, outbound, provider, spec};

/// Makes a test of each case for each provider.
macro_rules! suite {
    ($($name:ident = $contract:expr;)*) => {$(
        mod $name {
            use super::{cases, kinds, specimens, webhooks};

            #[tokio::test]
            async fn leaves_specimens() {
                specimens::leaves_specimens(stringify!($name), &$contract).await;
            }

            #[tokio::test]
            async fn takes_every_text_once() {
                cases::takes_every_text_once(&$contract).await;
            }

            #[tokio::test]
            async fn names_every_refusal() {
                cases::names_every_refusal(&$contract).await;
            }

            #[tokio::test]
            async fn tells_good_from_bad_in_one_batch() {
                cases::tells_good_from_bad_in_one_batch(&$contract).await;
            }

            #[tokio::test]
            async fn tries_again_only_what_has_not_left() {
                cases::tries_again_only_what_has_not_left(&$contract).await;
            }

            #[tokio::test]
            async fn waits_as_long_as_it_is_told() {
                cases::waits_as_long_as_it_is_told(&$contract).await;
            }

            #[tokio::test]
            async fn tests_without_sending() {
                cases::tests_without_sending(&$contract).await;
            }

            #[tokio::test]
            async fn finds_what_it_took() {
                cases::finds_what_it_took(&$contract).await;
            }

            #[test]
            fn asks_for_what_it_needs() {
                cases::asks_for_what_it_needs(&$contract);
            }

            #[tokio::test]
            async fn receipts_find_their_text_in_any_order() {
                webhooks::receipts_find_their_text_in_any_order(&$contract).await;
            }

            #[tokio::test]
            async fn reports_tell_the_texts_of_a_call_apart() {
                webhooks::reports_tell_the_texts_of_a_call_apart(&$contract).await;
            }

            #[tokio::test]
            async fn forged_and_cut_calls_are_refused() {
                webhooks::forged_and_cut_calls_are_refused(&$contract).await;
            }

            #[tokio::test]
            async fn replayed_calls_change_nothing() {
                webhooks::replayed_calls_change_nothing(&$contract).await;
            }

            #[tokio::test]
            async fn stop_is_heard() {
                webhooks::stop_is_heard(&$contract).await;
            }
        }
    )*};
}

suite! {
    africastalking = kinds::africastalking::AfricasTalking;
    aisensy = kinds::aisensy::AiSensy;
    bulksms = kinds::bulksms::BulkSms;
    custom = kinds::custom::Custom;
    fonnte = kinds::fonnte::Fonnte;
    gupshup = kinds::gupshup::Gupshup;
    interakt = kinds::interakt::Interakt;
    mailgun = kinds::mailgun::Mailgun;
    mailjet = kinds::mailjet::Mailjet;
    meta = kinds::meta::Meta;
    sendgrid = kinds::sendgrid::SendGrid;
    ses = kinds::ses::Ses;
    telnyx = kinds::telnyx::Telnyx;
    twilio_sms = kinds::twilio::Twilio(crate::kind::Channel::Sms);
    twilio_whatsapp = kinds::twilio::Twilio(crate::kind::Channel::WhatsApp);
    vonage_sms = kinds::vonage::Vonage(crate::kind::Channel::Sms);
    vonage_whatsapp = kinds::vonage::Vonage(crate::kind::Channel::WhatsApp);
    vonage_sms_api = kinds::vonage_sms::VonageSms;
}
