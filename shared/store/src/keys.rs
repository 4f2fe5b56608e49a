//! Every key of the table, and so every access pattern.
//!
//! | what | pk | sk | read by |
//! |---|---|---|---|
//! | organization | `O#{org}` | `ORG` | id |
//! | membership (organization, user, role) | `O#{org}` | `MEMBER#{usr}` | id; all of an organization |
//! | API key | `O#{org}` | `APIKEY#{key}` | id; all of an organization |
//! | API key by its hash | `APIKEY#{sha256}` | `APIKEY` | the key in a request |
//! | user | `U#{usr}` | `USER` | id |
//! | user by e-mail | `EMAIL#{email}` | `USER` | sign-in; uniqueness |
//! | session (a family of refresh tokens) | `U#{usr}` | `SESSION#{ses}` | refresh; all of a user |
//! | invite | `INVITE#{sha256}` | `INVITE` | the token in the link |
//! | sign-in attempts | `ATTEMPT#{what}` | `ATTEMPT` | address or account |
//! | public signing key | `SIGNING` | `KEY#{kid}` | the `kid` of a token |
//! | contact | `O#{org}#C#{shard}` | `{con}` | id; list, newest first, shards merged |
//! | phone → contact | `O#{org}#P#{shard}` | `{+e164}` | number (unique); prefix of a number, shards merged |
//! | words and tags → contact | `O#{org}#X#{shard}` | `w#{word}#{con}`, `t#{tag}#{con}`, `e#{email}#{con}` | prefix of a word; tag; e-mail |
//! | deleted contact | `O#{org}#C#{shard}` | `D#{con}` | id (history) |
//! | group | `O#{org}` | `GROUP#{grp}` | id; all of an organization |
//! | deleted group | `O#{org}` | `GONE#GROUP#{grp}` | id (history; removing its memberships) |
//! | group by name | `O#{org}` | `GROUPNAME#{name}` | uniqueness |
//! | membership of a group | `O#{org}#G#{grp}#{shard}` | `{con}` | members in contact-id order, shards merged |
//! | groups of a contact | `O#{org}#C#{shard}` | `G#{con}#{grp}` | all of a contact; deleting one |
//! | import | `O#{org}` | `IMPORT#{imp}` | id; all of an organization |
//! | rows of an import | `O#{org}#R#{imp}` | `{chunk}` | in file order |
//! | file of messages | `O#{org}` | `MEDIA#{med}` | id; all of an organization |
//! | template | `O#{org}` | `TEMPLATE#{tpl}` | id; all of an organization |
//! | domain; by config and name | `O#{org}` | `DOMAIN#{dom}`; `DOMAINNAME#{prv}#{name}` | id, all; uniqueness |
//! | how far a config's own list was read | `O#{org}` | `SUPPRESSIONSYNC#{prv}` | config |
//! | WhatsApp template | `O#{org}#WT` | `{wat}` | id; list, newest first |
//! | WhatsApp template by config, name and language | `O#{org}#WT` | `N#{sha256}` | uniqueness |
//! | message | `O#{org}#M#{shard}` | `{msg}` | id; list, newest first, shards merged; times are ranges of ids |
//! | plan, board, page of receipts of a chunk | `O#{org}#L#{msg}#{shard}` | `P#{chunk}`, `B#{chunk}`, `B#{chunk}#R{page}` | chunk; all boards and receipts of a message, shards merged |
//! | what a recipient did with a message | `O#{org}#L#{msg}#{shard}` | `E#{chunk}#{index}` | place; all of a message, shards merged |
//! | delivery | `O#{org}#D#{address}` | `{msg}` | recipient's history, newest first; one copy |
//! | copy by the provider's id for it, for three days | `O#{org}#RID#{sha256}` | `RID` | a receipt that says nothing else |
//! | provider config; by name | `O#{org}` | `PROVIDER#{prv}`; `PROVIDERNAME#{name}` | id, all of an organization; uniqueness |
//! | which configs are active and default, as one number | `O#{org}` | `PROVIDERSET` | changing any of them |
//! | provider by id alone | `PROVIDER#{prv}` | `PROVIDER` | a webhook, which names no organization |
//! | rate slot | `O#{org}#RATE#{prv}` | `RATE` | claim |
//! | alert; whom alerts are mailed to | `O#{org}` | `ALERT#{alr}`; `ALERTRECIPIENTS` | id; all of an organization |
//! | that an alert is open | `O#{org}` | `OPENALERT#{kind}#{subject}` | put with its alert, deleted when it is acknowledged |
//! | mail about an alert, for a month | `O#{org}#MAILS` | `{alr}#{digest of the address}` | all of an organization, newest first |
//! | data key of an organization | `O#{org}` | `DATAKEY` | credentials |
//! | day totals | `O#{org}#DAY#{shard}` | `{date}#{channel}#{prv}` | dashboard, a range of days, shards merged |
//! | suppression; one that was taken off | `O#{org}#S#{shard}` | `{sup}`; `D#{sup}` | id; list, newest first, shards merged |
//! | suppressed address | `O#{org}#SA#{shard}` | `{address}` | address (plan, claim); prefix of one, shards merged |
//! | which state the list of suppressions is in, as one number | `O#{org}` | `SUPPRESSIONS` | plan, claim |
//! | conversation | `O#{org}#V#{shard}` | `{cnv}`; `T#{last}#{cnv}` | id; list, the latest first, shards merged |
//! | conversation of an address | `O#{org}#VA#{shard}` | `{address}#{channel}` | address |
//! | what came in | `O#{org}#VM#{cnv}` | `{inm}` | conversation, newest first |
//! | that a provider told of it, for a week | `O#{org}#VI#{sha256}` | `INBOUND` | the same told again |
//! | webhook endpoint | `O#{org}` | `WEBHOOK#{whe}` | id; all of an organization |
//! | event to an endpoint, for a week | `O#{org}#WH#{whe}` | `{evt}` | endpoint, newest first |
//! | event that waits for another try | `O#{org}#WH#{whe}` | `W#{due}#{evt}` | endpoint, what is due first |
//! | routing rule | `O#{org}` | `RULE#{rul}` | id; all of an organization |
//! | price | `O#{org}#PRICES` | `{prc}` | id; all of an organization |
//! | circuit of a config for a country | `O#{org}#CIRCUIT#{prv}` | `{country}` | all of a config |
//! | thresholds of a config | `O#{org}` | `THRESHOLDS#{prv}` | id |
//! | what a config did in a minute, for a day | `O#{org}#HEALTH#{prv}` | `M#{minute}` | a range of minutes |
//! | counter | `O#{org}#N#{shard}` | `{name}` | sum over shards; messages by quarter of an hour also a range of names |
//! | idempotency record | `O#{org}#I#{sha256}` | `IDEMPOTENCY` | route + `Idempotency-Key` |
//!
//! The index `due` (`duePartition`, `dueAt`) holds what the sweep must look at: messages and imports in work,
//! webhook endpoints with events that wait, thresholds of provider configs, alerts that are to be mailed.
//! Invariant: everything of an organization has the organization in its partition key.

