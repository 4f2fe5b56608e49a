//! What there is: buckets, objects, uploads, parts and the outbox of events, in one SQLite file.
//!
//! Invariant: an object, the file it points to and its events become visible in one commit, or not at all.

use std::{
    collections::HashSet,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use s3s::{S3Result, s3_error};

use super::{
    conditions::internal,
    events::Rule,
    lifecycle::Expiry,
    records::{Event, Object, Part, Upload},
};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS bucket (name TEXT PRIMARY KEY, created INTEGER NOT NULL, rules TEXT NOT NULL DEFAULT '[]') WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS object (bucket TEXT NOT NULL, key TEXT NOT NULL, blob TEXT NOT NULL, size INTEGER NOT NULL,
        etag TEXT NOT NULL, modified INTEGER NOT NULL, attributes TEXT NOT NULL, PRIMARY KEY (bucket, key)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS upload (id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL,
        started INTEGER NOT NULL, attributes TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS upload_of ON upload (bucket, key, id);
    CREATE TABLE IF NOT EXISTS part (upload TEXT NOT NULL, number INTEGER NOT NULL, blob TEXT NOT NULL, size INTEGER NOT NULL,
        md5 TEXT NOT NULL, modified INTEGER NOT NULL, PRIMARY KEY (upload, number)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS lifecycle (bucket TEXT PRIMARY KEY, rules TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL);
";

/// The SQLite file. Its calls are short; [`Catalogue::run`] keeps them off the async threads.
pub(super) struct Catalogue(Mutex<Connection>);

impl Catalogue {
    pub fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        // NORMAL in WAL: a kill loses nothing; a power cut can lose the last commits, as with the local table.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self(Mutex::new(connection)))
    }

    /// Runs `work` on a thread that may block.
    pub async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> S3Result<T> + Send + 'static,
    ) -> S3Result<T> {
        let catalogue = self.clone();
        tokio::task::spawn_blocking(move || work(&catalogue)).await.map_err(internal)?
    }

    fn with<T>(&self, work: impl FnOnce(&Connection) -> S3Result<T>) -> S3Result<T> {
        // A panic inside a transaction has rolled it back, so the connection is good.
        work(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn change<T>(&self, work: impl FnOnce(&Transaction<'_>) -> S3Result<T>) -> S3Result<T> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction().map_err(internal)?;
        let result = work(&transaction)?;
        transaction.commit().map_err(internal)?;
        Ok(result)
    }

    /// The names of all files that are in use.
    pub fn blobs(&self) -> rusqlite::Result<HashSet<String>> {
        let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut names = connection.prepare("SELECT blob FROM object UNION ALL SELECT blob FROM part")?;
        names.query_map([], |row| row.get(0))?.collect()
    }

    pub fn create_bucket(&self, name: &str, at: Timestamp) -> S3Result<bool> {
        self.with(|db| {
            let sql = "INSERT OR IGNORE INTO bucket (name, created) VALUES (?, ?)";
            Ok(db.execute(sql, params![name, at.as_second()]).map_err(internal)? == 1)
        })
    }

    pub fn delete_bucket(&self, name: &str) -> S3Result<()> {
        self.change(|db| {
            rules(db, name)?;
            let full = "SELECT EXISTS (SELECT 1 FROM object WHERE bucket = ?1) OR EXISTS (SELECT 1 FROM upload WHERE bucket = ?1)";
            if db.query_row(full, [name], |row| row.get(0)).map_err(internal)? {
                return Err(s3_error!(BucketNotEmpty));
            }
            db.execute("DELETE FROM lifecycle WHERE bucket = ?", [name]).map_err(internal)?;
            db.execute("DELETE FROM bucket WHERE name = ?", [name]).map_err(internal)?;
            Ok(())
        })
    }

    pub fn buckets(&self) -> S3Result<Vec<(String, Timestamp)>> {
        self.with(|db| {
            let mut rows = db.prepare_cached("SELECT name, created FROM bucket ORDER BY name").map_err(internal)?;
            let rows = rows.query_map([], |row| Ok((row.get(0)?, time(row, 1)?))).map_err(internal)?;
            rows.collect::<Result<_, _>>().map_err(internal)
        })
    }

    /// The notification rules of a bucket; `NoSuchBucket` when there is none.
    pub fn rules(&self, bucket: &str) -> S3Result<Vec<Rule>> {
        self.with(|db| rules(db, bucket))
    }

    pub fn set_rules(&self, bucket: &str, rules: &[Rule]) -> S3Result<()> {
        let rules = serde_json::to_string(rules).map_err(internal)?;
        self.with(|db| match db.execute("UPDATE bucket SET rules = ? WHERE name = ?", [&rules, bucket]) {
            Ok(0) => Err(s3_error!(NoSuchBucket)),
            Ok(_) => Ok(()),
            Err(error) => Err(internal(error)),
        })
    }

    /// The lifecycle rules of a bucket, none if it has none; `NoSuchBucket` when there is no such bucket.
    pub fn lifecycle(&self, bucket: &str) -> S3Result<Vec<Expiry>> {
        self.with(|db| {
            rules(db, bucket)?;
            let sql = "SELECT rules FROM lifecycle WHERE bucket = ?";
            let rules: Option<String> = db.query_row(sql, [bucket], |row| row.get(0)).optional().map_err(internal)?;
            rules.map_or(Ok(Vec::new()), |rules| serde_json::from_str(&rules).map_err(internal))
        })
    }

    pub fn set_lifecycle(&self, bucket: &str, expiries: &[Expiry]) -> S3Result<()> {
        let text = serde_json::to_string(expiries).map_err(internal)?;
        self.change(|db| {
            rules(db, bucket)?;
            let sql = "INSERT OR REPLACE INTO lifecycle (bucket, rules) VALUES (?, ?)";
            db.execute(sql, [bucket, &text]).map(drop).map_err(internal)
        })
    }

    /// Removes what the lifecycle rules say is over at `now`; gives back the names of the files that are let go.
    pub fn expire(&self, now: Timestamp) -> S3Result<Vec<String>> {
        let mut gone = Vec::new();
        for (bucket, _) in self.buckets()? {
            for rule in self.lifecycle(&bucket)?.into_iter().filter(|rule| rule.enabled) {
                let (low, high) = (rule.prefix.as_str(), past(&rule.prefix));
                let before = |days| Expiry::made_before(now, days).as_second();
                self.change(|db| {
                    if let Some(days) = rule.objects {
                        let sql = "DELETE FROM object WHERE bucket = ? AND key >= ? AND key < ? AND modified <= ? RETURNING blob";
                        gone.extend(blobs(db, sql, params![bucket, low, high, before(days)])?);
                    }
                    if let Some(days) = rule.uploads {
                        let these = "bucket = ? AND key >= ? AND key < ? AND started <= ?";
                        let parts = format!("DELETE FROM part WHERE upload IN (SELECT id FROM upload WHERE {these}) RETURNING blob");
                        gone.extend(blobs(db, &parts, params![bucket, low, high, before(days)])?);
                        let uploads = format!("DELETE FROM upload WHERE {these}");
                        db.execute(&uploads, params![bucket, low, high, before(days)]).map_err(internal)?;
                    }
                    Ok(())
                })?;
            }
        }
        Ok(gone)
    }

    /// The object, or `None`; `NoSuchBucket` when there is no such bucket.
    pub fn object(&self, bucket: &str, key: &str) -> S3Result<Option<Object>> {
        self.with(|db| {
            rules(db, bucket)?;
            object(db, bucket, key)
        })
    }

    /// Up to `limit` objects whose key starts with `prefix` and is greater than `after`, in the order of their bytes.
    pub fn objects(&self, bucket: &str, prefix: &str, after: &str, limit: usize) -> S3Result<Vec<Object>> {
        self.with(|db| {
            let sql = "SELECT key, blob, size, etag, modified, attributes FROM object
                WHERE bucket = ?1 AND key >= ?2 AND key > ?3 AND key < ?4 ORDER BY key LIMIT ?5";
            let mut rows = db.prepare_cached(sql).map_err(internal)?;
            let end = past(prefix);
            let rows = rows.query_map(params![bucket, prefix, after, end, limit], read_object).map_err(internal)?;
            rows.collect::<Result<_, _>>().map_err(internal)
        })
    }

    /// Puts an object in place with its events, if `allowed` says so of what stands there. Gives back the name of the
    /// file it replaces.
    pub fn put(
        &self,
        bucket: &str,
        new: &Object,
        allowed: impl FnOnce(Option<&Object>) -> S3Result<()>,
        messages: impl FnOnce(&[Rule]) -> Vec<(String, String)>,
    ) -> S3Result<Option<String>> {
        self.change(|db| put(db, bucket, new, allowed, messages))
    }

    /// Removes objects; gives back the names of their files. A key that does not exist is no error.
    pub fn delete(&self, bucket: &str, keys: &[String]) -> S3Result<Vec<String>> {
        self.change(|db| {
            rules(db, bucket)?;
            let mut gone = Vec::new();
            let sql = "DELETE FROM object WHERE bucket = ? AND key = ? RETURNING blob";
            let mut delete = db.prepare_cached(sql).map_err(internal)?;
            for key in keys {
                gone.extend(delete.query_row([bucket, key], |row| row.get(0)).optional().map_err(internal)?);
            }
            Ok(gone)
        })
    }

    pub fn start_upload(&self, bucket: &str, upload: &Upload) -> S3Result<()> {
        let attributes = serde_json::to_string(&upload.attributes).map_err(internal)?;
        self.change(|db| {
            rules(db, bucket)?;
            let sql = "INSERT INTO upload (id, bucket, key, started, attributes) VALUES (?, ?, ?, ?, ?)";
            let row = params![upload.id, bucket, upload.key, upload.started.as_second(), attributes];
            db.execute(sql, row).map_err(internal)?;
            Ok(())
        })
    }

    /// The upload of this id; `NoSuchUpload` when it is not one of this bucket and key.
    pub fn upload(&self, bucket: &str, key: &str, id: &str) -> S3Result<Upload> {
        self.with(|db| {
            let sql = "SELECT id, key, started, attributes FROM upload WHERE id = ? AND bucket = ? AND key = ?";
            let upload = db.query_row(sql, [id, bucket, key], read_upload).optional().map_err(internal)?;
            upload.ok_or_else(|| s3_error!(NoSuchUpload))
        })
    }

    pub fn uploads(&self, bucket: &str, prefix: &str) -> S3Result<Vec<Upload>> {
        self.with(|db| {
            rules(db, bucket)?;
            let sql = "SELECT id, key, started, attributes FROM upload
                WHERE bucket = ?1 AND key >= ?2 AND key < ?3 ORDER BY key, started, id LIMIT 1000";
            let mut rows = db.prepare_cached(sql).map_err(internal)?;
            let rows = rows.query_map([bucket, prefix, &past(prefix)], read_upload).map_err(internal)?;
            rows.collect::<Result<_, _>>().map_err(internal)
        })
    }

    /// Puts a part in place; gives back the name of the file it replaces.
    pub fn put_part(&self, upload: &str, part: &Part) -> S3Result<Option<String>> {
        self.change(|db| {
            let started = "SELECT EXISTS (SELECT 1 FROM upload WHERE id = ?)";
            if !db.query_row(started, [upload], |row| row.get::<_, bool>(0)).map_err(internal)? {
                return Err(s3_error!(NoSuchUpload));
            }
            let old = "SELECT blob FROM part WHERE upload = ? AND number = ?";
            let old = db.query_row(old, params![upload, part.number], |row| row.get(0)).optional().map_err(internal)?;
            let sql =
                "INSERT OR REPLACE INTO part (upload, number, blob, size, md5, modified) VALUES (?, ?, ?, ?, ?, ?)";
            let row = params![upload, part.number, part.blob, part.size, part.md5, part.modified.as_second()];
            db.execute(sql, row).map_err(internal)?;
            Ok(old)
        })
    }

    pub fn parts(&self, upload: &str) -> S3Result<Vec<Part>> {
        self.with(|db| {
            let sql = "SELECT number, blob, size, md5, modified FROM part WHERE upload = ? ORDER BY number";
            let mut rows = db.prepare_cached(sql).map_err(internal)?;
            let part = |row: &Row<'_>| {
                let modified = time(row, 4)?;
                Ok(Part { number: row.get(0)?, blob: row.get(1)?, size: row.get(2)?, md5: row.get(3)?, modified })
            };
            rows.query_map([upload], part).map_err(internal)?.collect::<Result<_, _>>().map_err(internal)
        })
    }

    /// Ends an upload: with an object in its place, or (`None`) without. Gives back the files that are let go.
    pub fn end_upload(
        &self,
        bucket: &str,
        upload: &str,
        new: Option<&Object>,
        allowed: impl FnOnce(Option<&Object>) -> S3Result<()>,
        messages: impl FnOnce(&[Rule]) -> Vec<(String, String)>,
    ) -> S3Result<Vec<String>> {
        self.change(|db| {
            if db.execute("DELETE FROM upload WHERE id = ?", [upload]).map_err(internal)? == 0 {
                return Err(s3_error!(NoSuchUpload));
            }
            let mut parts = db.prepare_cached("DELETE FROM part WHERE upload = ? RETURNING blob").map_err(internal)?;
            let parts = parts.query_map([upload], |row| row.get(0)).map_err(internal)?;
            let mut gone = parts.collect::<Result<Vec<String>, _>>().map_err(internal)?;
            if let Some(new) = new {
                gone.extend(put(db, bucket, new, allowed, messages)?);
            }
            Ok(gone)
        })
    }

    /// Up to a hundred events after this one.
    pub fn outbox(&self, after: i64) -> S3Result<Vec<Event>> {
        self.with(|db| {
            let sql = "SELECT id, queue, body, at FROM outbox WHERE id > ? ORDER BY id LIMIT 100";
            let mut rows = db.prepare_cached(sql).map_err(internal)?;
            let event = |row: &Row<'_>| {
                Ok(Event { id: row.get(0)?, queue_arn: row.get(1)?, body: row.get(2)?, at: time(row, 3)? })
            };
            rows.query_map([after], event).map_err(internal)?.collect::<Result<_, _>>().map_err(internal)
        })
    }

    /// Takes an event out of the outbox.
    pub fn sent(&self, id: i64) -> S3Result<()> {
        self.with(|db| db.execute("DELETE FROM outbox WHERE id = ?", [id]).map(drop).map_err(internal))
    }
}

/// The end of the range of keys that start with `prefix`. (The last code point of Unicode is no character.)
pub(super) fn past(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}

fn rules(db: &Connection, bucket: &str) -> S3Result<Vec<Rule>> {
    let mut rules = db.prepare_cached("SELECT rules FROM bucket WHERE name = ?").map_err(internal)?;
    let rules: Option<String> = rules.query_row([bucket], |row| row.get(0)).optional().map_err(internal)?;
    serde_json::from_str(&rules.ok_or_else(|| s3_error!(NoSuchBucket))?).map_err(internal)
}

/// The files that a statement lets go.
fn blobs(db: &Connection, sql: &str, of: impl rusqlite::Params) -> S3Result<Vec<String>> {
    let mut statement = db.prepare_cached(sql).map_err(internal)?;
    let blobs = statement.query_map(of, |row| row.get(0)).map_err(internal)?;
    blobs.collect::<Result<_, _>>().map_err(internal)
}

fn object(db: &Connection, bucket: &str, key: &str) -> S3Result<Option<Object>> {
    let sql = "SELECT key, blob, size, etag, modified, attributes FROM object WHERE bucket = ? AND key = ?";
    let mut rows = db.prepare_cached(sql).map_err(internal)?;
    rows.query_row([bucket, key], read_object).optional().map_err(internal)
}

fn put(
    db: &Transaction<'_>,
    bucket: &str,
    new: &Object,
    allowed: impl FnOnce(Option<&Object>) -> S3Result<()>,
    messages: impl FnOnce(&[Rule]) -> Vec<(String, String)>,
) -> S3Result<Option<String>> {
    let rules = rules(db, bucket)?;
    let old = object(db, bucket, &new.key)?;
    allowed(old.as_ref())?;
    let attributes = serde_json::to_string(&new.attributes).map_err(internal)?;
    db.execute(
        "INSERT OR REPLACE INTO object (bucket, key, blob, size, etag, modified, attributes) VALUES (?, ?, ?, ?, ?, ?, ?)",
        params![bucket, new.key, new.blob, new.size, new.etag, new.modified.as_second(), attributes],
    )
    .map_err(internal)?;
    for (queue, body) in messages(&rules) {
        let sql = "INSERT INTO outbox (queue, body, at) VALUES (?, ?, ?)";
        db.execute(sql, params![queue, body, new.modified.as_second()]).map_err(internal)?;
    }
    Ok(old.map(|old| old.blob))
}

fn read_object(row: &Row<'_>) -> rusqlite::Result<Object> {
    Ok(Object {
        key: row.get(0)?,
        blob: row.get(1)?,
        size: row.get(2)?,
        etag: row.get(3)?,
        modified: time(row, 4)?,
        attributes: json(row, 5)?,
    })
}

fn read_upload(row: &Row<'_>) -> rusqlite::Result<Upload> {
    Ok(Upload { id: row.get(0)?, key: row.get(1)?, started: time(row, 2)?, attributes: json(row, 3)? })
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let second = row.get(column)?;
    Timestamp::from_second(second).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, second))
}

fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}
