//! The provider of the benchmarks, a process of its own: takes every text, counts it by number, and costs next to no
//! CPU, so that what is measured is the sender.
//!
//! | request | answer |
//! |---|---|
//! | `POST /send`, JSON with `to` | `{"id":"loop-1"}`, for one recipient per call |
//! | `POST /version1/messaging`, a form with `to` and commas | as Africa's Talking answers, for many per call |
//! | `GET /stats` | how many texts and requests came, and when |
//! | `GET /numbers` | every number that was taken, with how often |
//!
//! `--delay-ms N` answers a submission so much later; it counts when it arrives, as a real provider would have it.
//! The address is the first line of its output. It ends when its input does, so it never outlives a benchmark.

mod stats;

use std::{
    borrow::Cow,
    cell::RefCell,
    collections::HashMap,
    io::{Read as _, Write as _},
    rc::Rc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use clap::Parser;
use serde::Deserialize;
use stats::Stats;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// The largest request, in bytes.
const LARGEST: usize = 1 << 20;

#[derive(Parser)]
struct Arguments {
    /// How long a submission waits for its answer, in milliseconds.
    #[arg(long, default_value_t = 0)]
    delay_ms: u64,
}

#[derive(Default)]
struct Taken {
    numbers: HashMap<Box<str>, u32>,
    stats: Stats,
}

impl Taken {
    fn take(&mut self, number: &str, now: u64) -> u64 {
        match self.numbers.get_mut(number) {
            Some(count) => {
                *count += 1;
                self.stats.doubled += 1;
            }
            None => {
                self.numbers.insert(number.into(), 1);
            }
        }
        if self.stats.accepted == 0 {
            self.stats.first_ms = now;
        }
        self.stats.accepted += 1;
        let second = (now.saturating_sub(self.stats.first_ms) / 1_000) as usize;
        if second < 3_600 {
            self.stats.per_second.resize(self.stats.per_second.len().max(second + 1), 0);
            self.stats.per_second[second] += 1;
        }
        self.stats.accepted
    }
}

#[derive(Deserialize)]
struct One<'a> {
    #[serde(borrow)]
    to: Cow<'a, str>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let delay = Duration::from_millis(Arguments::parse().delay_ms);
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    writeln!(std::io::stdout(), "http://{address}").expect("who started it reads its address");
    let taken = Rc::new(RefCell::new(Taken::default()));
    let tasks = tokio::task::LocalSet::new();
    tasks
        .run_until(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let taken = taken.clone();
                tokio::task::spawn_local(async move {
                    // A connection that breaks is the sender's end.
                    let _ = serve(stream, &taken, delay).await;
                });
            }
        })
        .await;
}

async fn serve(mut stream: TcpStream, taken: &RefCell<Taken>, delay: Duration) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(4_096);
    loop {
        let Some((path, body, end)) = request(&buffer)? else {
            if buffer.len() > LARGEST || stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
            continue;
        };
        let (status, answer, submission) = answer(&path, &buffer[body..end], taken);
        if submission && !delay.is_zero() {
            wait(delay).await;
        }
        if submission {
            taken.borrow_mut().stats.last_ms = now();
        }
        let mut response =
            format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", answer.len());
        response.push_str(&answer);
        stream.write_all(response.as_bytes()).await?;
        buffer.drain(..end);
    }
}

/// The path of the request at the front of `buffer`, where its body begins and ends. `None`: it is not all there yet.
fn request(buffer: &[u8]) -> std::io::Result<Option<(String, usize, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(body) = request.parse(buffer).map_err(std::io::Error::other)? else {
        return Ok(None);
    };
    let length = request
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"))
        .and_then(|header| std::str::from_utf8(header.value).ok()?.parse::<usize>().ok())
        .unwrap_or(0);
    let path = request.path.unwrap_or_default().to_owned();
    Ok((buffer.len() >= body + length).then_some((path, body, body + length)))
}

/// The status, the body, and whether it was a submission.
fn answer(path: &str, body: &[u8], taken: &RefCell<Taken>) -> (&'static str, String, bool) {
    let mut taken = taken.borrow_mut();
    taken.stats.calls += u64::from(matches!(path, "/send" | "/version1/messaging"));
    match path {
        "/send" => match serde_json::from_slice::<One>(body) {
            Ok(one) => {
                let id = taken.take(&one.to, now());
                ("200 OK", format!("{{\"id\":\"loop-{id}\"}}"), true)
            }
            Err(_) => ("400 Bad Request", "{}".into(), false),
        },
        "/version1/messaging" => {
            let numbers = url::form_urlencoded::parse(body).find(|(name, _)| name == "to").map(|(_, value)| value);
            ("201 Created", batch(&numbers.unwrap_or_default(), &mut taken), true)
        }
        "/stats" => ("200 OK", serde_json::to_string(&taken.stats).expect("numbers are JSON"), false),
        "/numbers" => ("200 OK", serde_json::to_string(&taken.numbers).expect("texts are JSON"), false),
        _ => ("404 Not Found", "{}".into(), false),
    }
}

/// As Africa's Talking answers: <https://developers.africastalking.com/docs/sms/sending/bulk>.
fn batch(numbers: &str, taken: &mut Taken) -> String {
    use std::fmt::Write as _;
    let (mut rows, mut count) = (String::new(), 0);
    for number in numbers.split(',') {
        let id = taken.take(number, now());
        count += 1;
        let comma = if rows.is_empty() { "" } else { "," };
        write!(
            rows,
            "{comma}{{\"statusCode\":101,\"number\":\"{number}\",\"status\":\"Success\",\"cost\":\"KES 0.8000\",\"messageId\":\"ATXid_{id}\"}}"
        )
        .expect("a text grows");
    }
    format!("{{\"SMSMessageData\":{{\"Message\":\"Sent to {count}/{count}\",\"Recipients\":[{rows}]}}}}")
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

#[expect(clippy::disallowed_methods, reason = "the delay of a provider is real time")]
async fn wait(delay: Duration) {
    tokio::time::sleep(delay).await;
}