mod content;
mod routing;
mod templates;
mod two_way;
mod webhooks;

use domain::id::{ApiKeyId, ContactId, GroupId, ImportId, MessageId, OrgId, ProviderId, SessionId, UserId};
use sha2::{Digest, Sha256};

pub use content::*;
pub use routing::*;
pub use templates::*;
pub use two_way::*;
pub use webhooks::*;

/// How many partitions a list is spread over, so that an import of a million rows is not held to the 1,000
/// writes a second of one partition key.
pub const SHARDS: u8 = 8;

/// How many partitions the boards of a message are spread over: every receipt is a write to a board.
pub const BOARD_SHARDS: u8 = 16;

/// How many partitions the index of what is due is spread over.
pub const DUE_SHARDS: u8 = 4;

/// The name of the sparse index of what is due.
pub const DUE_INDEX: &str = "due";

/// The primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

impl Key {
    /// From its two parts.
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }
}

/// SHA-256 in hex: how secrets and long texts become keys.
pub fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// A number below `shards` from any text, the same for the same text.
pub fn shard_of(text: &str, shards: u8) -> u8 {
    Sha256::digest(text.as_bytes())[0] % shards
}

/// The partition of an organization's small things.
pub fn org(org: OrgId) -> String {
    format!("O#{org}")
}

