//! Logs: one JSON object a line, under 200 bytes a request, ids only. `DUNDUN_LOG` is the filter (`info`,
//! `web=debug,engine=debug`).

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Begins to log to standard output. A second call changes nothing; a filter that cannot be read is `info`.
pub fn init(filter: &str) {
    init_to(filter, std::io::stdout);
}

/// The same, to a writer.
pub fn init_to<W>(filter: &str, writer: W)
where
    W: for<'a> fmt::MakeWriter<'a> + Send + Sync + 'static,
{
    let filter =
        EnvFilter::try_new(if filter.is_empty() { "info" } else { filter }).unwrap_or_else(|_| EnvFilter::new("info"));
    // CloudWatch stamps each line itself, but one machine's log files need the time too.
    let lines =
        fmt::layer().with_writer(writer).json().flatten_event(true).with_current_span(false).with_span_list(false);
    let _ = tracing_subscriber::registry().with(filter).with(lines).try_init();
}
