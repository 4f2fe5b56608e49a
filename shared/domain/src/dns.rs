//! The records in DNS that decide whether e-mail of a domain arrives: what each is for, and whether what stands there is
//! what should.

use serde::{Deserialize, Serialize};

named! {
    /// What a record is for.
    pub enum RecordPurpose {
        /// Which servers may send for the domain (RFC 7208).
        Spf = "SPF",
        /// The key that signs each mail (RFC 6376).
        Dkim = "DKIM",
        /// What receivers do with mails that fail both (RFC 7489).
        Dmarc = "DMARC",
        /// Where bounces go.
        ReturnPath = "RETURN_PATH",
        /// Where links and pictures of mails lead, if the provider counts opens and clicks.
        Tracking = "TRACKING",
    }
}

named! {
    /// The type of a record (RFC 1035).
    pub enum RecordType {
        /// A text.
        Txt = "TXT",
        /// Another name for the name.
        Cname = "CNAME",
        /// Who takes mail.
        Mx = "MX",
    }
}

named! {
    /// What was found of a record.
    pub enum RecordState {
        /// Nobody has looked.
        Unchecked = "UNCHECKED",
        /// It is there.
        Good = "GOOD",
        /// There is nothing at its name.
        Missing = "MISSING",
        /// Something else is there.
        Wrong = "WRONG",
        /// DNS did not answer.
        Unknown = "UNKNOWN",
    }
}

/// A record that should be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DnsRecord {
    /// What it is for.
    pub purpose: RecordPurpose,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: RecordType,
    /// At which name: `_dmarc.acme.example`.
    pub name: String,
    /// What should stand there.
    pub value: String,
}

impl DnsRecord {
    /// A record, its name without a dot at the end.
    pub fn new(purpose: RecordPurpose, kind: RecordType, name: &str, value: impl Into<String>) -> Self {
        Self { purpose, kind, name: name.trim_end_matches('.').to_lowercase(), value: value.into() }
    }

    /// What receivers do with mails that fail; every domain should have it, and no provider makes it.
    pub fn dmarc(domain: &str) -> Self {
        let value = format!("v=DMARC1; p=none; rua=mailto:postmaster@{domain}");
        Self::new(RecordPurpose::Dmarc, RecordType::Txt, &format!("_dmarc.{domain}"), value)
    }

    /// What the texts that were found at the record's name mean. The second are those that concern it.
    pub fn judge(&self, found: &[String]) -> (RecordState, Vec<String>) {
        let of_purpose: Vec<String> = found.iter().filter(|text| self.concerns(text)).cloned().collect();
        let state = match of_purpose.as_slice() {
            [] => RecordState::Missing,
            // Two of them are as bad as none (RFC 7208 §4.5, RFC 7489 §6.6.3).
            [_, _, ..] if matches!(self.purpose, RecordPurpose::Spf | RecordPurpose::Dmarc) => RecordState::Wrong,
            some if some.iter().any(|text| self.is_met_by(text)) => RecordState::Good,
            _ => RecordState::Wrong,
        };
        (state, of_purpose)
    }

    /// Whether a text at the name is of this kind at all: at a domain stand many.
    fn concerns(&self, text: &str) -> bool {
        match (self.purpose, self.kind) {
            (RecordPurpose::Dmarc, _) => starts_with(text, "v=DMARC1"),
            (_, RecordType::Txt) if starts_with(&self.value, "v=spf1") => starts_with(text, "v=spf1"),
            _ => true,
        }
    }

    fn is_met_by(&self, text: &str) -> bool {
        match (self.purpose, self.kind) {
            // Any policy is one.
            (RecordPurpose::Dmarc, _) => {
                tag(text, "p").is_some_and(|policy| matches!(policy.as_str(), "none" | "quarantine" | "reject"))
            }
            (_, RecordType::Txt) if starts_with(&self.value, "v=spf1") => {
                let words = |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_lowercase).collect() };
                let there = words(text);
                words(&self.value).iter().filter(|word| word.starts_with("include:")).all(|word| there.contains(word))
            }
            (RecordPurpose::Dkim, RecordType::Txt) => {
                tag(text, "p").is_some_and(|key| !key.is_empty() && Some(key) == tag(&self.value, "p"))
            }
            (_, RecordType::Txt) => text.trim() == self.value.trim(),
            (_, RecordType::Cname) => host(text) == host(&self.value),
            (_, RecordType::Mx) => last(text) == last(&self.value),
        }
    }
}

