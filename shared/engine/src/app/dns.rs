//! The way to DNS: the system's own server, or one that a setting names.

use std::{net::SocketAddr, time::Duration};

use domain::{Error, Result, dns::RecordType};
use hickory_resolver::{
    Resolver, TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts},
    net::runtime::TokioRuntimeProvider,
    proto::rr,
};
use tokio::sync::OnceCell;

/// How long a server may take for an answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Asks DNS. The resolver is made when something is first asked.
#[derive(Default)]
pub struct Dns {
    server: Option<SocketAddr>,
    resolver: OnceCell<TokioResolver>,
}

impl Dns {
    /// By this server, or by the system's.
    pub(super) fn new(server: Option<SocketAddr>) -> Self {
        Self { server, resolver: OnceCell::new() }
    }

    async fn resolver(&self) -> Result<&TokioResolver> {
        let failed = |_| Error::Unavailable("the system says no DNS server".into());
        self.resolver
            .get_or_try_init(|| async {
                let mut builder = match self.server {
                    None => Resolver::builder_tokio().map_err(failed)?,
                    Some(address) => {
                        let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
                        for connection in &mut connections {
                            connection.port = address.port();
                        }
                        let server = NameServerConfig::new(address.ip(), true, connections);
                        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
                        Resolver::builder_with_config(config, TokioRuntimeProvider::default())
                    }
                };
                let options: &mut ResolverOpts = builder.options_mut();
                // Somebody who has just mended a record looks again.
                options.cache_size = 0;
                (options.timeout, options.attempts) = (TIMEOUT, 1);
                builder.build().map_err(failed)
            })
            .await
    }

    /// The texts of all records of a type at a name; none where there are none. `Err`: nobody answered.
    pub async fn texts(&self, name: &str, kind: RecordType) -> Result<Vec<String>> {
        let kind = match kind {
            RecordType::Txt => rr::RecordType::TXT,
            RecordType::Cname => rr::RecordType::CNAME,
            RecordType::Mx => rr::RecordType::MX,
        };
        // The dot at the end keeps the system's own domains out of the search.
        match self.resolver().await?.lookup(format!("{name}."), kind).await {
            Ok(found) => {
                let of_kind = found.answers().iter().filter(|record| record.record_type() == kind);
                Ok(of_kind.map(|record| record.data.to_string()).collect())
            }
            Err(error) if error.is_no_records_found() => Ok(Vec::new()),
            Err(_) => Err(Error::Unavailable("DNS did not answer".into())),
        }
    }
}
