//! Events go to the local SQS.

use super::{Notify, NotifyError, Sending};
use crate::sqs::{Outgoing, Sqs};

impl Notify for Sqs {
    fn send<'a>(&'a self, queue_arn: &'a str, body: &'a str) -> Sending<'a> {
        Box::pin(async move {
            let queue = queue_arn.rsplit(':').next().unwrap_or_default();
            if self.arn(queue) != queue_arn || !self.exists(queue) {
                return Err(NotifyError::NoSuchQueue);
            }
            let sent = Sqs::send(self, queue, Outgoing::body(body)).await;
            sent.map(drop).map_err(|error| NotifyError::Failed(error.to_string()))
        })
    }
}
