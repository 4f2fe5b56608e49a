//! Secrets.

use aws_sdk_secretsmanager::{Client, primitives::Blob};

use super::cloud::Cloud;

#[tokio::test]
async fn versions_move_from_current_to_previous() {
    let cloud = Cloud::memory().await;
    let secrets = Client::new(&cloud.sdk);
    let made = secrets.create_secret().name("dundun/root").secret_string("one").send().await.unwrap();
    let arn = made.arn().unwrap();
    let taken = secrets.create_secret().name("dundun/root").secret_string("one").send().await.unwrap_err();
    assert!(taken.into_service_error().is_resource_exists_exception());
    let token = "00000000-0000-4000-8000-000000000001";
    let put = |value: &str| {
        let request = secrets.put_secret_value().secret_id(arn).client_request_token(token);
        request.secret_string(value).send()
    };
    assert_eq!(put("two").await.unwrap().version_stages(), ["AWSCURRENT"]);
    put("two").await.unwrap();
    assert!(put("three").await.unwrap_err().into_service_error().is_resource_exists_exception());
    let get = |id: &str, stage: Option<&str>| {
        secrets.get_secret_value().secret_id(id).set_version_stage(stage.map(str::to_owned)).send()
    };
    assert_eq!(get(arn, None).await.unwrap().secret_string(), Some("two"));
    assert_eq!(get("dundun/root", Some("AWSPREVIOUS")).await.unwrap().secret_string(), Some("one"));
    let missing = get("nothing", None).await.unwrap_err().into_service_error();
    assert!(missing.is_resource_not_found_exception());

    let move_back = secrets.update_secret_version_stage().secret_id(arn).version_stage("AWSCURRENT");
    let move_back = move_back.remove_from_version_id(token).move_to_version_id(made.version_id().unwrap());
    move_back.send().await.unwrap();
    assert_eq!(get(arn, None).await.unwrap().secret_string(), Some("one"));
    assert_eq!(get(arn, Some("AWSPREVIOUS")).await.unwrap().secret_string(), Some("two"));
    let described = secrets.describe_secret().secret_id(arn).send().await.unwrap();
    assert_eq!(described.version_ids_to_stages().unwrap()[token], ["AWSPREVIOUS"]);
    let listed = secrets.list_secrets().send().await.unwrap();
    assert_eq!(listed.secret_list()[0].name(), Some("dundun/root"));
}

#[tokio::test]
async fn secrets_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(Some(folder.path()), store::Clock::system()).await;
    let secrets = Client::new(&cloud.sdk);
    secrets.create_secret().name("binary").secret_binary(Blob::new([0, 255])).send().await.unwrap();
    let clock = cloud.close().await;
    let cloud = Cloud::open(Some(folder.path()), clock).await;
    let got = Client::new(&cloud.sdk).get_secret_value().secret_id("binary").send().await.unwrap();
    assert_eq!(got.secret_binary().unwrap().as_ref(), [0, 255]);
    cloud.close().await;
}
