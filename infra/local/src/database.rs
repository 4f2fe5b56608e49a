//! The SQLite file in which queues, schedules, secrets and objects are kept: one writer thread, group commit.
//!
//! Every piece of work runs on the writer thread inside a transaction. The thread takes all work that waits, commits
//! once, and only then answers: what was answered survives `kill -9` (WAL, `synchronous=NORMAL`; only a power cut can
//! take the last commits). Work that fails is rolled back on its own, without touching its neighbours.

use std::{
    fmt,
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    thread,
};

use rusqlite::Connection;
use tokio::sync::oneshot;

/// At most this much work shares a commit, so that the first of it does not wait long.
const GROUP: usize = 512;

/// Why the database could not be opened or used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Another process has the folder open.
    #[error("the data folder {} is in use by another running process", .0.display())]
    InUse(PathBuf),
    /// The folder or its lock cannot be made or opened.
    #[error("the data folder {} cannot be used: {reason}", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        reason: String,
    },
    /// SQLite refused.
    #[error("SQLite: {0}")]
    Sqlite(Arc<rusqlite::Error>),
    /// The writer thread has ended.
    #[error("the database is closed")]
    Closed,
}

impl From<rusqlite::Error> for DatabaseError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(Arc::new(error))
    }
}

/// First run in the transaction (or told that there is none), then told how the commit went.
type Job = Box<dyn FnOnce(Result<&Connection, DatabaseError>) -> Answer + Send>;
type Answer = Box<dyn FnOnce(Result<(), DatabaseError>)>;

/// A handle on the database; cheap to clone. The file is closed when the last one is dropped.
#[derive(Clone)]
pub struct Database(Arc<Writer>);

struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<thread::JoinHandle<()>>,
    folder: Option<PathBuf>,
    /// Held for as long as the database is open.
    _lock: Option<File>,
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            // Wait until the file is closed, so that the lock is given up last.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("folder", &self.0.folder).finish()
    }
}

impl Database {
    /// Locks the data folder (made if missing, for the owner only) and opens `cloud.sqlite` in it.
    ///
    /// Fails with [`DatabaseError::InUse`] if another process has the folder.
    pub fn open(folder: &Path) -> Result<Self, DatabaseError> {
        let failed =
            |error: &std::io::Error| DatabaseError::Folder { path: folder.to_owned(), reason: error.to_string() };
        make_folder(folder).map_err(|error| failed(&error))?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("lock"))
            .map_err(|error| failed(&error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DatabaseError::InUse(folder.to_owned())),
            Err(TryLockError::Error(error)) => return Err(failed(&error)),
        }
        let connection = Connection::open(folder.join("cloud.sqlite"))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        Self::start(connection, Some(folder.to_owned()), Some(lock))
    }

    /// A database in memory, for tests.
    pub fn memory() -> Result<Self, DatabaseError> {
        Self::start(Connection::open_in_memory()?, None, None)
    }

    fn start(connection: Connection, folder: Option<PathBuf>, lock: Option<File>) -> Result<Self, DatabaseError> {
        connection.pragma_update(None, "cache_size", -16_000)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.set_prepared_statement_cache_capacity(256);
        let (jobs, waiting) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("cloud-database".to_owned())
            .spawn(move || write(&connection, &waiting))
            .map_err(|_| DatabaseError::Closed)?;
        Ok(Self(Arc::new(Writer { jobs: Some(jobs), thread: Some(thread), folder, _lock: lock })))
    }

    /// The data folder, unless the database is in memory.
    pub fn folder(&self) -> Option<&Path> {
        self.0.folder.as_deref()
    }

    /// Runs `work` in a transaction and answers once it is committed. When `work` fails, its writes are undone.
    ///
    /// The work may call other SQLite code on the connection but must not begin or end transactions. It runs to its
    /// end even when the caller no longer waits for the answer.
    pub async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel::<Result<T, E>>();
        let job: Job = Box::new(move |connection| {
            let result = connection.map_err(E::from).and_then(|connection| in_savepoint(connection, work));
            Box::new(move |commit| {
                // Nobody may be waiting any more.
                let _ = reply.send(commit.map_err(E::from).and(result));
            })
        });
        let sent = self.0.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        if !sent {
            return Err(DatabaseError::Closed.into());
        }
        answer.await.unwrap_or_else(|_| Err(DatabaseError::Closed.into()))
    }
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

/// The writer thread: ends when the last handle is dropped.
fn write(connection: &Connection, jobs: &mpsc::Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let begun = execute(connection, "BEGIN");
        let mut answers = Vec::with_capacity(16);
        let mut next = Some(first);
        while let Some(job) = next.take() {
            answers.push(job(begun.clone().map(|()| connection)));
            if answers.len() < GROUP {
                next = jobs.try_recv().ok();
            }
        }
        let committed = begun.and_then(|()| execute(connection, "COMMIT"));
        if let Err(error) = &committed {
            tracing::error!(%error, "a commit of the local cloud's database failed");
            if !connection.is_autocommit() {
                let _ = execute(connection, "ROLLBACK");
            }
        }
        for answer in answers {
            answer(committed.clone());
        }
    }
}

fn in_savepoint<T, E: From<DatabaseError>>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<T, E> {
    execute(connection, "SAVEPOINT work")?;
    let result = work(connection);
    if result.is_err() {
        execute(connection, "ROLLBACK TO work")?;
    }
    execute(connection, "RELEASE work")?;
    result
}

fn execute(connection: &Connection, sql: &str) -> Result<(), DatabaseError> {
    connection.prepare_cached(sql).and_then(|mut statement| statement.execute([])).map(|_| ()).map_err(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn count(database: &Database) -> i64 {
        database
            .run(|c| Ok::<_, DatabaseError>(c.query_row("SELECT count(*) FROM t", [], |r| r.get(0))?))
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_second_process_is_told_which_folder_is_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let first = Database::open(folder.path()).unwrap();
        let second = Database::open(folder.path()).unwrap_err();
        assert!(matches!(&second, DatabaseError::InUse(path) if path == folder.path()));
        assert!(second.to_string().contains(&folder.path().display().to_string()));
        drop(first);
        Database::open(folder.path()).unwrap();
    }

    #[tokio::test]
    async fn work_that_fails_is_undone_and_its_neighbours_are_not() {
        let database = Database::memory().unwrap();
        database.run(|c| Ok::<_, DatabaseError>(c.execute_batch("CREATE TABLE t (x)")?)).await.unwrap();
        let all = futures::future::join_all((0..100).map(|i| {
            database.run(move |c| {
                c.execute("INSERT INTO t VALUES (?1)", [i])?;
                if i % 2 == 0 { Err(DatabaseError::Closed) } else { Ok(()) }
            })
        }))
        .await;
        assert_eq!(all.iter().filter(|result| result.is_ok()).count(), 50);
        assert_eq!(count(&database).await, 50);
    }

    #[tokio::test]
    async fn what_was_answered_is_there_after_reopening() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        database
            .run(|c| Ok::<_, DatabaseError>(c.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1)")?))
            .await
            .unwrap();
        drop(database);
        assert_eq!(count(&Database::open(folder.path()).unwrap()).await, 1);
    }
}
