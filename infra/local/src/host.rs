//! The whole on one machine: the small AWS, what the template would create in it, the functions behind it, and the
//! HTTP API in front.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, builders::LifecycleRuleBuilder,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use engine::{
    App, Queue, Settings,
    app::{MAX_RECEIVES, Registration, Secret, http_client},
};
use store::Clock;
use web::row::{Row, Trigger};

use crate::{
    database::Database,
    dynamodb::DynamoDb,
    endpoint::{Endpoint, Services},
    gateway::{Functions, Gateway},
    invoke::FunctionInvoker,
    mapping::{Mapped, Mapping},
    meter::Meter,
    running::Running,
    s3::{self, AccessKey, S3},
    scheduler::Scheduler,
    secrets::Secrets,
    sqs::Sqs,
};

/// What the local AWS says its region is.
pub const REGION: &str = "eu-west-1";

/// The access key that the local AWS takes for presigned requests; any other does for the rest.
const KEY: &str = "dundun";
const SECRET: &str = "dundun-on-one-machine";

/// The table, the bucket, the group of schedules, and what the names of queues and secrets begin with.
pub(crate) const TABLE: &str = "dundun";
const BUCKET: &str = "dundun-files";
const GROUP: &str = "dundun";
const QUEUES: &str = "dundun-";
const SECRETS: &str = "dundun/";

/// The folders of the bucket whose files go after a day, as in the template.
const EXPIRING: [&str; 4] = ["uploads", "bulk", "drop", "exports"];

/// What can go wrong at start, in words for the person at the terminal.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How the host is to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The data folder; without one everything is in memory (and in a temporary folder) and goes with the host.
    pub data: Option<PathBuf>,
    /// The port of the HTTP API; 0 takes a free one.
    pub port: u16,
    /// The port of the AWS endpoint; 0 takes a free one.
    pub aws_port: u16,
    /// The time.
    pub clock: Clock,
    /// Hosts that the outbound guard lets through.
    pub allow_hosts: String,
    /// The address for webhooks and links; the API's own if absent.
    pub public_url: Option<String>,
    /// Who may register.
    pub registration: Registration,
    /// How mails to those who run it leave; kept to be looked at if empty.
    pub mailer: Secret,
    /// Whom they are from.
    pub mail_from: String,
    /// The DNS server that is asked for the records of domains; the system's if absent.
    pub dns: Option<std::net::SocketAddr>,
    /// How long a claim holds, in seconds; 0 takes the function's deadline.
    pub lease_seconds: u64,
    /// The built console.
    pub console: Option<PathBuf>,
    /// Where the functions find AWS, if not straight at the endpoint: something that stands in between and passes on.
    pub endpoint_url: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            data: None,
            port: 0,
            aws_port: 0,
            clock: Clock::system(),
            allow_hosts: String::new(),
            public_url: None,
            registration: Registration::Open,
            mailer: Secret::default(),
            mail_from: String::new(),
            dns: None,
            lease_seconds: 0,
            console: None,
            endpoint_url: None,
        }
    }
}

/// The host, running. Dropping it ends it at once, as a crash would.
pub struct Host {
    /// The URL of the HTTP API.
    pub api: String,
    /// The URL of the AWS endpoint.
    pub aws: String,
    /// What the functions run with.
    pub app: Arc<App>,
    /// The queues.
    pub sqs: Sqs,
    /// The schedules.
    pub scheduler: Scheduler,
    s3: S3,
    /// Counts what AWS would bill, once it is started.
    pub meter: Meter,
    gateway: Gateway,
    mappings: Vec<Mapped>,
    firing: Running,
    endpoint: Endpoint,
    dynamodb: DynamoDb,
    /// Where files are when there is no data folder.
    _folder: Option<tempfile::TempDir>,
}