fn of_org(org_id: OrgId, sk: String) -> Key {
    Key::new(org(org_id), sk)
}

/// The organization itself.
pub fn organization(org: OrgId) -> Key {
    of_org(org, "ORG".into())
}

/// A user's membership in an organization. Prefix of all: [`MEMBERS`].
pub fn member(org: OrgId, user: UserId) -> Key {
    of_org(org, format!("{MEMBERS}{user}"))
}

/// Sort-key prefix of memberships.
pub const MEMBERS: &str = "MEMBER#";

/// An API key. Prefix of all: [`API_KEYS`].
pub fn api_key(org: OrgId, key: ApiKeyId) -> Key {
    of_org(org, format!("{API_KEYS}{key}"))
}

/// Sort-key prefix of API keys.
pub const API_KEYS: &str = "APIKEY#";

/// The pointer from the hash of an API key's secret.
pub fn api_key_hash(sha256: &str) -> Key {
    Key::new(format!("APIKEY#{sha256}"), "APIKEY")
}

/// A user.
pub fn user(user: UserId) -> Key {
    Key::new(format!("U#{user}"), "USER")
}

/// The marker that makes an e-mail address unique among users.
pub fn user_email(email: &str) -> Key {
    Key::new(format!("EMAIL#{email}"), "USER")
}

/// The partition of a user's sessions. Prefix of all: [`SESSIONS`].
pub fn session(user: UserId, session: SessionId) -> Key {
    Key::new(format!("U#{user}"), format!("{SESSIONS}{session}"))
}

/// Sort-key prefix of sessions.
pub const SESSIONS: &str = "SESSION#";

/// An invite, by the hash of its token.
pub fn invite(sha256: &str) -> Key {
    Key::new(format!("INVITE#{sha256}"), "INVITE")
}

/// Attempts counted against `what` (`login-ip#203.0.113.9`, `login-account#<hash>`).
pub fn attempts(what: &str) -> Key {
    Key::new(format!("ATTEMPT#{what}"), "ATTEMPT")
}

/// A public signing key.
pub fn signing_key(kid: &str) -> Key {
    Key::new("SIGNING", format!("KEY#{kid}"))
}

/// A contact.
pub fn contact(org: OrgId, contact: ContactId) -> Key {
    Key::new(format!("O#{org}#C#{}", contact.shard(SHARDS)), contact.to_string())
}

/// The partitions of an organization's contacts.
pub fn contacts(org: OrgId) -> Vec<String> {
    (0..SHARDS).map(|shard| format!("O#{org}#C#{shard}")).collect()
}

/// What is kept of a deleted contact. Not among the contacts, so that no list reads over it.
pub fn deleted_contact(org: OrgId, contact: ContactId) -> Key {
    Key::new(format!("O#{org}#C#{}", contact.shard(SHARDS)), format!("D#{contact}"))
}

/// That a contact is in a group, seen from the contact. Prefix of all of a contact: [`contact_groups`].
pub fn contact_group(org: OrgId, contact: ContactId, group: GroupId) -> Key {
    let Key { pk, sk } = contact_groups(org, contact);
    Key::new(pk, format!("{sk}{group}"))
}

/// The partition and the sort-key prefix of the groups of a contact.
pub fn contact_groups(org: OrgId, contact: ContactId) -> Key {
    Key::new(format!("O#{org}#C#{}", contact.shard(SHARDS)), format!("G#{contact}#"))
}

