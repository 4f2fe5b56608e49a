//! The first run: one organization with one owner, and what to do next.

use std::path::Path;

use domain::phone::Country;
use engine::App;
use functions::auth::accounts::{self, NewOrganization};
use serde_json::json;

use crate::host::Failure;

/// Where the owner's first password is kept, in the data folder. Delete it once you have signed in.
const FILE: &str = "first-sign-in.json";

/// The owner's address; nobody reads it.
const EMAIL: &str = "owner@dundun.example";

/// Letters and digits that nobody mistakes for another.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";

/// Makes the organization if there is none yet, and gives the lines to be printed.
pub async fn greet(app: &App, data: &Path, api: &str) -> Result<Vec<String>, Failure> {
    let file = data.join(FILE);
    if !file.exists() {
        let random = app.random.bytes::<20>();
        let password: String = random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
        let new = NewOrganization {
            organization: "My organization".into(),
            default_country: Country::parse("KE").unwrap_or(Country::NONE),
            timezone: "Africa/Nairobi".into(),
            name: "Owner".into(),
            email: EMAIL.into(),
            password: password.clone(),
        };
        match accounts::create(app, new, Vec::new()).await {
            Ok(_) => {}
            // A crash between the organization and the file: the password is gone, so say so below.
            Err(domain::Error::Conflict { .. }) => return Ok(vec![format!("Sign in as       {EMAIL}")]),
            Err(error) => return Err(error.into()),
        }
        write_private(&file, &json!({ "email": EMAIL, "password": password }).to_string())?;
    }
    let text = std::fs::read_to_string(&file)?;
    let sign_in: serde_json::Value = serde_json::from_str(&text)?;
    let word = |name: &str| sign_in[name].as_str().unwrap_or_default().to_owned();
    Ok(vec![
        format!(
            "Sign in as       {} with the password {}  (kept in {})",
            word("email"),
            word("password"),
            file.display()
        ),
        format!(
            "                 curl -s {api}/api/auth/login -H 'content-type: application/json' -d '{{\"email\":\"{}\",\"password\":\"{}\"}}'",
            word("email"),
            word("password")
        ),
        "Try it with      docs/samples/contacts.xlsx  (200 invented people; the README walks you through)".into(),
    ])
}

fn write_private(file: &Path, text: &str) -> Result<(), Failure> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    writeln!(file, "{text}")?;
    Ok(())
}
