//! The system mailer: mails of the product itself to those who run it, by Amazon SES, by a mail server, or only kept to be
//! looked at. The adapters of e-mail providers do the sending.

use std::sync::Arc;

use ::providers::{Account, Credentials, Kind, Outcome, Outgoing, provider};
use aws_config::SdkConfig;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use domain::{
    Error, Result,
    id::{DeliveryId, MessageId},
    message::Channel,
};
use jiff::Timestamp;
use serde_json::json;
use url::Url;

use crate::{App, Settings};

/// How mails leave.
enum Way {
    /// They do not: who looks finds them in the table.
    Outbox,
    /// By Amazon SES in a region, with the rights of the function itself.
    Ses(String, SharedCredentialsProvider),
    /// By a mail server.
    Smtp(Credentials),
}

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Posted {
    /// The server took it.
    Sent,
    /// There is no server.
    Kept,
    /// Not now, because of this.
    Later(String),
    /// Never, because of this.
    Refused(String),
}

/// The system mailer.
pub struct Mailer {
    way: Way,
    from: String,
}

impl Mailer {
    /// As the settings say: `DUNDUN_MAILER` is `outbox`, `ses`, or `smtp://user:password@host:587` (`smtps://` for TLS from the
    /// first byte).
    pub fn new(settings: &Settings, sdk: &SdkConfig) -> Result<Self> {
        let wrong = |detail: &str| Error::Internal(format!("DUNDUN_MAILER: {detail}"));
        let way = match settings.mailer.expose() {
            "" | "outbox" => Way::Outbox,
            "ses" => {
                let region = sdk.region().ok_or_else(|| wrong("there is no region for Amazon SES"))?;
                let provider =
                    sdk.credentials_provider().ok_or_else(|| wrong("there are no credentials for Amazon SES"))?;
                Way::Ses(region.to_string(), provider)
            }
            url => Way::Smtp(smtp(url).ok_or_else(|| {
                wrong("expected `outbox`, `ses` or an address such as smtp://user:password@mail.example.com:587")
            })?),
        };
        if !matches!(way, Way::Outbox) && settings.mail_from.is_empty() {
            return Err(Error::Internal("DUNDUN_MAIL_FROM: expected whom mails are from".into()));
        }
        Ok(Self { way, from: settings.mail_from.clone() })
    }

    /// Sends a plain text. `id` is the same for the same mail.
    pub async fn post(
        &self,
        app: &App,
        to: &str,
        subject: &str,
        text: &str,
        id: u128,
        at: Timestamp,
    ) -> Result<Posted> {
        let (kind, credentials) = match &self.way {
            Way::Outbox => return Ok(Posted::Kept),
            Way::Smtp(credentials) => (Kind::Smtp, credentials.clone()),
            Way::Ses(region, provider) => (Kind::Ses, ses(region, provider).await?),
        };
        let account = Account {
            kind,
            channel: Channel::Email,
            credentials,
            settings: json!({ "unsubscribeLink": false }),
            sender_id: Some(self.from.clone()),
            api_url: None,
            webhook_url: None,
        };
        let outgoing = Outgoing {
            delivery_id: DeliveryId::of(MessageId::generate(at, id), 0),
            to: to.to_owned(),
            body: text.to_owned(),
            subject: Some(subject.to_owned()),
            html: false,
            unsubscribe_url: None,
            template: None,
            media: Arc::default(),
            segments: 1,
            attempt: 1,
            submission: 1,
        };
        let outcome = provider(kind).send(&account, &app.outbound, &[outgoing]).await.into_iter().next();
        Ok(match outcome {
            Some(Outcome::Accepted { .. }) => Posted::Sent,
            // A server that is set up wrong may be mended; an address that it refuses stays refused.
            Some(Outcome::Rejected { class, reason, .. }) if class.pauses_config() => Posted::Later(reason),
            Some(Outcome::Rejected { reason, .. }) => Posted::Refused(reason),
            Some(Outcome::Retry { reason, .. } | Outcome::Unknown { reason }) => Posted::Later(reason),
            None => Posted::Later("the mail server was not asked".into()),
        })
    }
}

async fn ses(region: &str, provider: &SharedCredentialsProvider) -> Result<Credentials> {
    let keys = provider
        .provide_credentials()
        .await
        .map_err(|_| Error::Unavailable("the function's own credentials could not be had".into()))?;
    let mut credentials = Credentials::from([
        ("region".to_owned(), region.into()),
        ("accessKeyId".to_owned(), keys.access_key_id().into()),
        ("secretAccessKey".to_owned(), keys.secret_access_key().into()),
    ]);
    if let Some(token) = keys.session_token() {
        credentials.insert("sessionToken".to_owned(), token.into());
    }
    Ok(credentials)
}

fn smtp(text: &str) -> Option<Credentials> {
    let url = Url::parse(text).ok()?;
    let security = match (url.scheme(), url.query()) {
        ("smtps", None) => "TLS",
        ("smtp", None) => "STARTTLS",
        ("smtp", Some("security=opportunistic")) => "OPPORTUNISTIC",
        ("smtp", Some("security=none")) => "NONE",
        _ => return None,
    };
    let mut credentials = Credentials::from([
        ("host".to_owned(), url.host_str().filter(|host| !host.is_empty())?.into()),
        ("security".to_owned(), security.into()),
    ]);
    let mut add =
        |name: &str, value: Option<String>| value.map(|value| credentials.insert(name.to_owned(), value.into()));
    add("port", url.port().map(|port| port.to_string()));
    add("username", decoded(url.username()));
    add("password", url.password().and_then(decoded));
    Some(credentials)
}

/// A part of an address, of which `%40` is `@`.
fn decoded(part: &str) -> Option<String> {
    let whole =
        url::form_urlencoded::parse(format!("v={}", part.replace('+', "%2B")).as_bytes()).next()?.1.into_owned();
    (!whole.is_empty()).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(url: &str) -> Option<Vec<(String, String)>> {
        Some(smtp(url)?.into_iter().map(|(name, value)| (name, value.expose().to_owned())).collect())
    }

    #[test]
    fn an_address_names_a_mail_server() {
        let pairs = |pairs: &[(&str, &str)]| {
            Some(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>())
        };
        assert_eq!(
            fields("smtp://ops%40acme.example:p%3Aw+1@mail.example.com:2525"),
            pairs(&[
                ("host", "mail.example.com"),
                ("password", "p:w+1"),
                ("port", "2525"),
                ("security", "STARTTLS"),
                ("username", "ops@acme.example")
            ])
        );
        assert_eq!(fields("smtps://mail.example.com"), pairs(&[("host", "mail.example.com"), ("security", "TLS")]));
        assert_eq!(
            fields("smtp://127.0.0.1:25?security=none"),
            pairs(&[("host", "127.0.0.1"), ("port", "25"), ("security", "NONE")])
        );
        for wrong in ["mail.example.com", "http://mail.example.com", "smtp://", "smtp://host?security=some", "sns"] {
            assert_eq!(fields(wrong), None, "{wrong}");
        }
    }
}
