//! The fields of a contact as clients and spreadsheets give them, checked and normalised.

use std::collections::BTreeMap;

use domain::{
    Violation,
    attributes::{self, Value},
    id::ContactId,
    phone::{Country, Phone},
    validate,
};
use schemars::JsonSchema;
use serde::Deserialize;
use store::contacts::{Contact, Draft, MAX_TAGS, tag_term};
use web::extract::Patch;

/// The longest name, in characters.
const LONGEST_NAME: usize = 200;

/// The longest tag, in characters.
const LONGEST_TAG: usize = 60;

/// The codes that these fields may be refused with.
pub(crate) const CODES: &[&str] = &[
    "name_invalid",
    "phone_invalid",
    "phone_letters",
    "phone_too_short",
    "phone_too_long",
    "email_invalid",
    "email_too_long",
    "address_missing",
    "tag_invalid",
    "too_many_tags",
    "timezone_invalid",
    "too_many_keys",
    "key_invalid",
    "key_too_long",
    "key_duplicate",
    "value_too_long",
];

/// A new contact. It needs a phone number or an e-mail address.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateContact {
    /// What they are called.
    #[schemars(extend("examples" = ["Amina Otieno"]))]
    pub name: Option<String>,
    /// Their number, international or as it is dialled in the organization's country.
    #[schemars(extend("examples" = ["0700 000 001"]))]
    pub phone: Option<String>,
    /// Their e-mail address.
    #[schemars(extend("examples" = ["amina@example.com"]))]
    pub email: Option<String>,
    /// Labels, at most 18 of at most 60 characters.
    #[schemars(extend("examples" = [["parents"]]))]
    pub tags: Option<Vec<String>>,
    /// More about them, for texts: `{{attributes.class}}`. Values are strings, numbers or booleans.
    #[schemars(extend("examples" = [{"class": "4B"}]))]
    pub attributes: Option<BTreeMap<String, Value>>,
    /// IANA name of their time zone.
    #[schemars(extend("examples" = ["Africa/Nairobi"]))]
    pub timezone: Option<String>,
}

/// What to change of a contact. What is left out stays; null clears.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UpdateContact {
    /// What they are called.
    #[serde(default)]
    #[schemars(extend("examples" = ["Amina Otieno"]))]
    pub name: Patch<String>,
    /// Their number, international or as it is dialled in the organization's country.
    #[serde(default)]
    #[schemars(extend("examples" = ["0700 000 001"]))]
    pub phone: Patch<String>,
    /// Their e-mail address.
    #[serde(default)]
    #[schemars(extend("examples" = ["amina@example.com"]))]
    pub email: Patch<String>,
    /// All labels.
    #[serde(default)]
    #[schemars(extend("examples" = [["parents"]]))]
    pub tags: Patch<Vec<String>>,
    /// All attributes.
    #[serde(default)]
    #[schemars(extend("examples" = [{"class": "4B"}]))]
    pub attributes: Patch<BTreeMap<String, Value>>,
    /// IANA name of their time zone.
    #[serde(default)]
    #[schemars(extend("examples" = ["Africa/Nairobi"]))]
    pub timezone: Patch<String>,
}

/// A checked [`UpdateContact`].
#[derive(Debug, Clone)]
pub(crate) struct Changes {
    name: Patch<String>,
    phone: Patch<Phone>,
    email: Patch<String>,
    tags: Patch<Vec<String>>,
    attributes: Patch<BTreeMap<String, Value>>,
    timezone: Patch<String>,
}

/// Collects what is wrong, so that a caller hears all of it at once.
struct Check<'a> {
    country: Country,
    pointer: &'a str,
    wrong: Vec<Violation>,
}

impl Check<'_> {
    fn keep<T>(&mut self, checked: Result<T, Violation>) -> Option<T> {
        checked.map_err(|violation| self.wrong.push(violation)).ok()
    }

    fn at(&self, field: &str) -> String {
        format!("{}/{field}", self.pointer)
    }

    fn name(&mut self, text: &str) -> Option<String> {
        let name = text.trim();
        let fine = name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
        let wrong = || {
            let detail = format!("Expected at most {LONGEST_NAME} characters on one line.");
            Violation::new(self.at("name"), "name_invalid", detail)
        };
        let checked = if fine { Ok(name.to_owned()) } else { Err(wrong()) };
        self.keep(checked)
    }

    fn phone(&mut self, text: &str) -> Option<Phone> {
        let checked = validate::phone(text, self.country, &self.at("phone"));
        self.keep(checked)
    }

    fn email(&mut self, text: &str) -> Option<String> {
        let checked = validate::email(text, &self.at("email")).map(|email| email.to_string());
        self.keep(checked)
    }

    fn timezone(&mut self, text: &str) -> Option<String> {
        let checked = validate::timezone(text, &self.at("timezone"));
        self.keep(checked)
    }

    fn tags(&mut self, tags: &[String]) -> Vec<String> {
        let (pointer, mut kept) = (self.at("tags"), Vec::new());
        match self::tags(tags, &pointer) {
            Ok(tags) => kept = tags,
            Err(wrong) => self.wrong.extend(wrong),
        }
        kept
    }

    fn attributes(&mut self, attributes: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
        let pointer = self.at("attributes");
        self.wrong.extend(attributes::check(&attributes, &pointer));
        attributes
    }

    fn done<T>(self, value: T) -> Result<T, Vec<Violation>> {
        if self.wrong.is_empty() { Ok(value) } else { Err(self.wrong) }
    }
}

