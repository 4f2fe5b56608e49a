//! `Content-Encoding: aws-chunked`: the framing in which the SDKs send bodies whose checksum comes after them.
//!
//! Format: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>. Chunk signatures are
//! skipped (header signatures are not checked here at all); the checksums in the trailer are, by `blobs.rs`.

use std::{
    io,
    sync::{Arc, OnceLock},
};

use axum::body::{Body, BodyDataStream};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt, stream};

use super::records::Checksums;

/// No size line or trailer is longer; more is not this format.
const LONGEST_LINE: usize = 8 << 10;

/// The trailer of a body: announced before it, filled once it was read to its end.
#[derive(Clone, Default)]
pub(super) struct Trailers {
    announced: String,
    found: Arc<OnceLock<Checksums>>,
}

impl Trailers {
    /// `announced` is the header `x-amz-trailer`.
    pub fn new(announced: &str) -> Self {
        Self { announced: announced.to_ascii_lowercase(), found: Arc::default() }
    }

    /// Whether a trailer of this (lower case) name is to come.
    pub fn announces(&self, name: &str) -> bool {
        self.announced.split(',').any(|announced| announced.trim() == name)
    }

    /// The checksums that came.
    pub fn checksums(&self) -> Checksums {
        self.found.get().cloned().unwrap_or_default()
    }
}

enum Step {
    Size,
    Data(usize),
    DataEnd,
    Trailer,
    Done,
}

struct Decoder {
    input: BodyDataStream,
    buffer: BytesMut,
    step: Step,
    trailers: Trailers,
}

/// The body without its framing.
pub(super) fn decode(body: Body, trailers: Trailers) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let decoder = Decoder { input: body.into_data_stream(), buffer: BytesMut::new(), step: Step::Size, trailers };
    stream::try_unfold(decoder, |mut decoder| async move { Ok(decoder.next().await?.map(|chunk| (chunk, decoder))) })
}

impl Decoder {
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            match self.step {
                Step::Size => {
                    let line = self.line().await?;
                    let size = line.split(';').next().unwrap_or_default().trim();
                    let size = usize::from_str_radix(size, 16).map_err(|_| malformed("a chunk has no size"))?;
                    self.step = if size == 0 { Step::Trailer } else { Step::Data(size) };
                }
                Step::Data(left) => {
                    if self.buffer.is_empty() && !self.fill().await? {
                        return Err(malformed("the body ends inside a chunk"));
                    }
                    let chunk = self.buffer.split_to(left.min(self.buffer.len())).freeze();
                    self.step = if chunk.len() == left { Step::DataEnd } else { Step::Data(left - chunk.len()) };
                    if !chunk.is_empty() {
                        return Ok(Some(chunk));
                    }
                }
                Step::DataEnd => {
                    if !self.line().await?.is_empty() {
                        return Err(malformed("a chunk is longer than its size"));
                    }
                    self.step = Step::Size;
                }
                Step::Trailer => {
                    self.trailer().await?;
                    self.step = Step::Done;
                }
                Step::Done => return Ok(None),
            }
        }
    }

    async fn trailer(&mut self) -> io::Result<()> {
        let mut found = Checksums::default();
        loop {
            // Some clients leave out the empty line at the end.
            if self.buffer.is_empty() && !self.fill().await? {
                break;
            }
            let line = self.line().await?;
            let Some((name, value)) = line.split_once(':') else {
                if line.is_empty() {
                    break;
                }
                return Err(malformed("a trailer has no colon"));
            };
            let value = Some(value.trim().to_owned());
            match name.trim().to_ascii_lowercase().as_str() {
                "x-amz-checksum-crc32" => found.crc32 = value,
                "x-amz-checksum-crc32c" => found.crc32c = value,
                "x-amz-checksum-crc64nvme" => found.crc64nvme = value,
                "x-amz-checksum-sha1" => found.sha1 = value,
                "x-amz-checksum-sha256" => found.sha256 = value,
                _ => {}
            }
        }
        let _ = self.trailers.found.set(found);
        Ok(())
    }

    /// The next line without its end.
    async fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line = self.buffer.split_to(end + 1);
                let line = str::from_utf8(&line).map_err(|_| malformed("a line is not text"))?;
                return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
            }
            if self.buffer.len() > LONGEST_LINE || !self.fill().await? {
                return Err(malformed("a line has no end"));
            }
        }
    }

    async fn fill(&mut self) -> io::Result<bool> {
        match self.input.next().await {
            Some(Ok(chunk)) => {
                self.buffer.extend_from_slice(&chunk);
                Ok(true)
            }
            Some(Err(error)) => Err(io::Error::other(error)),
            None => Ok(false),
        }
    }
}

fn malformed(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod unit {
    use futures::TryStreamExt;

    use super::*;

    async fn read(input: &'static [u8], step: usize) -> io::Result<(Vec<u8>, Checksums)> {
        let chunks: Vec<_> = input.chunks(step).map(|chunk| Ok::<_, io::Error>(Bytes::from_static(chunk))).collect();
        let trailers = Trailers::new("x-amz-checksum-crc32");
        let body = decode(Body::from_stream(stream::iter(chunks)), trailers.clone());
        let whole = body.try_fold(Vec::new(), |mut whole, chunk| async move {
            whole.extend_from_slice(&chunk);
            Ok(whole)
        });
        Ok((whole.await?, trailers.checksums()))
    }

    #[tokio::test]
    async fn framing_is_removed_however_it_arrives() {
        let framed = b"5;chunk-signature=00\r\nhello\r\n1\r\n!\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
        for step in 1..framed.len() {
            let (body, sums) = read(framed, step).await.unwrap();
            assert_eq!(body, b"hello!");
            assert_eq!(sums.crc32.as_deref(), Some("AAAA"));
        }
    }

    #[tokio::test]
    async fn a_cut_or_wrong_body_is_refused() {
        assert!(read(b"5\r\nhel", 3).await.is_err());
        assert!(read(b"5\r\nhello!\r\n0\r\n", 64).await.is_err());
        assert!(read(b"zz\r\nhello\r\n", 64).await.is_err());
        assert!(read(b"hello", 64).await.is_err());
    }
}
