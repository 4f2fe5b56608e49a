//! `GET /api/contacts/search`.

use serde_json::json;
use tests::World;

#[tokio::test]
async fn by_words_numbers_and_addresses() {
    let world = World::start().await;
    let api = world.api.register("search").await;
    api.patch("/api/organization", json!({"defaultCountry": "KE"})).await.expect(200);
    for (name, phone, email) in [
        ("Wanjikũ Otieno", "0700000001", "zed@example.com"),
        ("Brian Otis", "0711000002", "brian@example.com"),
        ("Otieno Brian", "0722000003", "otieno@example.com"),
    ] {
        api.post("/api/contacts", json!({"name": name, "phone": phone, "email": email})).await.expect(201);
    }
    let find = async |q: &str| {
        let page =
            api.send(api.request(reqwest::Method::GET, "/api/contacts/search").query(&[("q", q)])).await.expect(200);
        let mut phones: Vec<String> = page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["phone"].as_str().unwrap()[10..].to_owned())
            .collect();
        phones.sort_unstable();
        phones.join(" ")
    };
    assert_eq!(find("ot").await, "001 002 003");
    assert_eq!(find("bri oti").await, "002 003");
    assert_eq!(find("wanjiku").await, "001");
    assert_eq!(find("0711").await, "002");
    assert_eq!(find("+254 711").await, "002");
    assert_eq!(find("254722").await, "003");
    assert_eq!(find("zed@ex").await, "001");
    assert_eq!(find("nobody").await, "");
    assert_eq!(find(" ").await, "");
    assert_eq!(api.get("/api/contacts/search").await.problem(422), "parameter_required");
    world.end().await;
}
