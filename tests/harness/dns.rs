//! A DNS server on the loopback address: answers by UDP what tests put in.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use hickory_resolver::proto::{
    op::{Message, ResponseCode},
    rr::{
        RData, Record, RecordType,
        rdata::{CNAME, MX, TXT},
    },
};
use tokio::net::UdpSocket;

type Zone = Arc<Mutex<BTreeMap<String, Vec<RData>>>>;

/// The server. It runs until it is dropped.
pub struct Dns {
    /// Where it listens.
    pub address: SocketAddr,
    zone: Zone,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Dns {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Dns {
    /// Starts it on a free port, with nothing in it.
    pub async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
        let address = socket.local_addr().expect("bound");
        let zone = Zone::default();
        let records = zone.clone();
        let server = tokio::spawn(async move {
            let mut buffer = [0; 2_048];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                if let Some(answer) = answer(&records, &buffer[..length]) {
                    let _ = socket.send_to(&answer, from).await;
                }
            }
        });
        Self { address, zone, server }
    }

    /// Puts a record there: `TXT` with its text, `CNAME` with its host, `MX` with priority and host.
    pub fn put(&self, name: &str, kind: &str, value: &str) {
        let host = |text: &str| format!("{}.", text.trim_end_matches('.')).parse().expect("a name");
        let data = match kind {
            // A text longer than 255 bytes is several.
            "TXT" => RData::TXT(TXT::from_bytes(value.as_bytes().chunks(255).collect())),
            "CNAME" => RData::CNAME(CNAME(host(value))),
            _ => {
                let (priority, exchange) = value.split_once(' ').expect("a priority and a host");
                RData::MX(MX::new(priority.parse().expect("a number"), host(exchange)))
            }
        };
        self.zone.lock().expect("no panic").entry(name.to_lowercase()).or_default().push(data);
    }

    /// Takes all records of a name away.
    pub fn clear(&self, name: &str) {
        self.zone.lock().expect("no panic").remove(name);
    }
}

fn answer(zone: &Zone, request: &[u8]) -> Option<Vec<u8>> {
    let request = Message::from_vec(request).ok()?;
    let query = request.queries.first()?.clone();
    let name = query.name().to_string().trim_end_matches('.').to_lowercase();
    let mut response = Message::response(request.metadata.id, request.metadata.op_code);
    let zone = zone.lock().expect("no panic");
    let wanted = |data: &&RData| data.record_type() == query.query_type() || data.record_type() == RecordType::CNAME;
    match zone.get(&name) {
        None => response.metadata.response_code = ResponseCode::NXDomain,
        Some(found) => {
            let records = found.iter().filter(wanted);
            response.add_answers(records.map(|data| Record::from_rdata(query.name().clone(), 60, data.clone())));
        }
    }
    response.add_query(query);
    response.to_vec().ok()
}