/// The violation of a contact with neither number nor address.
fn unreachable(pointer: &str) -> Violation {
    Violation::new(
        format!("{pointer}/phone"),
        "address_missing",
        "A contact needs a phone number or an e-mail address.",
    )
}

/// Tags without blanks around them, each once whatever its case. Codes: `tag_invalid`, `too_many_tags`.
pub(crate) fn tags(tags: &[String], pointer: &str) -> Result<Vec<String>, Vec<Violation>> {
    let mut kept: Vec<String> = Vec::with_capacity(tags.len());
    let mut wrong = Vec::new();
    for (index, tag) in tags.iter().map(|tag| tag.trim()).enumerate() {
        let length = tag.chars().count();
        if !(1..=LONGEST_TAG).contains(&length) || tag.chars().any(|c| c.is_control() || c == ',') {
            let detail = format!("A tag has 1 to {LONGEST_TAG} characters on one line and no comma.");
            wrong.push(Violation::new(format!("{pointer}/{index}"), "tag_invalid", detail));
        } else if !kept.iter().any(|known| tag_term(known) == tag_term(tag)) {
            kept.push(tag.to_owned());
        }
    }
    if kept.len() > MAX_TAGS {
        wrong.push(Violation::new(pointer, "too_many_tags", format!("At most {MAX_TAGS} tags.")));
    }
    if wrong.is_empty() { Ok(kept) } else { Err(wrong) }
}

