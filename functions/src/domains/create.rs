//! `POST /api/domains`: adds a domain; the answer says which records it needs.

use domain::{dns, message::Channel};
use store::domains::{self, CheckedRecord, MOST, MailDomain};
use web::prelude::*;

use super::view::DomainView;

/// The row.
pub fn row() -> Row {
    Row::post("domains-create", "/api/domains", handle)
        .summary("Add a domain")
        .description(
            "Answers with the records that it needs in DNS: SPF, DKIM and return path as the provider says (Mailgun, Mailjet, \
             SendGrid, Amazon SES; it is told of the domain if it does not know it), and DMARC. For SMTP they are advice.",
        )
        .tag("Domains")
        .access(Role::Admin, Scope::DomainsWrite)
        .idempotent()
        .grants(&[Grant::Table, Grant::RootSecret])
        .errors(&[
            "409 domain_taken",
            "409 domains_full",
            "409 provider_failed",
            "domain_invalid",
            "provider_not_found",
            "provider_channel",
        ])
}

/// A domain that e-mail is to be sent from.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateDomain {
    /// Its name, in ASCII.
    #[schemars(extend("examples" = ["mail.acme.example"]))]
    name: String,
    /// The provider config, of e-mail, that sends from it.
    provider_id: id::ProviderId,
}

async fn handle(cx: Cx, body: Json<CreateDomain>) -> Result<Created<DomainView>> {
    let body = body.read()?;
    let name = body.name.trim().trim_end_matches('.').to_lowercase();
    if !dns::is_domain(&name) {
        return Err(Error::invalid("/name", "domain_invalid", "Expected a domain, such as mail.acme.example."));
    }
    let config = engine::providers::named(&cx.app, cx.org(), body.provider_id).await?;
    if config.channel != Channel::Email {
        return Err(Error::invalid("/providerId", "provider_channel", "Expected a provider config of e-mail."));
    }
    let all = domains::all(&cx.app.table, cx.org()).await?;
    if all.iter().any(|domain| domain.name == name && domain.provider_id == config.id) {
        return Err(domains::taken());
    }
    if all.len() >= MOST {
        return Err(Error::conflict("domains_full", format!("An organization has at most {MOST} domains.")));
    }
    let records = engine::domains::records(&cx.app, &config, &name).await?;
    let (at, bits) = cx.repeatable("domain");
    let domain = MailDomain {
        id: id::DomainId::new(at, bits),
        org: cx.org(),
        provider_id: config.id,
        name,
        records: records.into_iter().map(CheckedRecord::from).collect(),
        checked_at: None,
        created_by: cx.actor(),
        created_at: at,
    };
    let mut writes = domains::create(&cx.app.table, &domain)?;
    let view = DomainView::from(domain);
    writes.extend(cx.reply_record(201, &view)?);
    cx.app
        .table
        .transact(writes)
        .await
        .map_err(|cancelled| if cancelled.failed(0) { domains::taken() } else { cancelled.into() })?;
    Ok(Created(view))
}
