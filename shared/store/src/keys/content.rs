//! Keys of files that go with messages, of opens and clicks, and of domains of e-mail. The table in `keys.rs` lists them with the others.

use domain::id::{DomainId, MediaId, MessageId, OrgId, ProviderId};

use super::{Key, ledger, of_org};

/// A file that goes with messages. Prefix of all: [`MEDIA`].
pub fn media(org: OrgId, media: MediaId) -> Key {
    of_org(org, format!("{MEDIA}{media}"))
}

/// Sort-key prefix of files.
pub const MEDIA: &str = "MEDIA#";

/// What one recipient of a chunk did with a message. Prefix of all: [`ENGAGEMENTS`]; not among the boards, so that no fold of
/// states reads over it.
pub fn engagement(org: OrgId, message: MessageId, chunk: u32, index: usize) -> Key {
    Key::new(ledger(org, message, chunk), format!("{ENGAGEMENTS}{chunk:08}#{index}"))
}

/// Sort-key prefix of what recipients did.
pub const ENGAGEMENTS: &str = "E#";

/// A domain that e-mail is sent from. Prefix of all: [`DOMAINS`].
pub fn domain(org: OrgId, domain: DomainId) -> Key {
    of_org(org, format!("{DOMAINS}{domain}"))
}

/// Sort-key prefix of domains.
pub const DOMAINS: &str = "DOMAIN#";

/// The marker that makes a domain unique at a provider config.
pub fn domain_name(org: OrgId, provider: ProviderId, name: &str) -> Key {
    of_org(org, format!("DOMAINNAME#{provider}#{name}"))
}

/// How far a provider's own list of suppressions was read.
pub fn suppression_sync(org: OrgId, provider: ProviderId) -> Key {
    of_org(org, format!("SUPPRESSIONSYNC#{provider}"))
}