/// A text that says something.
fn given(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// The patch of a text; an empty one clears.
fn blank_clears(patch: Patch<String>) -> Patch<String> {
    match patch {
        Patch::Set(text) if text.trim().is_empty() => Patch::Clear,
        other => other,
    }
}

impl CreateContact {
    /// The contact that this makes, or all that is wrong with it. `pointer` is where it stands in the body.
    pub(crate) fn check(self, id: ContactId, country: Country, pointer: &str) -> Result<Draft, Vec<Violation>> {
        let mut check = Check { country, pointer, wrong: Vec::new() };
        let draft = Draft {
            id,
            name: given(self.name.as_ref()).and_then(|name| check.name(name)),
            phone: given(self.phone.as_ref()).and_then(|phone| check.phone(phone)),
            email: given(self.email.as_ref()).and_then(|email| check.email(email)),
            tags: check.tags(self.tags.as_deref().unwrap_or_default()),
            attributes: check.attributes(self.attributes.clone().unwrap_or_default()),
            timezone: given(self.timezone.as_ref()).and_then(|zone| check.timezone(zone)),
        };
        if given(self.phone.as_ref()).or(given(self.email.as_ref())).is_none() {
            check.wrong.push(unreachable(pointer));
        }
        check.done(draft)
    }
}

impl UpdateContact {
    /// What this changes, or all that is wrong with it.
    pub(crate) fn check(self, country: Country) -> Result<Changes, Vec<Violation>> {
        let mut check = Check { country, pointer: "", wrong: Vec::new() };
        let changes = Changes {
            name: map(blank_clears(self.name), |name| check.name(&name)),
            phone: map(blank_clears(self.phone), |phone| check.phone(&phone)),
            email: map(blank_clears(self.email), |email| check.email(&email)),
            tags: map(self.tags, |tags| Some(check.tags(&tags))),
            attributes: map(self.attributes, |attributes| Some(check.attributes(attributes))),
            timezone: map(blank_clears(self.timezone), |zone| check.timezone(&zone)),
        };
        check.done(changes)
    }
}

fn map<T, U>(patch: Patch<T>, f: impl FnOnce(T) -> Option<U>) -> Patch<U> {
    match patch {
        Patch::Keep => Patch::Keep,
        Patch::Clear => Patch::Clear,
        // A wrong value is noted; what stands here is not used then.
        Patch::Set(value) => f(value).map_or(Patch::Keep, Patch::Set),
    }
}

impl Changes {
    /// Makes the changes. 422 `address_missing` if neither number nor address would be left.
    pub(crate) fn apply(&self, contact: &mut Contact) -> domain::Result<()> {
        let this = self.clone();
        contact.name = this.name.apply(contact.name.take());
        contact.phone = this.phone.apply(contact.phone.take());
        contact.email = this.email.apply(contact.email.take());
        contact.tags = this.tags.apply(Some(std::mem::take(&mut contact.tags))).unwrap_or_default();
        contact.attributes = this.attributes.apply(Some(std::mem::take(&mut contact.attributes))).unwrap_or_default();
        contact.timezone = this.timezone.apply(contact.timezone.take());
        if contact.phone.is_none() && contact.email.is_none() {
            return Err(domain::Error::Invalid(vec![unreachable("")]));
        }
        Ok(())
    }
}

/// A row of a spreadsheet as a new contact, or in words why it is none.
pub(crate) fn of_row(row: &sheets::Row, id: ContactId) -> Result<Draft, String> {
    if let Some(error) = row.errors.first() {
        return Err(error.detail.to_string());
    }
    let attributes: BTreeMap<String, Value> = row.attributes.clone().into_iter().collect();
    if let Some(wrong) = attributes::check(&attributes, "").first() {
        return Err(wrong.detail.clone());
    }
    Ok(Draft {
        name: Some(row.name.clone()).filter(|name| !name.is_empty()),
        phone: row.phone,
        email: row.email.as_ref().map(ToString::to_string),
        tags: row.tags.clone(),
        attributes,
        timezone: row.timezone.clone(),
        ..Draft::new(id)
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn check(json: &str) -> Result<Draft, Vec<String>> {
        let body: CreateContact = serde_json::from_str(json).unwrap();
        body.check(ContactId::new(Timestamp::UNIX_EPOCH, 1), Country::parse("ID").unwrap(), "/contacts/3")
            .map_err(|wrong| wrong.iter().map(|one| format!("{} {}", one.pointer, one.code)).collect())
    }

    #[test]
    fn one_number_in_four_forms() {
        for text in ["628123456789", "08123456789", "+62 812-3456-789", "8123456789"] {
            let draft = check(&format!(r#"{{"phone":"{text}"}}"#)).unwrap();
            assert_eq!(draft.phone.unwrap().to_string(), "+628123456789");
        }
    }

    #[test]
    fn all_that_is_wrong_is_told() {
        assert_eq!(check("{}").unwrap_err(), ["/contacts/3/phone address_missing"]);
        assert_eq!(check(r#"{"phone":" ","email":""}"#).unwrap_err(), ["/contacts/3/phone address_missing"]);
        let wrong =
            check(r#"{"phone":"08-CALL-ME","email":"x","tags":["a",""],"timezone":"Mars","attributes":{" ":1}}"#);
        assert_eq!(
            wrong.unwrap_err(),
            [
                "/contacts/3/phone phone_letters",
                "/contacts/3/email email_invalid",
                "/contacts/3/tags/1 tag_invalid",
                "/contacts/3/attributes/  key_invalid",
                "/contacts/3/timezone timezone_invalid",
            ]
        );
        let tags: Vec<String> = (0..=MAX_TAGS).map(|tag| tag.to_string()).collect();
        assert_eq!(super::tags(&tags, "/tags").unwrap_err()[0].code, "too_many_tags");
    }

    #[test]
    fn tags_are_trimmed_and_kept_once() {
        let tags = ["VIP ", "vip", "Été", "ete"].map(str::to_owned).to_vec();
        assert_eq!(super::tags(&tags, "/tags").unwrap(), ["VIP", "Été"]);
    }

    #[test]
    fn left_out_stays_and_null_clears() {
        let country = Country::parse("ID").unwrap();
        let mut contact = check(r#"{"name":"A","phone":"08123456789","email":"a@b.example","tags":["x"]}"#)
            .unwrap()
            .into_contact(domain::id::OrgId::new(Timestamp::UNIX_EPOCH, 1), Timestamp::UNIX_EPOCH);
        let changes = |json: &str| serde_json::from_str::<UpdateContact>(json).unwrap().check(country).unwrap();
        changes("{}").apply(&mut contact).unwrap();
        assert_eq!((contact.name.as_deref(), contact.tags.len()), (Some("A"), 1));
        changes(r#"{"name":null,"phone":"","tags":null}"#).apply(&mut contact).unwrap();
        assert_eq!((contact.name.as_deref(), contact.phone, contact.tags.len()), (None, None, 0));
        assert!(changes(r#"{"email":null}"#).apply(&mut contact).is_err());
    }
}