/// The marker of a phone number: unique in the organization, points to its contact.
pub fn phone(org: OrgId, e164: &str) -> Key {
    Key::new(format!("O#{org}#P#{}", shard_of(e164, SHARDS)), e164)
}

/// The partitions of an organization's phone markers.
pub fn phones(org: OrgId) -> Vec<String> {
    (0..SHARDS).map(|shard| format!("O#{org}#P#{shard}")).collect()
}

/// An index entry that leads to a contact: `kind` is `w` (word of the name), `t` (tag) or `e` (e-mail).
pub fn contact_index(org: OrgId, kind: char, term: &str, contact: ContactId) -> Key {
    Key::new(format!("O#{org}#X#{}", contact.shard(SHARDS)), format!("{kind}#{term}#{contact}"))
}

/// The partitions of an organization's contact index.
pub fn contact_indexes(org: OrgId) -> Vec<String> {
    (0..SHARDS).map(|shard| format!("O#{org}#X#{shard}")).collect()
}

/// A group. Prefix of all: [`GROUPS`].
pub fn group(org: OrgId, group: GroupId) -> Key {
    of_org(org, format!("{GROUPS}{group}"))
}

/// Sort-key prefix of groups.
pub const GROUPS: &str = "GROUP#";

/// What is kept of a deleted group.
pub fn deleted_group(org: OrgId, group: GroupId) -> Key {
    of_org(org, format!("GONE#{GROUPS}{group}"))
}

/// The marker that makes a group's name unique (pass it folded).
pub fn group_name(org: OrgId, folded: &str) -> Key {
    of_org(org, format!("GROUPNAME#{folded}"))
}

/// That a contact is in a group, seen from the group.
pub fn group_member(org: OrgId, group: GroupId, contact: ContactId) -> Key {
    Key::new(format!("O#{org}#G#{group}#{}", contact.shard(SHARDS)), contact.to_string())
}

/// The partitions of a group's members.
pub fn group_members(org: OrgId, group: GroupId) -> Vec<String> {
    (0..SHARDS).map(|shard| format!("O#{org}#G#{group}#{shard}")).collect()
}

/// An import. Prefix of all: [`IMPORTS`].
pub fn import(org: OrgId, import: ImportId) -> Key {
    of_org(org, format!("{IMPORTS}{import}"))
}

/// Sort-key prefix of imports.
pub const IMPORTS: &str = "IMPORT#";

/// A chunk of an import's rows, in file order.
pub fn import_rows(org: OrgId, import: ImportId, chunk: u32) -> Key {
    Key::new(import_rows_partition(org, import), format!("{chunk:06}"))
}

/// The partition of an import's rows.
pub fn import_rows_partition(org: OrgId, import: ImportId) -> String {
    format!("O#{org}#R#{import}")
}

/// A message.
pub fn message(org: OrgId, message: MessageId) -> Key {
    Key::new(format!("O#{org}#M#{}", message.shard(SHARDS)), message.to_string())
}

/// The partitions of an organization's messages.
pub fn messages(org: OrgId) -> Vec<String> {
    (0..SHARDS).map(|shard| format!("O#{org}#M#{shard}")).collect()
}

fn ledger(org: OrgId, message: MessageId, chunk: u32) -> String {
    format!("O#{org}#L#{message}#{}", chunk % u32::from(BOARD_SHARDS))
}

/// The frozen recipients of a chunk.
pub fn plan(org: OrgId, message: MessageId, chunk: u32) -> Key {
    Key::new(ledger(org, message, chunk), format!("P#{chunk:08}"))
}

/// The states of a chunk's recipients. Prefix of all: [`BOARDS`].
pub fn board(org: OrgId, message: MessageId, chunk: u32) -> Key {
    Key::new(ledger(org, message, chunk), format!("{BOARDS}{chunk:08}"))
}

/// A page of the receipts of a chunk, beside its board, so that one query reads both. Written by receipts only.
pub fn receipts(org: OrgId, message: MessageId, chunk: u32, page: usize) -> Key {
    let board = board(org, message, chunk);
    Key::new(board.pk, format!("{}{RECEIPTS}{page}", board.sk))
}

