//! The profile of a number at Meta. <https://developers.facebook.com/docs/whatsapp/cloud-api/reference/business-profiles>

use domain::delivery::ErrorClass as E;
use futures::future::BoxFuture;
use http::{HeaderName, HeaderValue, Method, header};
use serde_json::{Value, json};

use super::{Profile, Profiles, set};
use crate::{
    json,
    meta::{call, graph, known},
    outbound::{Call, Outbound},
    provider::{Account, Failure},
    request,
};

/// Meta's API.
pub(super) struct Meta;

const FIELDS: &str = "about,address,description,email,websites,vertical,profile_picture_url";
/// What a picture may be.
const PICTURES: [&str; 2] = ["image/jpeg", "image/png"];

fn bad(reason: &str) -> Failure {
    Failure::new(E::BadContent, reason, String::new())
}

/// Fetches the picture and hands it over in a session of its own; gives the handle by which the profile takes it.
/// <https://developers.facebook.com/docs/graph-api/guides/upload>
async fn upload(account: &Account, outbound: &Outbound, url: &str) -> Result<String, Failure> {
    let url = url.parse().map_err(|_| bad("the picture's address is not a URL"))?;
    let picture = request::answered(outbound, Call::new(Method::GET, url)).await?;
    let kind = picture.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = PICTURES.into_iter().find(|known| kind.starts_with(known));
    let (200, Some(kind)) = (picture.status, kind) else {
        return Err(bad("there is no JPEG or PNG at the picture's address"));
    };
    let path = format!("/app/uploads?file_length={}&file_type={kind}", picture.body.len());
    let session: Value = request::ask(account, outbound, graph(account, Method::POST, &path)?, known).await?;
    let session = json::text(&session, "/id").ok_or_else(|| bad("Meta opened no upload"))?;
    let mut call = graph(account, Method::POST, &format!("/{session}"))?;
    call = call.secret(header::AUTHORIZATION, &format!("OAuth {}", account.require("accessToken")?))?;
    call.headers.insert(HeaderName::from_static("file_offset"), HeaderValue::from_static("0"));
    call.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    call.body = picture.body;
    let taken: Value = request::ask(account, outbound, call, known).await?;
    json::text(&taken, "/h").ok_or_else(|| bad("Meta took no picture"))
}

impl Profiles for Meta {
    fn get<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> BoxFuture<'a, Result<Profile, Failure>> {
        Box::pin(async move {
            let name = call(account, Method::GET, "?fields=verified_name")?;
            let profile = call(account, Method::GET, &format!("/whatsapp_business_profile?fields={FIELDS}"))?;
            let (name, profile): (Value, Value) = futures::try_join!(
                request::ask(account, outbound, name, known),
                request::ask(account, outbound, profile, known),
            )?;
            let of = |field: &str| json::text(&profile, &format!("/data/0/{field}"));
            let websites = json::list(&profile, "/data/0/websites").iter();
            Ok(Profile {
                display_name: json::text(&name, "/verified_name"),
                about: of("about"),
                address: of("address"),
                description: of("description"),
                email: of("email"),
                websites: Some(websites.filter_map(Value::as_str).map(str::to_owned).collect()),
                category: of("vertical"),
                picture_url: of("profile_picture_url"),
            })
        })
    }

    fn put<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        change: &'a Profile,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let mut body = json!({ "messaging_product": "whatsapp" });
            let fields = [
                ("about", &change.about),
                ("address", &change.address),
                ("description", &change.description),
                ("email", &change.email),
                ("vertical", &change.category),
            ];
            set(&mut body, &fields);
            if let Some(websites) = &change.websites {
                body["websites"] = json!(websites);
            }
            if let Some(url) = &change.picture_url {
                body["profile_picture_handle"] = upload(account, outbound, url).await?.into();
            }
            let call = call(account, Method::POST, "/whatsapp_business_profile")?.json(&body);
            let _: Value = request::ask(account, outbound, call, known).await?;
            Ok(())
        })
    }
}
