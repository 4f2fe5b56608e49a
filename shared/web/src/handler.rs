//! Handlers: async functions whose argument types say what they need of the request.

use std::future::Future;

use domain::Result;
use futures::future::BoxFuture;

use crate::{
    cx::Cx,
    extract::{Content, Extract, Incoming},
    openapi::Describe,
    reply::{Reply, Response},
};

/// An `async fn(Cx, …extractors) -> Result<reply>`, with up to three extractors.
pub trait Handler<A>: Clone + Send + Sync + 'static {
    /// What kind of body its extractors need.
    const CONTENT: Content;

    /// Describes the operation by the signature.
    fn describe(operation: &mut Describe<'_>);

    /// Extracts, calls, answers.
    fn call(&self, cx: Cx, incoming: Incoming) -> BoxFuture<'static, Result<Response>>;
}

macro_rules! handlers {
    ($($argument:ident)*) => {
        impl<F, Fut, R, $($argument,)*> Handler<($($argument,)*)> for F
        where
            F: Fn(Cx, $($argument,)*) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future<Output = Result<R>> + Send + 'static,
            R: Reply + 'static,
            $($argument: Extract + 'static,)*
        {
            #[allow(unused_mut, reason = "one macro for all numbers of arguments")]
            const CONTENT: Content = {
                let mut content = Content::None;
                $(if !matches!($argument::CONTENT, Content::None) {
                    content = $argument::CONTENT;
                })*
                content
            };

            fn describe(operation: &mut Describe<'_>) {
                $($argument::describe(operation);)*
                R::describe(operation);
            }

            #[allow(non_snake_case, unused_variables, reason = "one macro for all numbers of arguments")]
            fn call(&self, cx: Cx, incoming: Incoming) -> BoxFuture<'static, Result<Response>> {
                let handler = self.clone();
                Box::pin(async move {
                    $(let $argument = $argument::extract(&incoming)?;)*
                    // Big bodies are shared, not copied; the request itself is no longer needed.
                    drop(incoming);
                    handler(cx, $($argument,)*).await?.into_response()
                })
            }
        }
    };
}

handlers! {}
handlers! { A }
handlers! { A B }
handlers! { A B C }
