//! What the tests that need the whole have in common: a world (the local host in this process, or as a process of its
//! own that can be killed), an API client, and a provider on the loopback address.

pub mod api;
pub mod campaign;
pub mod dns;
pub mod files;
pub mod loopback;
pub mod mail;
pub mod mailjet;
pub mod process;
pub mod provider;
pub mod receiver;
pub mod twilio;
pub mod world;

pub use api::{Answer, Api};
pub use campaign::{Bill, Campaign};
pub use loopback::Loopback;
pub use mail::MailServer;
pub use mailjet::Mailjet;
pub use process::Process;
pub use provider::Provider;
pub use receiver::Receiver;
pub use twilio::Twilio;
pub use world::World;

use std::time::Duration;

/// Chunks that may be in flight at once: the concurrency of the function `send`.
pub fn send_concurrency() -> u64 {
    let rows = functions::catalogue();
    let send = rows.iter().find(|row| row.name == "send").expect("there is such a row");
    let web::row::Trigger::Queue { concurrency, .. } = send.trigger else { panic!("it works on a queue") };
    u64::from(concurrency)
}

/// Asks `check` again and again until it gives something, at most `seconds`. For worlds on the system's clock, which
/// do things in their own time (another process, a delayed queue message); worlds on a manual clock use `World::until`.
#[expect(clippy::disallowed_methods, reason = "a condition seen only from outside has to be asked for again")]
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, seconds: u64, mut check: impl FnMut() -> F) -> T {
    let tries = seconds * 20;
    for _ in 0..tries {
        if let Some(found) = check().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("did not happen within {seconds} s: {what}");
}
