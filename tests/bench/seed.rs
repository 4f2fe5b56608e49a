//! What the benchmarks begin with: an organization and a group of so many contacts, made through the API.

use std::{fmt::Write as _, path::Path};

use serde_json::{Value, json};
use tests::{Api, Process, eventually};

use crate::{
    now_ms,
    send::AS_DELIVERED,
    table::{seconds, whole},
    tell,
};

/// How long one import or message may take before the benchmark gives up, in seconds.
pub const PATIENCE: u64 = 3_600;

const FIRST: &str = "Amina Brian Chebet Dalila Esther Faith Grace Hassan Irene Juma Kamau Leila Moses Naliaka Otieno Peter Rehema \
                     Samuel Tabitha Zawadi";
const LAST: &str = "Abdi Barasa Cheruiyot Dida Ekiru Farah Gathoni Hamisi Irungu Jeptoo Kariuki Langat Mutua Njoroge Odhiambo Pkorir \
                    Rotich Simiyu Tanui Uhuru Wafula Wanjiru Were Yusuf Zuberi";

/// An organization in a data folder.
pub struct World {
    /// The owner's.
    pub token: String,
    /// The group with all contacts.
    pub group: String,
}

/// Makes the folder anew, with an organization of so many contacts; the host has ended when it answers.
pub async fn world(folder: &Path, contacts: u32) -> World {
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).expect("the folder can be made");
    let mut process = Process::start_with(folder, None, AS_DELIVERED).await;
    let api = process.api.register("benchmark").await;
    let group = text(&api.post("/api/groups", json!({ "name": "Everyone" })).await.expect(201), "id");
    let mut csv = "Name,Phone\n".to_owned();
    for person in 0..contacts {
        let (first, last) = name(person);
        writeln!(csv, "{first} {last},{}", number(person)).expect("a text grows");
    }
    let begun = now_ms();
    let request = json!({ "fileName": "everyone.csv", "groupId": group, "mode": "DIRECT" });
    let import = api.post("/api/imports", request).await.expect(201);
    let http = reqwest::Client::builder().no_proxy().build().expect("a plain client");
    let upload = http.put(text(&import["upload"], "url")).body(csv).send().await.expect("the bucket answers");
    assert!(upload.status().is_success(), "the upload: {}", upload.status());
    let path = format!("/api/imports/{}", text(&import, "id"));
    let import = eventually("the contacts are imported", PATIENCE, || async {
        let import = api.get(&path).await.expect(200);
        matches!(import["status"].as_str(), Some("DONE" | "FAILED")).then_some(import)
    })
    .await;
    assert_eq!(import["counts"]["created"], contacts, "{import}");
    let took = now_ms().saturating_sub(begun) as f64 / 1_000.0;
    tell(format!("{} contacts imported in {}", whole(contacts.into()), seconds(took)));
    process.kill().await;
    World { token: api.token.expect("the owner's"), group }
}

/// A number that no other person has; these are valid in Kenya.
pub fn number(person: u32) -> String {
    format!("+2547{person:08}")
}

/// First and last name: 500 pairs, each as common as the others.
pub fn name(person: u32) -> (&'static str, &'static str) {
    let pick = |names: &'static str, at: usize| names.split(' ').cycle().nth(at % 500).expect("a cycle has no end");
    (pick(FIRST, person as usize), pick(LAST, person as usize / 20))
}

/// Makes a provider config that is ready to send, and gives its id.
pub async fn provider(api: &Api, config: Value) -> String {
    let config = api.post("/api/providers", config).await.expect(201);
    assert_eq!(config["validationErrors"], json!([]), "{config}");
    text(&config, "id")
}

/// Sends a message to the group through a provider config, and gives its id.
pub async fn message(api: &Api, group: &str, config: &str) -> String {
    let body = json!({
        "body": "Dear customer, our shop in Nakuru is open again from nine to six, every day but Sunday.",
        "recipientType": "GROUP", "recipientId": group, "providerId": config,
    });
    text(&api.post("/api/messages", body).await.expect(202), "id")
}

/// A text of an answer.
pub fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("`{name}` is missing: {value}")).to_owned()
}
