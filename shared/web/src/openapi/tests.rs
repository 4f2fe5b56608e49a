//! The shape of the document, on two small rows.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{document, errors, routes_body};
use crate::prelude::*;

#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Shared {
    #[serde(default)]
    kind: Option<String>,
    /// How many.
    #[serde(default)]
    count: u32,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only described")]
struct CreateThing {
    name: String,
    inner: Shared,
}

#[derive(Serialize, JsonSchema)]
struct ThingView {
    id: id::GroupId,
    inner: Shared,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "only described")]
struct ThingFilter {
    /// Which state.
    state: Option<State>,
    min: Option<u32>,
    tags: Option<Vec<String>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum State {
    On,
    Off,
}

async fn create(_: Cx, body: Json<CreateThing>) -> Result<Created<ThingView>> {
    let body = body.read()?;
    Err(Error::not_found("thing", body.name))
}

async fn list(_: Cx, _: Path<id::GroupId>, _: List<ThingFilter>) -> Result<Success<Page<ThingView>>> {
    Err(Error::not_found("thing", ""))
}

async fn health(_: Cx) -> Result<NoContent> {
    Ok(NoContent)
}

fn rows() -> Vec<Arc<Row>> {
    let rows = vec![
        Row::post("things-create", "/api/things", create)
            .summary("Make a thing")
            .tag("Things")
            .access(Role::Member, Scope::GroupsWrite)
            .idempotent()
            .errors(&["409 thing_taken", "name_invalid"]),
        Row::get("things-list", "/api/groups/{id}/things", list).tag("Things").access(Role::Viewer, Scope::GroupsRead),
        Row::get("health", "/api/health", health).public(),
        Row::fallback("fallback"),
    ];
    rows.into_iter().map(Arc::new).collect()
}

fn at<'a>(document: &'a Value, pointer: &str) -> &'a Value {
    document.pointer(pointer).unwrap_or_else(|| panic!("{pointer} in {document:#}"))
}

#[test]
fn signatures_become_operations() {
    let document = document(&rows(), "1");
    let post = at(&document, "/paths/~1api~1things/post");
    assert_eq!(post["operationId"], "things-create");
    assert_eq!(at(post, "/requestBody/content/application~1json/schema/$ref"), "#/components/schemas/CreateThing");
    assert_eq!(at(post, "/responses/201/content/application~1json/schema/$ref"), "#/components/schemas/ThingView");
    assert_eq!(
        at(post, "/requestBody/content/application~1json/example"),
        &json!({ "name": "text", "inner": { "kind": "text", "count": 0 } })
    );
    assert!(at(post, "/responses/409/description").as_str().unwrap().contains("`thing_taken`"));
    assert!(post.get("security").is_none());
    assert_eq!(at(&document, "/paths/~1api~1health/get/security"), &json!([]));
}

#[test]
fn filters_become_parameters() {
    let document = document(&rows(), "1");
    let get = at(&document, "/paths/~1api~1groups~1{id}~1things/get");
    let names: Vec<&str> =
        get["parameters"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["id", "limit", "cursor", "state", "min", "tags"]);
    for parameter in get["parameters"].as_array().unwrap() {
        assert!(!parameter["schema"].to_string().contains("null"), "{parameter}");
    }
    let page = at(get, "/responses/200/content/application~1json/schema/$ref");
    assert_eq!(page, "#/components/schemas/PageOfThingView");
}

#[test]
fn types_that_differ_by_direction_have_two_names() {
    let document = document(&rows(), "1");
    let schemas = at(&document, "/components/schemas");
    assert_eq!(at(schemas, "/CreateThing/properties/inner/$ref"), "#/components/schemas/SharedInput");
    assert_eq!(at(schemas, "/ThingView/properties/inner/$ref"), "#/components/schemas/Shared");
    assert!(schemas["SharedInput"].get("required").is_none());
    assert_eq!(at(schemas, "/Shared/required"), &json!(["kind", "count"]));
    assert!(schemas.get("Problem").is_some());
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document(&rows(), "1");
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[test]
fn what_operations_share_is_written_once() {
    let document = document(&rows(), "1");
    let unauthorized = |path: &str| at(&document, &format!("{path}/responses/401/$ref")).as_str().unwrap().to_owned();
    assert_eq!(unauthorized("/paths/~1api~1things/post"), "#/components/responses/Unauthorized");
    assert_eq!(unauthorized("/paths/~1api~1groups~1{id}~1things/get"), "#/components/responses/Unauthorized");
    let example = "/components/responses/Unauthorized/content/application~1problem+json/example/code";
    assert_eq!(at(&document, example), "token_missing");
}

#[test]
fn errors_are_those_of_the_kind_and_its_own() {
    let rows = rows();
    let create = errors(&rows[0]);
    assert!(create[&422].contains(&"name_invalid") && create[&422].contains(&"field_unknown"));
    assert!(create[&409].contains(&"idempotency_running") && create[&409].contains(&"thing_taken"));
    assert!(!create.contains_key(&404));
    assert!(errors(&rows[1]).contains_key(&404));
    assert_eq!(errors(&rows[2]).keys().copied().collect::<Vec<_>>(), [500, 503]);
}

#[test]
fn the_body_for_the_gateway_is_plain() {
    let body = routes_body(&rows(), |row| json!({ "type": "aws_proxy", "uri": row.name }));
    assert_eq!(body["openapi"], "3.0.1");
    assert_eq!(at(&body, "/paths/~1api~1things/post/x-amazon-apigateway-integration/uri"), "things-create");
    assert_eq!(at(&body, "/paths/~1$default/x-amazon-apigateway-any-method/isDefaultRoute"), &json!(true));
    assert!(!body.to_string().contains("$ref"));
}