impl Host {
    /// Starts everything, and answers when the API does.
    pub async fn start(options: Options) -> Result<Self, Failure> {
        let temporary = if options.data.is_none() { Some(tempfile::tempdir()?) } else { None };
        let folder = match (&options.data, &temporary) {
            (Some(folder), _) => folder.clone(),
            (None, Some(folder)) => folder.path().to_owned(),
            (None, None) => unreachable!("one of both is there"),
        };
        let database = match &options.data {
            Some(folder) => Database::open(folder)?,
            None => Database::memory()?,
        };
        let clock = options.clock.clone();
        let sqs = Sqs::open(database.clone(), clock.clone(), REGION).await?;
        let secrets = Secrets::open(database.clone(), clock.clone(), REGION).await?;
        let scheduler = Scheduler::open(database, clock.clone(), sqs.clone()).await?;
        let dynamodb = DynamoDb::start(options.data.as_deref(), clock.clone()).await?;
        let s3 = open_s3(&folder, &clock, &sqs).await?;
        let meter = Meter::default();
        scheduler.metered_by(meter.clone());
        let services = Services::new(sqs.clone(), scheduler.clone(), secrets.clone(), &dynamodb)
            .with_s3(s3.router())
            .with_meter(meter.clone());
        let endpoint = Endpoint::start(options.aws_port, services).await?;

        let listener = tokio::net::TcpListener::bind(("127.0.0.1", options.port)).await?;
        let api = format!("http://{}", listener.local_addr()?);
        let endpoint_url = options.endpoint_url.clone().unwrap_or_else(|| endpoint.url());
        let sdk = sdk(&endpoint_url);
        let settings = settings(&options, &endpoint_url, &sqs, &api);
        let app = Arc::new(App::new(&sdk, settings, clock.clone())?);
        provision(&app, &sdk, &sqs, &scheduler, &secrets).await?;

        let rows = functions::catalogue();
        let functions = Arc::new(Functions::new(rows.clone(), app.clone()).with_meter(meter.clone()));
        let invoker: Arc<dyn FunctionInvoker> = functions.clone();
        let mut mappings = Vec::new();
        for row in &rows {
            if let Some(mapping) = mapping(row) {
                mappings.push(mapping.start(sqs.clone(), clock.clone(), invoker.clone())?);
            }
        }
        for row in &rows {
            if let Trigger::Every { rate } = row.trigger {
                let definition = serde_json::from_value(serde_json::json!({
                    "ScheduleExpression": rate,
                    "FlexibleTimeWindow": { "Mode": "OFF" },
                    "Target": { "Arn": scheduler.function_arn(row.name), "RoleArn": "arn:aws:iam::000000000000:role/local" },
                }))?;
                scheduler.ensure(row.name, definition).await?;
            }
        }
        let firing = scheduler.start(invoker.clone());
        // What a crash left is finished now, not in a minute.
        engine::sweep::run(&app).await?;
        let gateway = Gateway::start(listener, functions, options.console.clone(), &endpoint.url()).await?;
        Ok(Self {
            api,
            aws: endpoint.url(),
            app,
            sqs,
            scheduler,
            s3,
            meter,
            gateway,
            mappings,
            firing,
            endpoint,
            dynamodb,
            _folder: temporary,
        })
    }

    /// Waits until no schedule is due, no event of the bucket is to be delivered, no queue holds a visible message, and no
    /// function runs. Messages that only time brings back (delayed ones, and those whose function failed) do not count.
    pub async fn idle(&mut self) -> Result<(), Failure> {
        loop {
            self.scheduler.at_rest().await;
            self.s3.at_rest().await;
            for mapping in &mut self.mappings {
                mapping.idle(&self.sqs).await?;
            }
            // A function may fill a queue that was found empty before, so nothing may move while all are looked at.
            let mut idle = true;
            for mapping in &mut self.mappings {
                idle &= mapping.mark();
            }
            for mapping in &self.mappings {
                idle &= self.sqs.depth(mapping.queue()).await?.visible == 0;
            }
            if idle && self.mappings.iter().all(Mapped::is_unmoved) {
                return Ok(());
            }
        }
    }

    /// Ends in order: nothing new begins, what runs comes to its end.
    pub async fn stop(self) {
        self.gateway.stop().await;
        self.firing.stop().await;
        for mapping in self.mappings {
            mapping.stop().await;
        }
        self.endpoint.stop().await;
        self.dynamodb.stop().await;
    }
}

async fn open_s3(folder: &Path, clock: &Clock, sqs: &Sqs) -> Result<S3, Failure> {
    let options = s3::Options {
        folder: folder.to_owned(),
        region: REGION.into(),
        keys: vec![AccessKey { id: KEY.into(), secret: SECRET.into() }],
        clock: clock.clone(),
        notify: Arc::new(sqs.clone()),
    };
    Ok(S3::open(options).await?)
}

/// The SDK's configuration: its defaults, with our endpoint, region and key.
fn sdk(endpoint: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new(REGION))
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(Credentials::new(
            KEY, SECRET, None, None, "local",
        )))
        .http_client(http_client())
        .build()
}

fn settings(options: &Options, endpoint: &str, sqs: &Sqs, api: &str) -> Settings {
    let arn = sqs.arn(QUEUES);
    let account = arn.rsplit(':').nth(1).unwrap_or("000000000000").to_owned();
    Settings {
        table: TABLE.into(),
        queues: format!("{endpoint}/{account}/{QUEUES}"),
        queue_arns: arn,
        bucket: BUCKET.into(),
        secrets: SECRETS.into(),
        schedule_group: GROUP.into(),
        schedule_role: format!("arn:aws:iam::{account}:role/dundun-schedules"),
        public_url: options.public_url.clone().unwrap_or_else(|| api.to_owned()).trim_end_matches('/').to_owned(),
        registration: options.registration,
        allow_hosts: options.allow_hosts.clone(),
        mailer: options.mailer.clone(),
        mail_from: options.mail_from.clone(),
        dns: options.dns,
        lease_seconds: options.lease_seconds,
    }
}

