//! `infra/secrets.sh`: makes the keys of a deployment once, and prints the token that lets the first owner in.

use std::{
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};
use tests::World;

use super::{
    root,
    runtime::{environment, invoke},
    tool,
};

fn run(aws: &str, program: &Path, arguments: &[&str]) -> Output {
    let tools = tool("aws").parent().unwrap().display().to_string();
    Command::new(program)
        .args(arguments)
        .env_clear()
        .env("PATH", format!("{tools}:/usr/local/bin:/usr/bin:/bin"))
        .env("AWS_ENDPOINT_URL", aws)
        .env("AWS_DEFAULT_REGION", local::host::REGION)
        .env("AWS_ACCESS_KEY_ID", "dundun")
        .env("AWS_SECRET_ACCESS_KEY", "dundun-on-one-machine")
        .output()
        .expect("it starts")
}

/// The last word that the script prints: the setup token.
fn token(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    text.split_whitespace().last().expect("it prints the token").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_owner_comes_in_with_the_setup_token() {
    let world = World::start().await;
    let aws = world.host.aws.clone();
    let script = root("infra/secrets.sh");
    // As CloudFormation makes them: without a value.
    assert!(!run(&aws, &script, &["shop"]).status.success(), "there are no secrets of that stack yet");
    for name in ["shop/root", "shop/signing"] {
        let created = run(&aws, &tool("aws"), &["secretsmanager", "create-secret", "--name", name]);
        assert!(created.status.success(), "{}", String::from_utf8_lossy(&created.stderr));
    }
    let first = token(&run(&aws, &script, &["shop"]));
    let again = token(&run(&aws, &script, &["shop"]));
    assert_eq!(first, again, "keys are made once");

    let mut environment = environment(&world.host.app.settings, &aws);
    for (name, value) in &mut environment {
        match *name {
            "DUNDUN_SECRETS" => *value = "shop/".into(),
            "DUNDUN_REGISTRATION" => *value = "invite".into(),
            _ => {}
        }
    }
    let text = std::fs::read_to_string(root("events/auth-register.json")).unwrap();
    let mut event: Value = serde_json::from_str(&text).unwrap();
    let body = |email: &str, token: &str| {
        json!({
            "organizationName": "Shop", "name": "Amina", "email": email,
            "password": "correct horse battery staple", "setupToken": token,
        })
        .to_string()
    };
    let wrong = "x".repeat(first.len());
    for (email, token, status) in
        [("a@shop.example", &wrong, 403), ("b@shop.example", &first, 201), ("c@shop.example", &first, 403)]
    {
        event["body"] = json!(body(email, token));
        let answer = invoke("auth-register", &event, &environment).await.unwrap();
        assert_eq!(answer["statusCode"], status, "{answer}");
    }
    world.host.stop().await;
}
