//! What is wrong with a format beyond its shape: credentials it names but the config lacks, addresses that cannot be
//! called, limits out of range, placeholders where there is no recipient.

use domain::Violation;
use url::Url;

use super::{
    format::{AuthKind, BodyKind, Format},
    request,
    template::{Part, Shape, Template},
};
use crate::{outbound::Outbound, provider::Account};

/// Every violation, with its pointer into the config.
pub(crate) fn check(account: &Account, format: &Format, outbound: &Outbound) -> Vec<Violation> {
    let mut check = Check { account, outbound, found: Vec::new() };
    check.request(format);
    check.batch(format);
    check.questions(format);
    check.rest(format);
    check.found
}

struct Check<'a> {
    account: &'a Account,
    outbound: &'a Outbound,
    found: Vec<Violation>,
}

impl Check<'_> {
    fn add(&mut self, pointer: &str, code: &'static str, detail: impl Into<String>) {
        self.found.push(Violation::new(format!("/settings{pointer}"), code, detail));
    }

    fn request(&mut self, format: &Format) {
        let request = &format.request;
        match (&request.url, &self.account.api_url) {
            (Some(url), _) => self.url("/request/url", url, false),
            (None, Some(_)) => {}
            (None, None) => self.add("/request/url", "required", "the address that texts are sent to"),
        }
        if request.timeout_ms.is_some_and(|limit| !(1..=10_000).contains(&limit)) {
            self.add("/request/timeoutMs", "out_of_range", "1 to 10,000 milliseconds");
        }
        for (name, template) in &request.headers {
            self.header("/request/headers", name, template);
        }
        self.idempotency(format);
        let Some(body) = &request.body else { return };
        let fits = match (body.kind, &body.template) {
            (BodyKind::Raw, shape) => matches!(shape, Some(Shape::Text(_))),
            (BodyKind::Form | BodyKind::Query, shape) => matches!(shape, None | Some(Shape::Object(_))),
            (BodyKind::Json, _) => true,
        };
        if !fits {
            let detail = "a raw body is one text; a form or a query is an object of texts";
            self.add("/request/body/template", "invalid", detail);
        }
        for template in body.template.iter().flat_map(Shape::templates) {
            self.secrets("/request/body/template", template);
        }
    }

    fn idempotency(&mut self, format: &Format) {
        let Some(idempotency) = &format.request.idempotency else { return };
        if let Err(detail) = request::header_name(&idempotency.header) {
            self.add("/request/idempotency/header", "invalid", detail);
        }
        if format.request.headers.keys().any(|name| name.eq_ignore_ascii_case(&idempotency.header)) {
            self.add("/request/idempotency/header", "invalid", "`headers` sets this header too");
        }
        if !(1..=720).contains(&idempotency.hours) {
            self.add("/request/idempotency/hours", "out_of_range", "1 to 720 hours");
        }
        if format.batch.is_some() {
            // After a failure another batch is formed, and a key for all of them would mean nothing.
            self.add("/request/idempotency", "invalid", "only where each recipient has a call of its own");
        }
    }

    fn batch(&mut self, format: &Format) {
        let Some(batch) = &format.batch else { return };
        if !(1..=1_000).contains(&batch.max) {
            self.add("/batch/max", "out_of_range", "1 to 1,000 recipients");
        }
        let body = format.request.body.as_ref();
        if body.is_some_and(|body| body.kind != BodyKind::Json) {
            self.add("/request/body/kind", "invalid", "a batch needs a JSON body");
        }
        let frame = body.and_then(|body| body.template.as_ref()).into_iter().flat_map(Shape::templates);
        let frame: Vec<&Template> = frame.chain(&format.request.url).chain(format.request.headers.values()).collect();
        if frame.iter().any(|template| template.is_of_recipient()) {
            let detail = "in a batch, placeholders of a recipient belong into `itemTemplate`";
            self.add("/batch/itemTemplate", "invalid", detail);
        }
        for template in batch.item_template.iter().flat_map(Shape::templates) {
            self.secrets("/batch/itemTemplate", template);
        }
    }

    fn questions(&mut self, format: &Format) {
        let balance = format.balance.as_ref().map(|balance| ("/balance", &balance.url, &balance.headers));
        let test = format.test.as_ref().map(|test| ("/test", &test.url, &test.headers));
        for (pointer, url, headers) in balance.into_iter().chain(test) {
            self.url(&format!("{pointer}/url"), url, true);
            for (name, template) in headers.iter().flatten() {
                self.header(&format!("{pointer}/headers"), name, template);
            }
            let inherited = headers.is_none().then(|| format.request.headers.values()).into_iter().flatten();
            if headers.iter().flatten().map(|(_, template)| template).chain(inherited).any(Template::is_of_recipient) {
                let detail = "there is no recipient here; give it `headers` of its own";
                self.add(&format!("{pointer}/headers"), "invalid", detail);
            }
        }
        if let Some(balance) = &format.balance
            && balance.currency.as_deref().is_some_and(|code| crate::answer::amount("0", code).is_none())
        {
            self.add("/balance/currency", "invalid", "a currency is three letters, such as KES");
        }
    }

    fn rest(&mut self, format: &Format) {
        for (index, rule) in format.errors.iter().enumerate() {
            let when = &rule.when;
            if when.http.is_none() && when.pointer.is_none() && when.text.is_none() {
                self.add(&format!("/errors/{index}/when"), "required", "a condition: `http`, `pointer` or `text`");
            }
        }
        let auth = &format.dlr.auth;
        if auth.kind != AuthKind::None && self.account.credential(auth.secret()).is_none() {
            let detail = format!("the credential `{}` that proves receipts is missing", auth.secret());
            self.found.push(Violation::new(
                format!("/credentials/{}", crate::validate::escape(auth.secret())),
                "required",
                detail,
            ));
        }
        if format.limits.per_second.is_some_and(|rate| !(rate > 0.0 && rate <= 1_000_000.0)) {
            self.add("/limits/perSecond", "out_of_range", "more than 0, at most 1,000,000");
        }
        if format.limits.concurrency.is_some_and(|calls| !(1..=100).contains(&calls)) {
            self.add("/limits/concurrency", "out_of_range", "1 to 100 calls at a time");
        }
    }

    fn secrets(&mut self, pointer: &str, template: &Template) {
        for name in template.secrets() {
            if self.account.credential(name).is_none() {
                self.add(pointer, "secret_missing", format!("the credential `{name}` is missing"));
            }
        }
    }

    fn header(&mut self, pointer: &str, name: &str, template: &Template) {
        let pointer = format!("{pointer}/{}", crate::validate::escape(name));
        if let Err(detail) = request::header_name(name) {
            self.add(&pointer, "invalid", detail);
        }
        let breaks = |part: &Part| matches!(part, Part::Text(text) if text.contains(['\r', '\n', '\0']));
        if template.0.iter().any(breaks) {
            self.add(&pointer, "invalid", "a header has no line breaks");
        }
        self.secrets(&pointer, template);
    }

    /// Checks the address with every placeholder filled by a harmless digit. Placeholders may stand in the path and
    /// the query only.
    fn url(&mut self, pointer: &str, template: &Template, question: bool) {
        let filled = |digit: &str| -> String {
            template.0.iter().map(|part| if let Part::Text(text) = part { text.as_str() } else { digit }).collect()
        };
        let whole = |text: String| match &self.account.api_url {
            Some(base) if !text.contains("://") => {
                format!("{}/{}", base.trim_end_matches('/'), text.trim_start_matches('/'))
            }
            _ => text,
        };
        let origins = ["1", "2"].map(|digit| Url::parse(&whole(filled(digit))).map(|url| (url.origin(), url)));
        match origins {
            [Ok((one, _)), Ok((two, _))] if one != two => {
                self.add(pointer, "url_invalid", "placeholders may stand in the path and the query only");
            }
            [Ok((_, url)), Ok(_)] => {
                if let Err(refused) = self.outbound.check(&url) {
                    self.add(pointer, "url_refused", refused.0);
                }
            }
            _ => self.add(pointer, "url_invalid", "expected a whole address, such as https://api.example.com/send"),
        }
        if question && template.is_of_recipient() {
            self.add(pointer, "invalid", "there is no recipient here");
        }
        self.secrets(pointer, template);
    }
}
