//! Presigned requests: Signature Version 4 in the query, signature and expiry both checked.
//!
//! Format: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, Uri, request::Parts};
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use s3s::{S3Result, s3_error};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::AccessKey;

/// A request signed for longer is refused: seven days.
const LONGEST: i64 = 604_800;
/// How far the signer's clock may be ahead of ours.
const SKEW: SignedDuration = SignedDuration::from_mins(15);

/// What a signature puts into the query.
const NAMES: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
    "X-Amz-Security-Token",
];

const IN_QUERY: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const IN_PATH: AsciiSet = IN_QUERY.remove(b'/');

/// The query, decoded, in its order. A `+` is a plus here, as S3 has it.
fn pairs(uri: &Uri) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let query = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    query
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// Whether the request carries its signature in the query.
pub(super) fn is_presigned(uri: &Uri) -> bool {
    uri.query().unwrap_or_default().split('&').any(|pair| pair.starts_with("X-Amz-Signature="))
}

/// The query without its signature, for the service behind.
pub(super) fn rest_of_query(uri: &Uri) -> String {
    let signing = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        !NAMES.contains(&name)
    };
    uri.query().unwrap_or_default().split('&').filter(signing).collect::<Vec<_>>().join("&")
}

/// Refuses a request whose signature is wrong, whose key is not one of `keys`, or whose time is over or not yet come.
pub(super) fn check(request: &Parts, keys: &[AccessKey], now: Timestamp) -> S3Result<()> {
    let pairs = pairs(&request.uri);
    let value = |name: &str| {
        let mut values = pairs.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str());
        let first = values.next();
        // Twice the same parameter: it would not be clear which one was signed.
        first.filter(|_| values.next().is_none())
    };
    let needed = |name: &str| {
        value(name).ok_or_else(|| {
            s3_error!(
                AuthorizationQueryParametersError,
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
            )
        })
    };
    let wrong = || s3_error!(AuthorizationQueryParametersError, "A parameter of the signature is not well-formed.");

    if needed("X-Amz-Algorithm")? != "AWS4-HMAC-SHA256" {
        return Err(wrong());
    }
    let date = needed("X-Amz-Date")?;
    let signed_at = DateTime::strptime("%Y%m%dT%H%M%SZ", date)
        .and_then(|date| date.to_zoned(TimeZone::UTC))
        .map_err(|_| wrong())?
        .timestamp();
    let expires: i64 = needed("X-Amz-Expires")?.parse().map_err(|_| wrong())?;
    if !(1..=LONGEST).contains(&expires) {
        return Err(wrong());
    }
    let credential = needed("X-Amz-Credential")?;
    let (id, scope) = credential.split_once('/').ok_or_else(wrong)?;
    let [day, region, service, "aws4_request"] = scope.split('/').collect::<Vec<_>>()[..] else {
        return Err(wrong());
    };
    if !date.starts_with(day) || day.len() != 8 || service != "s3" {
        return Err(wrong());
    }
    let key = keys.iter().find(|key| key.id == id).ok_or_else(|| s3_error!(InvalidAccessKeyId))?;

    let signed_headers = needed("X-Amz-SignedHeaders")?;
    if !signed_headers.split(';').any(|name| name == "host") {
        return Err(wrong());
    }
    let canonical = canonical_request(request, &pairs, signed_headers)?;
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex::encode(Sha256::digest(canonical.as_bytes())));
    let mut signing_key = hmac(format!("AWS4{}", key.secret).as_bytes(), day);
    for part in [region, service, "aws4_request"] {
        signing_key = hmac(&signing_key, part);
    }
    let signature = hex::encode(hmac(&signing_key, &to_sign));
    if !bool::from(signature.as_bytes().ct_eq(needed("X-Amz-Signature")?.as_bytes())) {
        return Err(s3_error!(SignatureDoesNotMatch));
    }

    // After the signature, so that nothing is said about a request that was not signed.
    if now < signed_at - SKEW {
        return Err(s3_error!(AccessDenied, "Request is not valid yet"));
    }
    if now >= signed_at + SignedDuration::from_secs(expires) {
        return Err(s3_error!(AccessDenied, "Request has expired"));
    }
    Ok(())
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn canonical_request(request: &Parts, pairs: &[(String, String)], signed_headers: &str) -> S3Result<String> {
    let encode = |text: &str| utf8_percent_encode(text, &IN_QUERY).to_string();
    let mut query: Vec<_> = pairs
        .iter()
        .filter(|(name, _)| name != "X-Amz-Signature")
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    query.sort();
    let query: Vec<_> = query.into_iter().map(|(name, value)| format!("{name}={value}")).collect();

    let mut headers = String::new();
    for name in signed_headers.split(';') {
        let value = header(&request.headers, name)
            .ok_or_else(|| s3_error!(AccessDenied, "There were headers present in the signature that were not sent"))?;
        writeln!(headers, "{name}:{value}").expect("a string can be written");
    }
    // The body is signed only when its hash is part of what was signed.
    let in_header = signed_headers.split(';').any(|name| name == "x-amz-content-sha256");
    let in_query = pairs.iter().find(|(name, _)| name == "X-Amz-Content-Sha256").map(|(_, value)| value.clone());
    let payload = if in_header { header(&request.headers, "x-amz-content-sha256") } else { in_query };
    let payload = payload.unwrap_or_else(|| "UNSIGNED-PAYLOAD".to_owned());

    let path = percent_decode_str(request.uri.path()).decode_utf8_lossy();
    let path = utf8_percent_encode(&path, &IN_PATH);
    let (method, query) = (&request.method, query.join("&"));
    Ok(format!("{method}\n{path}\n{query}\n{headers}\n{signed_headers}\n{payload}"))
}

/// All values of a header, joined, with single spaces.
fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let values = headers.get_all(name).iter().map(|value| {
        let value = String::from_utf8_lossy(value.as_bytes());
        value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
    });
    let values: Vec<_> = values.collect();
    (!values.is_empty()).then(|| values.join(","))
}

#[cfg(test)]
mod unit {
    use super::*;

    /// The example of <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>.
    fn example(signature: &str) -> Parts {
        let uri = format!(
            "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature={signature}"
        );
        let request = http::Request::get(uri).header("host", "examplebucket.s3.amazonaws.com");
        request.body(()).unwrap().into_parts().0
    }

    const SIGNATURE: &str = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

    fn keys() -> [AccessKey; 1] {
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned();
        [AccessKey { id: "AKIAIOSFODNN7EXAMPLE".to_owned(), secret }]
    }

    #[test]
    fn the_documented_example_is_good_until_its_last_second() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let request = example(SIGNATURE);
        assert!(check(&request, &keys(), at("2013-05-24T00:00:00Z")).is_ok());
        assert!(check(&request, &keys(), at("2013-05-24T23:59:59Z")).is_ok());
        let late = check(&request, &keys(), at("2013-05-25T00:00:00Z")).unwrap_err();
        assert_eq!((late.code().as_str(), late.message()), ("AccessDenied", Some("Request has expired")));
        assert!(check(&request, &keys(), at("2013-05-23T23:00:00Z")).is_err());
    }

    #[test]
    fn another_signature_or_key_is_refused() {
        let at = "2013-05-24T00:00:00Z".parse().unwrap();
        let error = check(&example(&SIGNATURE.replace('a', "b")), &keys(), at).unwrap_err();
        assert_eq!(error.code().as_str(), "SignatureDoesNotMatch");
        assert_eq!(check(&example(SIGNATURE), &[], at).unwrap_err().code().as_str(), "InvalidAccessKeyId");
    }
}
