//! The bytes of objects and parts: immutable files, written under a temporary name and renamed when whole.
//!
//! Invariant: a file is complete and on disk before the catalogue names it, and is removed only after the catalogue
//! has let it go. What is left over by a kill is swept at start.

use std::{
    collections::HashSet,
    io,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use s3s::{
    S3Result,
    checksum::ChecksumHasher,
    crypto::{Checksum as _, Md5},
    dto::{self, StreamingBlob},
    s3_error,
};
use tokio::{
    fs::{self, File},
    io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt},
};

use super::{chunked::Trailers, conditions::internal, records::Checksums};

/// The largest object or part: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>.
const LARGEST: u64 = 5 << 30;

/// 128 random bits in hexadecimal: names of files, uploads and requests.
pub(super) fn random_name() -> String {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    hex::encode(bytes)
}

/// What the sender says about a body, to be held against what came.
#[derive(Default)]
pub(super) struct Expected {
    pub length: Option<i64>,
    pub md5: Option<String>,
    pub checksums: Checksums,
    pub trailers: Option<Trailers>,
}

/// A body that is whole and on disk.
pub(super) struct Written {
    pub name: String,
    pub size: u64,
    pub md5: [u8; 16],
    pub checksums: Checksums,
}

/// The folder of files.
#[derive(Clone)]
pub(super) struct Blobs {
    folder: PathBuf,
    temporary: PathBuf,
}

/// A file that is removed when it is dropped before it was kept.
struct Draft(Option<PathBuf>);

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Blobs {
    /// Opens the folders and empties the one of half-written files.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let blobs = Self { folder: folder.join("objects"), temporary: folder.join("temporary") };
        if blobs.temporary.exists() {
            std::fs::remove_dir_all(&blobs.temporary)?;
        }
        std::fs::create_dir_all(&blobs.temporary)?;
        std::fs::create_dir_all(&blobs.folder)?;
        Ok(blobs)
    }

    /// Removes the files that the catalogue does not name.
    pub fn sweep(&self, named: &HashSet<String>) -> io::Result<()> {
        for shelf in std::fs::read_dir(&self.folder)? {
            for file in std::fs::read_dir(shelf?.path())? {
                let file = file?;
                if file.file_name().to_str().is_none_or(|name| !named.contains(name)) {
                    std::fs::remove_file(file.path())?;
                }
            }
        }
        Ok(())
    }

    /// Files lie in 256 folders, so that none grows too long for the tools that list it.
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(&name[..2]).join(name)
    }

    async fn draft(&self) -> io::Result<(String, Draft, File)> {
        let name = random_name();
        let path = self.temporary.join(&name);
        let file = File::create(&path).await?;
        Ok((name, Draft(Some(path)), file))
    }

    async fn keep(&self, name: &str, mut draft: Draft, mut file: File) -> io::Result<()> {
        file.flush().await?;
        file.sync_data().await?;
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).await?;
        fs::rename(draft.0.as_ref().expect("a draft has a path until it is kept"), path).await?;
        draft.0 = None;
        Ok(())
    }

    /// Writes a body and holds it against what its sender said.
    pub async fn write(&self, body: Option<StreamingBlob>, expected: Expected) -> S3Result<Written> {
        let mut body = body.unwrap_or_else(|| StreamingBlob::from(s3s::Body::empty()));
        let (name, draft, mut file) = self.draft().await.map_err(internal)?;
        let mut md5 = Md5::new();
        let mut hasher = hasher(&expected);
        let mut size = 0u64;
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|_| s3_error!(IncompleteBody, "The body ended early or is not well-formed."))?;
            size += chunk.len() as u64;
            if size > LARGEST {
                return Err(s3_error!(EntityTooLarge));
            }
            md5.update(&chunk);
            hasher.update(&chunk);
            file.write_all(&chunk).await.map_err(internal)?;
        }
        if expected.length.is_some_and(|length| u64::try_from(length) != Ok(size)) {
            return Err(s3_error!(IncompleteBody));
        }
        let md5 = md5.finalize();
        if let Some(wanted) = &expected.md5 {
            let wanted = STANDARD.decode(wanted).ok().filter(|wanted| wanted.len() == 16);
            let wanted = wanted.ok_or_else(|| s3_error!(InvalidDigest))?;
            if wanted != md5.as_ref() {
                return Err(s3_error!(BadDigest));
            }
        }
        let checksums = Checksums::from(hasher.finalize());
        let trailing = expected.trailers.as_ref().map(Trailers::checksums).unwrap_or_default();
        if !checksums.agrees_with(&expected.checksums) || !checksums.agrees_with(&trailing) {
            return Err(s3_error!(BadDigest, "The checksum you specified did not match the body."));
        }
        self.keep(&name, draft, file).await.map_err(internal)?;
        let md5 = md5.as_ref().try_into().expect("MD5 has 16 bytes");
        Ok(Written { name, size, md5, checksums })
    }

    /// Writes the given files one after the other into a new one: (name, size).
    pub async fn join(&self, names: &[String]) -> io::Result<(String, u64)> {
        let (name, draft, mut file) = self.draft().await?;
        let mut size = 0;
        for part in names {
            let mut part = File::open(self.path(part)).await?;
            size += tokio::io::copy(&mut part, &mut file).await?;
        }
        self.keep(&name, draft, file).await?;
        Ok((name, size))
    }

    /// The bytes of a file from `start`, `length` of them. `NotFound` when the object was replaced meanwhile.
    pub async fn read(&self, name: &str, start: u64, length: u64) -> io::Result<StreamingBlob> {
        const STEP: u64 = 64 << 10;
        let mut file = File::open(self.path(name)).await?;
        file.seek(io::SeekFrom::Start(start)).await?;
        let chunks = stream::try_unfold((file, length), |(mut file, left)| async move {
            if left == 0 {
                return Ok::<_, io::Error>(None);
            }
            let mut chunk = BytesMut::zeroed(left.min(STEP) as usize);
            let read = file.read(&mut chunk).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            chunk.truncate(read);
            Ok(Some((Bytes::from(chunk), (file, left - read as u64))))
        });
        Ok(StreamingBlob::wrap(chunks))
    }

    /// Removes a file that the catalogue has let go. A failure is left to the sweep at the next start.
    pub async fn remove(&self, name: &str) {
        let _ = fs::remove_file(self.path(name)).await;
    }
}

/// The algorithms to compute: those that the sender used, in headers or announced as trailers.
fn hasher(expected: &Expected) -> ChecksumHasher {
    let announced = |name: &str| expected.trailers.as_ref().is_some_and(|trailers| trailers.announces(name));
    let given = &expected.checksums;
    ChecksumHasher {
        crc32: (given.crc32.is_some() || announced("x-amz-checksum-crc32")).then(Default::default),
        crc32c: (given.crc32c.is_some() || announced("x-amz-checksum-crc32c")).then(Default::default),
        crc64nvme: (given.crc64nvme.is_some() || announced("x-amz-checksum-crc64nvme")).then(Default::default),
        sha1: (given.sha1.is_some() || announced("x-amz-checksum-sha1")).then(Default::default),
        sha256: (given.sha256.is_some() || announced("x-amz-checksum-sha256")).then(Default::default),
    }
}

impl From<dto::Checksum> for Checksums {
    fn from(sums: dto::Checksum) -> Self {
        Self {
            crc32: sums.checksum_crc32,
            crc32c: sums.checksum_crc32c,
            crc64nvme: sums.checksum_crc64nvme,
            sha1: sums.checksum_sha1,
            sha256: sums.checksum_sha256,
        }
    }
}
