//! Objects and unfinished uploads go when their days are over, and not before.

use std::time::Duration;

use aws_sdk_s3::{
    error::ProvideErrorMetadata,
    types::{
        AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration,
        LifecycleRule, LifecycleRuleFilter, Tag,
    },
};
use store::Clock;

use super::{BUCKET, Server};

fn rule(id: &str, prefix: &str) -> aws_sdk_s3::types::builders::LifecycleRuleBuilder {
    LifecycleRule::builder()
        .id(id)
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix(prefix).build())
}

fn rules(rules: Vec<LifecycleRule>) -> BucketLifecycleConfiguration {
    BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build().unwrap()
}

#[tokio::test]
async fn what_had_its_days_goes_at_midnight() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::manual("2026-03-01T10:00:00Z".parse().unwrap());
    let server = Server::open(folder.path(), clock, std::sync::Arc::default()).await;
    let client = &server.client;
    client.create_bucket().bucket(BUCKET).send().await.unwrap();
    let get = || client.get_bucket_lifecycle_configuration().bucket(BUCKET).send();
    assert_eq!(get().await.unwrap_err().code(), Some("NoSuchLifecycleConfiguration"));
    let one_day = LifecycleExpiration::builder().days(1).build();
    let abort = AbortIncompleteMultipartUpload::builder().days_after_initiation(1).build();
    let configuration = rules(vec![
        rule("uploads", "uploads/").expiration(one_day.clone()).build().unwrap(),
        rule("off", "kept/").expiration(one_day).status(ExpirationStatus::Disabled).build().unwrap(),
        rule("parts", "").abort_incomplete_multipart_upload(abort).build().unwrap(),
    ]);
    client
        .put_bucket_lifecycle_configuration()
        .bucket(BUCKET)
        .lifecycle_configuration(configuration.clone())
        .send()
        .await
        .unwrap();
    assert_eq!(get().await.unwrap().rules(), configuration.rules());

    for key in ["uploads/a", "kept/a", "other"] {
        server.put(key, b"x").await;
    }
    client.create_multipart_upload().bucket(BUCKET).key("kept/big").send().await.unwrap();
    let keys = async || {
        server.expire().await;
        let listed = client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
        let uploads = client.list_multipart_uploads().bucket(BUCKET).send().await.unwrap();
        let keys: Vec<String> = listed.contents().iter().filter_map(|object| object.key.clone()).collect();
        (keys.join(" "), uploads.uploads().len())
    };
    // A day later, but midnight is still to come.
    server.clock.advance(Duration::from_hours(37));
    assert_eq!(keys().await, ("kept/a other uploads/a".to_owned(), 1));
    server.clock.advance(Duration::from_hours(1));
    assert_eq!(keys().await, ("kept/a other".to_owned(), 0));
    let files: usize = std::fs::read_dir(folder.path().join("s3/objects"))
        .unwrap()
        .map(|shelf| std::fs::read_dir(shelf.unwrap().path()).unwrap().count())
        .sum();
    assert_eq!(files, 2, "the bytes are gone too");

    client.delete_bucket_lifecycle().bucket(BUCKET).send().await.unwrap();
    assert_eq!(get().await.unwrap_err().code(), Some("NoSuchLifecycleConfiguration"));
}

#[tokio::test]
async fn rules_that_would_not_be_kept_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::manual("2026-03-01T10:00:00Z".parse().unwrap());
    let server = Server::open(folder.path(), clock, std::sync::Arc::default()).await;
    server.client.create_bucket().bucket(BUCKET).send().await.unwrap();
    let put = async |rule: LifecycleRule| {
        let request = server.client.put_bucket_lifecycle_configuration().bucket(BUCKET);
        let error = request.lifecycle_configuration(rules(vec![rule])).send().await.unwrap_err();
        error.code().unwrap_or_default().to_owned()
    };
    let tagged = LifecycleRuleFilter::builder().tag(Tag::builder().key("a").value("b").build().unwrap()).build();
    let one_day = LifecycleExpiration::builder().days(1).build();
    assert_eq!(put(rule("a", "").filter(tagged).expiration(one_day).build().unwrap()).await, "NotImplemented");
    let never = LifecycleExpiration::builder().days(0).build();
    assert_eq!(put(rule("a", "").expiration(never).build().unwrap()).await, "InvalidArgument");
}
