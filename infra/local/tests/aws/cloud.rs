//! A local cloud for one test, on a free port and a clock that the test turns.

use std::{collections::BTreeMap, path::Path, sync::Arc, sync::Mutex, time::Duration};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use futures::{FutureExt as _, future::BoxFuture};
use local::{
    database::Database,
    dynamodb::DynamoDb,
    endpoint::{Endpoint, Services},
    invoke::FunctionInvoker,
    running::Running,
    scheduler::Scheduler,
    secrets::Secrets,
    sqs::Sqs,
};
use serde_json::Value;
use store::Clock;

pub struct Cloud {
    pub clock: Clock,
    pub sqs: Sqs,
    pub scheduler: Scheduler,
    pub functions: Arc<Functions>,
    pub sdk: SdkConfig,
    pub firing: Option<Running>,
    endpoint: Endpoint,
    dynamodb: DynamoDb,
}

impl Cloud {
    pub async fn memory() -> Self {
        Self::open(None, Clock::manual("2026-11-21T10:00:00Z".parse().unwrap())).await
    }

    /// With a folder, as after the start of a process; the clock goes on from where the test has it.
    pub async fn open(folder: Option<&Path>, clock: Clock) -> Self {
        let database = match folder {
            Some(folder) => Database::open(folder).unwrap(),
            None => Database::memory().unwrap(),
        };
        let sqs = Sqs::open(database.clone(), clock.clone(), "us-east-1").await.unwrap();
        let scheduler = Scheduler::open(database.clone(), clock.clone(), sqs.clone()).await.unwrap();
        let secrets = Secrets::open(database, clock.clone(), "us-east-1").await.unwrap();
        let dynamodb = DynamoDb::start(folder, clock.clone()).await.unwrap();
        let services = Services::new(sqs.clone(), scheduler.clone(), secrets, &dynamodb);
        let endpoint = Endpoint::start(0, services).await.unwrap();
        let functions = Arc::new(Functions::default());
        let firing = Some(scheduler.start(functions.clone()));
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(endpoint.url())
            .credentials_provider(SharedCredentialsProvider::new(Credentials::for_tests()))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        Self { clock, sqs, scheduler, functions, sdk, firing, endpoint, dynamodb }
    }

    /// Ends everything, as the process would.
    pub async fn close(self) -> Clock {
        if let Some(firing) = self.firing {
            firing.stop().await;
        }
        self.endpoint.stop().await;
        self.dynamodb.stop().await;
        self.clock
    }

    pub fn url(&self) -> String {
        self.endpoint.url()
    }

    pub fn client(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.sdk)
    }

    pub async fn queue(&self, name: &str, attributes: &[(&str, &str)]) -> String {
        let attributes: BTreeMap<_, _> =
            attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.sqs.create_queue(name, attributes, BTreeMap::new()).await.unwrap();
        format!("{}/000000000000/{name}", self.url())
    }

    pub fn seconds(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

type Handler = Box<dyn Fn(Value) -> BoxFuture<'static, Result<Value, String>> + Send + Sync>;

/// Functions by name, given by the test.
#[derive(Default)]
pub struct Functions(Mutex<BTreeMap<String, Handler>>);

impl Functions {
    pub fn add<F>(&self, name: &str, handler: impl Fn(Value) -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<Value, String>> + Send + 'static,
    {
        self.0.lock().unwrap().insert(name.to_owned(), Box::new(move |event| handler(event).boxed()));
    }
}

impl FunctionInvoker for Functions {
    fn exists(&self, function: &str) -> bool {
        self.0.lock().unwrap().contains_key(function)
    }

    fn invoke(&self, function: String, event: Value, _: Duration) -> BoxFuture<'static, Result<Value, String>> {
        self.0.lock().unwrap()[&function](event)
    }
}
