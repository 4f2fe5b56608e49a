//! Files on their way: uploaded, named by a message, and in the hands of the provider.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;
use tests::{
    Loopback, Mailjet, World,
    files::{fetch, upload},
};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n";

#[tokio::test]
async fn an_e_mail_carries_its_files_and_a_deleted_one_reaches_nobody() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let mailjet = Mailjet::start().await;
    let (api, _) = mailjet.organization(&world, "attachments").await;
    let pdf = upload(&mut world, &api, "Prices.pdf", "application/pdf", Some("EMAIL"), PDF).await;
    let csv = upload(&mut world, &api, "a.csv", "text/csv", None, b"a,b\n1,2\n").await;
    let body = json!({
        "channel": "EMAIL", "subject": "Prices", "body": "See the files.", "mediaIds": [pdf["id"], csv["id"]],
        "recipientType": "ADDRESS", "recipients": ["ann@x.example", "bob@x.example"],
    });
    let estimate = api.post("/api/messages/estimate", body.clone()).await.expect(200);
    assert_eq!(estimate["mediaSize"], PDF.len() + 8, "{estimate}");
    let message = api.post("/api/messages", body.clone()).await.expect(202);
    assert_eq!(message["mediaIds"], json!([pdf["id"], csv["id"]]));
    let message = world.settled(&api, message["id"].as_str().unwrap()).await;
    assert_eq!(message["counts"]["sent"], 2, "{message}");
    for to in ["ann@x.example", "bob@x.example"] {
        let files = mailjet.mail_to(to)["Attachments"].clone();
        let expected = json!([
            { "ContentType": "application/pdf", "Filename": "Prices.pdf", "Base64Content": BASE64_STANDARD.encode(PDF) },
            { "ContentType": "text/csv", "Filename": "a.csv", "Base64Content": BASE64_STANDARD.encode(b"a,b\n1,2\n") },
        ]);
        assert_eq!(files, expected);
    }

    // A draft that outlives its file.
    let mut draft = body;
    draft["draft"] = json!(true);
    let draft = api.post("/api/messages", draft).await.expect(202);
    let path = format!("/api/messages/{}", draft["id"].as_str().unwrap());
    api.delete(&format!("/api/media/{}", csv["id"].as_str().unwrap())).await.expect(204);
    assert_eq!(api.post(&format!("{path}/send"), json!({})).await.told(422), "/mediaIds/1 media_not_found");
    let changed =
        api.put(&path, json!({ "mediaIds": [pdf["id"]], "scheduledAt": "2026-03-02T09:00:00Z" })).await.expect(200);
    assert_eq!(changed["mediaIds"], json!([pdf["id"]]));
    api.post(&format!("{path}/send"), json!({})).await.expect(202);
    api.delete(&format!("/api/media/{}", pdf["id"].as_str().unwrap())).await.expect(204);
    world.pass(3_600).await;
    let api = api.sign_in("attachments").await;
    let message = world.settled(&api, draft["id"].as_str().unwrap()).await;
    assert_eq!((&message["status"], &message["counts"]["failed"]), (&json!("FAILED"), &json!(2)), "{message}");
    let copy = &api.all(&format!("{path}/recipients")).await[0];
    assert_eq!(copy["errorMessage"], "A file of the message was deleted before its turn.", "{copy}");
    world.end().await;
}

#[tokio::test]
async fn whatsapp_gets_a_link_that_leads_to_the_file() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let meta = Loopback::start(|_| (200, json!({ "messages": [{ "id": "wamid.1" }] }))).await;
    let api = world.api.register("pictures").await;
    let config = json!({
        "kind": "META", "channel": "WHATSAPP", "name": "Meta", "isActive": true, "apiUrl": meta.url,
        "credentials": {
            "accessToken": "EAAG0123456789abcdefgh", "phoneNumberId": "106540352242922",
            "appSecret": "0123456789abcdef0123456789abcdef", "verifyToken": "my-verify-token",
        },
        // Whoever has not written to us gets templates only.
        "settings": { "template": { "name": "menu", "language": "en" } },
    });
    api.post("/api/providers", config).await.expect(201);
    let png = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &[0; 64]].concat();
    let media = upload(&mut world, &api, "menu.png", "image/png", Some("WHATSAPP"), &png).await;
    let body = json!({
        "channel": "WHATSAPP", "body": "Today's menu.", "mediaIds": [media["id"]],
        "recipientType": "ADDRESS", "recipients": ["+254700000001"],
    });
    let message = api.post("/api/messages", body).await.expect(202);
    let message = world.settled(&api, message["id"].as_str().unwrap()).await;
    assert_eq!(message["counts"]["sent"], 1, "{message}");
    let sent = meta.seen("/messages")[0].body.clone();
    let header = &sent["template"]["components"][0]["parameters"][0];
    assert_eq!(header["type"], "image", "{sent}");
    let file = fetch(&world, header["image"]["link"].as_str().unwrap()).await;
    assert_eq!((file.status().as_u16(), file.bytes().await.unwrap().to_vec()), (200, png));
    world.end().await;
}

#[tokio::test]
async fn files_that_do_not_fit_are_refused_by_name() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let mailjet = Mailjet::start().await;
    let (api, _) = mailjet.organization(&world, "unfit-files").await;
    api.post("/api/providers", world.provider.config("Loopback")).await.expect(201);
    let whatsapp = json!({ "kind": "SANDBOX", "channel": "WHATSAPP", "name": "WhatsApp", "isActive": true });
    api.post("/api/providers", whatsapp).await.expect(201);
    let pdf = upload(&mut world, &api, "a.pdf", "application/pdf", None, PDF).await["id"].clone();
    let gif = upload(&mut world, &api, "a.gif", "image/gif", None, b"GIF89a\x01\0\x01\0").await["id"].clone();
    let bad = upload(&mut world, &api, "b.gif", "image/gif", None, PDF).await["id"].clone();
    let big = [PDF, &vec![b' '; 6 << 20]].concat();
    let big = upload(&mut world, &api, "c.pdf", "application/pdf", None, &big).await["id"].clone();
    let begun = json!({ "fileName": "d.pdf", "contentType": "application/pdf" });
    let begun = api.post("/api/media", begun).await.expect(201)["id"].clone();
    let unknown = json!("med_01KAJ7Q4T0M5Z8X2V9C3B6N1R4");
    for (channel, ids, told) in [
        ("SMS", json!([pdf]), "/mediaIds media_not_for_channel"),
        ("WHATSAPP", json!([pdf, gif]), "/mediaIds media_too_many"),
        ("WHATSAPP", json!([gif]), "/mediaIds/0 media_type_not_for_channel"),
        ("EMAIL", json!([pdf, unknown]), "/mediaIds/1 media_not_found"),
        ("EMAIL", json!([bad, begun]), "/mediaIds/0 media_rejected, /mediaIds/1 media_not_ready"),
        ("EMAIL", json!([big, big]), "/mediaIds media_too_large"),
    ] {
        let to = if channel == "EMAIL" { "ann@x.example" } else { "+254700000001" };
        let subject = (channel == "EMAIL").then_some("S");
        let body = json!({
            "channel": channel, "subject": subject, "body": "Hi.", "mediaIds": ids,
            "recipientType": "ADDRESS", "recipients": [to],
        });
        assert_eq!(api.post("/api/messages", body).await.told(422), told, "{channel}");
    }
    world.end().await;
}
