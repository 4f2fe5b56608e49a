//! A table for tests: a real DynamoDB emulation in memory, on a loopback port of its own, through the ordinary SDK.

use std::net::SocketAddr;

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region},
};

use crate::{schema, table::Table};

/// The name of the table that [`start`] creates.
pub const TABLE: &str = "dundun";

/// A new, empty table in memory. It goes with the runtime that it was made on.
pub async fn table() -> Table {
    Table::new(client(start().await), TABLE)
}

/// Starts an emulation with a new, empty table, and tells where it is served.
///
/// # Panics
/// If it cannot be started.
pub async fn start() -> SocketAddr {
    let database = dynoxide::Database::memory().expect("a database in memory opens");
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a loopback port is free");
    let address = listener.local_addr().expect("a bound socket has an address");
    tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database, std::future::pending::<()>()));
    schema::create(&Table::new(client(address), TABLE)).await.expect("the table can be created");
    address
}

/// A client for the emulation at `address`.
pub fn client(address: SocketAddr) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .endpoint_url(format!("http://{address}"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}
