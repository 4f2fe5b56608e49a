//! A mail server on the loopback address: it speaks as much SMTP (RFC 5321) as a client without encryption needs.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// A mail that it took.
#[derive(Debug, Clone, Default)]
pub struct TakenMail {
    /// To whom.
    pub to: String,
    /// Headers and text, as they came.
    pub data: String,
}

/// The server. It ends with the test's runtime.
pub struct MailServer {
    /// As `DUNDUN_MAILER` names it.
    pub url: String,
    mails: Arc<Mutex<Vec<TakenMail>>>,
    busy: Arc<AtomicU32>,
}

impl MailServer {
    /// A server that takes every mail, but for addresses that begin with `nobody`.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("smtp://{}?security=none", listener.local_addr().expect("an address"));
        let (mails, busy) = (Arc::<Mutex<Vec<TakenMail>>>::default(), Arc::<AtomicU32>::default());
        let (taken, turned_away) = (mails.clone(), busy.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (taken, turned_away) = (taken.clone(), turned_away.clone());
                // A client that goes away ends its own connection only.
                tokio::spawn(async move { serve(stream, &taken, &turned_away).await.ok() });
            }
        });
        Self { url, mails, busy }
    }

    /// Turns away the next mails, for now.
    pub fn busy(&self, mails: u32) {
        self.busy.store(mails, Ordering::SeqCst);
    }

    /// What it took.
    pub fn mails(&self) -> Vec<TakenMail> {
        self.mails.lock().expect("no panic while it is held").clone()
    }
}

async fn serve(stream: TcpStream, taken: &Mutex<Vec<TakenMail>>, busy: &AtomicU32) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail.example.test ESMTP\r\n").await?;
    let mut mail = TakenMail::default();
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let word = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match word.as_str() {
            "EHLO" | "HELO" => b"250-mail.example.test\r\n250 8BITMIME\r\n",
            "RCPT" => {
                mail.to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                let turned_away = busy.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
                if turned_away.is_ok() {
                    b"451 4.3.2 come back later\r\n"
                } else if mail.to.starts_with("nobody") {
                    b"550 5.1.1 no such user\r\n"
                } else {
                    b"250 ok\r\n"
                }
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                loop {
                    line.clear();
                    if stream.read_line(&mut line).await? == 0 {
                        return Ok(());
                    }
                    if line == ".\r\n" {
                        break;
                    }
                    mail.data.push_str(&line);
                }
                taken.lock().expect("no panic while it is held").push(std::mem::take(&mut mail));
                b"250 taken\r\n"
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => b"250 ok\r\n",
        };
        stream.write_all(answer).await?;
    }
}