/// What stands between the number of a board and that of a page of receipts.
pub const RECEIPTS: &str = "#R";

/// Sort-key prefix of boards and receipts.
pub const BOARDS: &str = "B#";

/// The partitions of a message's plans and boards; `chunks` is how many chunks it has at most, if that is known.
pub fn boards(org: OrgId, message: MessageId, chunks: Option<u32>) -> Vec<String> {
    let shards = u32::from(BOARD_SHARDS);
    (0..chunks.map_or(shards, |chunks| chunks.clamp(1, shards))).map(|chunk| ledger(org, message, chunk)).collect()
}

/// The partition of everything one address ever got.
pub fn deliveries(org: OrgId, address: &str) -> String {
    format!("O#{org}#D#{address}")
}

/// One recipient's copy of a message. Written by `send` only.
pub fn delivery(org: OrgId, address: &str, message: MessageId) -> Key {
    Key::new(deliveries(org, address), message.to_string())
}

/// The pointer from a provider's id for a copy, for providers whose receipts say nothing else.
pub fn receipt_pointer(org: OrgId, provider: ProviderId, provider_message_id: &str) -> Key {
    Key::new(format!("O#{org}#RID#{}", hash(&format!("{provider}\n{provider_message_id}"))), "RID")
}

/// A provider config. Prefix of all: [`PROVIDERS`].
pub fn provider(org: OrgId, provider: ProviderId) -> Key {
    of_org(org, format!("{PROVIDERS}{provider}"))
}

/// Sort-key prefix of provider configs.
pub const PROVIDERS: &str = "PROVIDER#";

/// The marker that makes a provider config's name unique (pass it folded).
pub fn provider_name(org: OrgId, folded: &str) -> Key {
    of_org(org, format!("PROVIDERNAME#{folded}"))
}

/// The number that goes up with every change of an organization's provider configs, so that what holds for all of
/// them together (one active per kind, one default per channel) survives two changes at once.
pub fn provider_set(org: OrgId) -> Key {
    of_org(org, "PROVIDERSET".into())
}

/// The pointer from a provider's id to its organization, for webhooks.
pub fn provider_pointer(provider: ProviderId) -> Key {
    Key::new(format!("PROVIDER#{provider}"), "PROVIDER")
}

/// The next free moment of a provider config.
pub fn rate(org: OrgId, provider: ProviderId) -> Key {
    Key::new(format!("O#{org}#RATE#{provider}"), "RATE")
}

/// The organization's data key, encrypted under the root key.
pub fn data_key(org: OrgId) -> Key {
    of_org(org, "DATAKEY".into())
}

/// The totals of one day (`2026-01-31`), channel and provider config; `seed` picks the shard.
pub fn day(org: OrgId, date: &str, channel: &str, provider: ProviderId, seed: MessageId) -> Key {
    Key::new(format!("O#{org}#DAY#{}", seed.shard(SHARDS)), format!("{date}#{channel}#{provider}"))
}

/// The partitions of an organization's day totals.
pub fn days(org: OrgId) -> Vec<String> {
    (0..SHARDS).map(|shard| format!("O#{org}#DAY#{shard}")).collect()
}

/// The partitions of an organization's counters.
pub fn counters(org: OrgId) -> Vec<String> {
    (0..SHARDS).map(|shard| format!("O#{org}#N#{shard}")).collect()
}

/// One shard of a counter.
pub fn counter(org: OrgId, name: &str, shard: u8) -> Key {
    Key::new(format!("O#{org}#N#{shard}"), name)
}

/// The idempotency record of a request.
pub fn idempotency(org: OrgId, route: &str, key: &str) -> Key {
    Key::new(format!("O#{org}#I#{}", hash(&format!("{route}\n{key}"))), "IDEMPOTENCY")
}

/// The partition of the `due` index for a message or import with these id bits.
pub fn due_partition(shard: u8) -> String {
    format!("DUE#{}", shard % DUE_SHARDS)
}