fn starts_with(text: &str, beginning: &str) -> bool {
    text.trim_start().get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning))
}

/// `name` of `v=DKIM1; k=rsa; p=MIG…`, without blanks.
fn tag(text: &str, name: &str) -> Option<String> {
    let mut tags = text.split(';').filter_map(|part| part.split_once('='));
    let (_, value) = tags.find(|(tag, _)| tag.trim().eq_ignore_ascii_case(name))?;
    Some(value.chars().filter(|c| !c.is_whitespace()).collect())
}

fn host(text: &str) -> String {
    text.trim().trim_end_matches('.').to_lowercase()
}

/// The host of `10 mx.acme.example`.
fn last(text: &str) -> String {
    host(text.split_whitespace().last().unwrap_or_default())
}

/// Whether a text is the name of a domain: at least two labels of letters, digits and dashes (RFC 1035 §2.3.1).
pub fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(record: &DnsRecord, found: &[&str]) -> RecordState {
        record.judge(&found.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()).0
    }

    #[test]
    fn records_are_judged_by_what_they_are_for() {
        use RecordPurpose::{Dkim, ReturnPath, Spf};
        use RecordState::{Good, Missing, Wrong};
        use RecordType::{Cname, Mx, Txt};
        let spf = DnsRecord::new(Spf, Txt, "acme.example", "v=spf1 include:mailgun.org ~all");
        for (found, expected) in [
            (&["v=spf1 include:_spf.google.com include:MAILGUN.org -all", "other=1"][..], Good),
            (&["v=spf1 include:_spf.google.com -all"], Wrong),
            (&["v=spf1 include:mailgun.org ~all", "v=spf1 mx -all"], Wrong),
            (&["google-site-verification=x"], Missing),
            (&[], Missing),
        ] {
            assert_eq!(state(&spf, found), expected, "{found:?}");
        }
        let dkim = DnsRecord::new(Dkim, Txt, "k1._domainkey.acme.example.", "k=rsa; p=MIGfMA0G");
        assert_eq!(dkim.name, "k1._domainkey.acme.example");
        assert_eq!(state(&dkim, &["v=DKIM1; k=rsa; p=MIGf MA0G"]), Good);
        assert_eq!(state(&dkim, &["v=DKIM1; p="]), Wrong, "revoked");
        assert_eq!(state(&dkim, &["k=rsa; p=other"]), Wrong);
        let dmarc = DnsRecord::dmarc("acme.example");
        assert_eq!(state(&dmarc, &["v=DMARC1; p=reject; rua=mailto:x@acme.example"]), Good, "stricter than advised");
        assert_eq!(state(&dmarc, &["v=DMARC1; rua=mailto:x@acme.example"]), Wrong);
        assert_eq!(state(&dmarc, &["v=spf1 -all"]), Missing);
        let cname = DnsRecord::new(Dkim, Cname, "a._domainkey.acme.example", "a.dkim.amazonses.com");
        assert_eq!(state(&cname, &["A.dkim.amazonses.com."]), Good);
        assert_eq!(state(&cname, &["b.dkim.amazonses.com."]), Wrong);
        let mx = DnsRecord::new(ReturnPath, Mx, "bounce.acme.example", "10 feedback-smtp.eu-west-1.amazonses.com");
        assert_eq!(state(&mx, &["5 feedback-smtp.eu-west-1.amazonses.com."]), Good);
    }

    #[test]
    fn domains_are_told_from_other_texts() {
        for good in ["acme.example", "mail.acme-shop.co.ke", "xn--bcher-kva.example"] {
            assert!(is_domain(good), "{good}");
        }
        for bad in [
            "",
            "acme",
            "acme..example",
            "-a.example",
            "a_b.example",
            "https://acme.example",
            "a.example/x",
            "a.example.",
        ] {
            assert!(!is_domain(bad), "{bad}");
        }
    }
}
