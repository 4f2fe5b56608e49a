//! The bytes of logs, as CloudWatch bills them.

use std::io;

use tracing_subscriber::fmt::MakeWriter;

use super::Meter;

/// What CloudWatch adds to each event.
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>.
const EVENT: usize = 26;

/// A writer that counts lines and keeps none.
#[derive(Debug, Clone)]
pub struct Logs(Meter);

impl Logs {
    pub(super) fn new(meter: Meter) -> Self {
        Self(meter)
    }
}

impl io::Write for Logs {
    // A line comes in one piece.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.count(|reading| reading.log_bytes += (line.len() + EVENT) as u64);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Logs {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
