//! The parameters of a list: `limit`, `cursor`, and the filters of that list.

use domain::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};

use super::{Extract, Incoming, query};
use crate::{
    cx::Cx,
    openapi::Describe,
    reply::{Page, Success},
};

/// How many rows a page has if nothing is said.
const DEFAULT_LIMIT: usize = 25;
/// How many rows a page has at most.
const MAX_LIMIT: usize = 100;

/// No filters.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoFilter {}

/// The parameters of a list with the filters `F` (a struct of `Option`s).
#[derive(Debug, Clone)]
pub struct List<F = NoFilter> {
    /// How many rows at most, 1–100.
    pub limit: usize,
    /// The filters.
    pub filter: F,
    cursor: Option<String>,
    binding: String,
}

impl<F> List<F> {
    /// Where to continue: what [`List::page`] was given as `next` on the page before, or `None` at the start.
    /// A cursor of another organization, route or filter, or an edited one, is 400 `cursor_invalid`.
    pub async fn after(&self, cx: &Cx) -> Result<Option<String>> {
        match &self.cursor {
            None => Ok(None),
            Some(cursor) => cx.open_cursor(&self.binding, cursor).await.map(Some),
        }
    }

    /// A page: its rows, where to continue, and how many there are in all where that is known.
    pub async fn page<T>(
        &self,
        cx: &Cx,
        data: Vec<T>,
        next: Option<String>,
        total: Option<u64>,
    ) -> Result<Success<Page<T>>> {
        let next_cursor = match next {
            None => None,
            Some(next) => Some(cx.seal_cursor(&self.binding, &next).await?),
        };
        Ok(Success(Page { data, next_cursor, total }))
    }
}

/// What a cursor is bound to, beside the organization: the path and the filters in any order.
pub(crate) fn binding(path: &str, filters: &[(String, String)]) -> String {
    let mut filters: Vec<String> = filters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    filters.sort_unstable();
    format!("{path}\n{}", filters.join("\n"))
}

impl<F: DeserializeOwned + JsonSchema + Send> Extract for List<F> {
    fn extract(incoming: &Incoming) -> Result<Self> {
        let mut pairs = query::pairs(&incoming.query);
        let mut take = |name: &str| {
            let at = pairs.iter().position(|(key, _)| key == name)?;
            Some(pairs.remove(at).1).filter(|value| !value.is_empty())
        };
        let cursor = take("cursor");
        let limit = match take("limit") {
            None => DEFAULT_LIMIT,
            Some(limit) => limit.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit)).ok_or_else(|| {
                Error::invalid("?limit", "limit_invalid", format!("Expected a whole number from 1 to {MAX_LIMIT}."))
            })?,
        };
        let binding = binding(&incoming.path, &pairs);
        Ok(Self { limit, filter: query::read(pairs)?, cursor, binding })
    }

    fn describe(operation: &mut Describe<'_>) {
        operation.list_parameters(DEFAULT_LIMIT, MAX_LIMIT);
        operation.query::<F>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(query: &str) -> Result<List> {
        List::extract(&Incoming {
            method: http::Method::GET,
            path: "/api/x".into(),
            query: query.into(),
            headers: http::HeaderMap::new(),
            body: bytes::Bytes::new(),
            segments: Vec::new(),
        })
    }

    #[test]
    fn limits_are_checked() {
        assert_eq!(list("").unwrap().limit, 25);
        assert_eq!(list("limit=100&cursor=").unwrap().limit, 100);
        for query in ["limit=0", "limit=101", "limit=x", "limit=-1", "other=1"] {
            assert!(matches!(list(query), Err(Error::Invalid(_))), "{query}");
        }
    }

    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only read")]
    struct Two {
        a: Option<String>,
        b: Option<String>,
    }

    #[test]
    fn the_order_of_filters_does_not_matter_to_a_cursor() {
        let binding = |query: &str| {
            let incoming = Incoming {
                method: http::Method::GET,
                path: "/p".into(),
                query: query.into(),
                headers: http::HeaderMap::new(),
                body: bytes::Bytes::new(),
                segments: Vec::new(),
            };
            List::<Two>::extract(&incoming).map(|list| list.binding).unwrap()
        };
        assert_eq!(binding("a=1&b=2&limit=3"), binding("b=2&cursor=zzz&a=1"));
        assert_ne!(binding("a=1"), binding("a=2"));
    }
}
