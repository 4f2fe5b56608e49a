//! Buckets and their notification rules.

use s3s::{
    S3Request, S3Result,
    dto::{
        Bucket, BucketLocationConstraint, CreateBucketInput, CreateBucketOutput, DeleteBucketInput, DeleteBucketOutput,
        GetBucketLocationInput, GetBucketLocationOutput, GetBucketNotificationConfigurationInput,
        GetBucketNotificationConfigurationOutput, HeadBucketInput, HeadBucketOutput, ListBucketsInput,
        ListBucketsOutput, PutBucketNotificationConfigurationInput, PutBucketNotificationConfigurationOutput,
    },
    s3_error,
};

use super::{
    Inner, NotifyError,
    conditions::{internal, shown},
    events,
    service::info,
};

pub(super) async fn create_bucket(s3: &Inner, request: S3Request<CreateBucketInput>) -> S3Result<CreateBucketOutput> {
    let (name, at) = (request.input.bucket, s3.clock.now());
    let location = format!("/{name}");
    let new = s3.catalogue.run(move |catalogue| catalogue.create_bucket(&name, at)).await?;
    // us-east-1 alone answers a second creation with success:
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    if !new && s3.region != "us-east-1" {
        return Err(s3_error!(BucketAlreadyOwnedByYou));
    }
    Ok(CreateBucketOutput { location: Some(location) })
}

pub(super) async fn delete_bucket(s3: &Inner, request: S3Request<DeleteBucketInput>) -> S3Result<DeleteBucketOutput> {
    s3.catalogue.run(move |catalogue| catalogue.delete_bucket(&request.input.bucket)).await?;
    Ok(DeleteBucketOutput {})
}

pub(super) async fn head_bucket(s3: &Inner, request: S3Request<HeadBucketInput>) -> S3Result<HeadBucketOutput> {
    s3.catalogue.run(move |catalogue| catalogue.rules(&request.input.bucket)).await?;
    Ok(HeadBucketOutput { bucket_region: Some(s3.region.clone()), ..HeadBucketOutput::default() })
}

pub(super) async fn list_buckets(s3: &Inner, _: S3Request<ListBucketsInput>) -> S3Result<ListBucketsOutput> {
    let buckets = s3.catalogue.run(super::Catalogue::buckets).await?;
    let bucket = |(name, created)| Bucket {
        name: Some(name),
        creation_date: Some(shown(created)),
        bucket_region: Some(s3.region.clone()),
    };
    Ok(ListBucketsOutput { buckets: Some(buckets.into_iter().map(bucket).collect()), ..ListBucketsOutput::default() })
}

pub(super) async fn get_bucket_location(
    s3: &Inner,
    request: S3Request<GetBucketLocationInput>,
) -> S3Result<GetBucketLocationOutput> {
    s3.catalogue.run(move |catalogue| catalogue.rules(&request.input.bucket)).await?;
    // us-east-1 is shown as nothing: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
    let constraint = (s3.region != "us-east-1").then(|| BucketLocationConstraint::from(s3.region.clone()));
    Ok(GetBucketLocationOutput { location_constraint: constraint })
}

pub(super) async fn get_bucket_notification_configuration(
    s3: &Inner,
    request: S3Request<GetBucketNotificationConfigurationInput>,
) -> S3Result<GetBucketNotificationConfigurationOutput> {
    let rules = s3.catalogue.run(move |catalogue| catalogue.rules(&request.input.bucket)).await?;
    Ok(GetBucketNotificationConfigurationOutput {
        queue_configurations: Some(events::shown(rules)),
        ..GetBucketNotificationConfigurationOutput::default()
    })
}

/// Each queue that the rules name for the first time gets S3's test message, which also proves that it exists. (S3
/// sends one at every call; here the same rules are put at every start, and that would fill the queues.)
pub(super) async fn put_bucket_notification_configuration(
    s3: &Inner,
    request: S3Request<PutBucketNotificationConfigurationInput>,
) -> S3Result<PutBucketNotificationConfigurationOutput> {
    let info = info(&request);
    let input = request.input;
    let rules = events::rules(input.notification_configuration)?;
    let bucket = input.bucket.clone();
    let known = s3.catalogue.run(move |catalogue| catalogue.rules(&bucket)).await?;
    if input.skip_destination_validation != Some(true) {
        let mut queues: Vec<&str> = rules.iter().map(|rule| rule.queue_arn.as_str()).collect();
        queues.sort_unstable();
        queues.dedup();
        let body = events::test_message(&input.bucket, &info);
        for queue in queues.into_iter().filter(|queue| known.iter().all(|rule| rule.queue_arn != *queue)) {
            s3.notify.send(queue, &body).await.map_err(|error| match error {
                NotifyError::NoSuchQueue => {
                    s3_error!(InvalidArgument, "Unable to validate the following destination configurations")
                }
                NotifyError::Failed(_) => internal(error),
            })?;
        }
    }
    s3.catalogue.run(move |catalogue| catalogue.set_rules(&input.bucket, &rules)).await?;
    Ok(PutBucketNotificationConfigurationOutput {})
}