/// Creates what the template creates on AWS. Everything may be there already.
async fn provision(
    app: &App,
    sdk: &SdkConfig,
    sqs: &Sqs,
    scheduler: &Scheduler,
    secrets: &Secrets,
) -> Result<(), Failure> {
    store::schema::create(&app.table).await?;
    for queue in Queue::ALL {
        let name = format!("{QUEUES}{}", queue.name());
        let dead = format!("{name}-dlq");
        if !sqs.exists(&dead) {
            sqs.create_queue(&dead, BTreeMap::new(), BTreeMap::new()).await?;
        }
        let rows = functions::catalogue();
        let timeout = rows
            .iter()
            .find(|row| matches!(row.trigger, Trigger::Queue { queue: of, .. } if of == queue))
            .map_or(60, |row| row.timeout);
        let redrive = serde_json::json!({ "deadLetterTargetArn": sqs.arn(&dead), "maxReceiveCount": MAX_RECEIVES });
        let attributes = BTreeMap::from([
            // Six times the function's timeout, as AWS advises.
            ("VisibilityTimeout".to_owned(), (timeout * 6).to_string()),
            ("RedrivePolicy".to_owned(), redrive.to_string()),
        ]);
        if sqs.exists(&name) {
            sqs.set_attributes(&name, attributes).await?;
        } else {
            sqs.create_queue(&name, attributes, BTreeMap::new()).await?;
        }
    }
    if scheduler.create_group(GROUP).await.is_err() {
        // It is there from an earlier run.
    }
    let key = BASE64_STANDARD.encode(app.random.bytes::<32>());
    // Both fail where the secret is there already, which is as it should be: a key is made once.
    let _ = secrets.create(&format!("{SECRETS}root"), serde_json::json!({ "key": key }).to_string()).await;
    let _ = secrets.create(&format!("{SECRETS}signing"), web::auth::new_signing_secret(app.now(), app.random)).await;
    web::auth::publish_signing_key(app).await?;
    bucket(app, sdk, sqs).await
}

async fn bucket(app: &App, sdk: &SdkConfig, sqs: &Sqs) -> Result<(), Failure> {
    use aws_sdk_s3::types::{Event, NotificationConfiguration, QueueConfiguration};
    let client = aws_sdk_s3::Client::from_conf(aws_sdk_s3::config::Builder::from(sdk).force_path_style(true).build());
    let bucket = &app.settings.bucket;
    if client.head_bucket().bucket(bucket).send().await.is_err() {
        client.create_bucket().bucket(bucket).send().await?;
    }
    let queue = |id: &str, prefix: &str| {
        use aws_sdk_s3::types::{FilterRule, FilterRuleName, NotificationConfigurationFilter, S3KeyFilter};
        let rule = FilterRule::builder().name(FilterRuleName::Prefix).value(prefix).build();
        let filter =
            NotificationConfigurationFilter::builder().key(S3KeyFilter::builder().filter_rules(rule).build()).build();
        QueueConfiguration::builder()
            .id(id)
            .queue_arn(sqs.arn(&format!("{QUEUES}{}", Queue::Import.name())))
            .events(Event::from("s3:ObjectCreated:*"))
            .filter(filter)
            .build()
    };
    let configuration = NotificationConfiguration::builder()
        .queue_configurations(queue("uploads", "uploads/")?)
        .queue_configurations(queue("drop", "drop/")?)
        .build();
    client
        .put_bucket_notification_configuration()
        .bucket(bucket)
        .notification_configuration(configuration)
        .send()
        .await?;
    let parts = AbortIncompleteMultipartUpload::builder().days_after_initiation(1).build();
    let mut rules = vec![lifecycle_rule("parts", "").abort_incomplete_multipart_upload(parts).build()?];
    for folder in EXPIRING {
        let a_day = LifecycleExpiration::builder().days(1).build();
        rules.push(lifecycle_rule(folder, &format!("{folder}/")).expiration(a_day).build()?);
    }
    let lifecycle = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build()?;
    client.put_bucket_lifecycle_configuration().bucket(bucket).lifecycle_configuration(lifecycle).send().await?;
    Ok(())
}

fn lifecycle_rule(id: &str, prefix: &str) -> LifecycleRuleBuilder {
    let filter = LifecycleRuleFilter::builder().prefix(prefix).build();
    LifecycleRule::builder().id(id).status(ExpirationStatus::Enabled).filter(filter)
}

/// The event source mapping of a worker's row, as the template says it.
fn mapping(row: &Row) -> Option<Mapping> {
    let Trigger::Queue { queue, batch, window, concurrency } = row.trigger else { return None };
    Some(Mapping {
        queue: format!("{QUEUES}{}", queue.name()),
        function: row.name.to_owned(),
        batch_size: usize::from(batch),
        window: Duration::from_secs(u64::from(window)),
        concurrency: usize::from(concurrency),
        timeout: Duration::from_secs(u64::from(row.timeout)),
        report_failures: true,
    })
}
