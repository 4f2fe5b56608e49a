//! The operations that the local S3 answers; the protocol library answers all others with `NotImplemented`.

use s3s::{S3Request, S3Response, S3Result, dto};

use super::{S3, buckets, gate::RequestInfo, lifecycle, listing, multipart, objects};

/// The server as the protocol library calls it.
pub(super) struct Service(pub S3);

/// The request's own data, as the gate put it in.
pub(super) fn info<T>(request: &S3Request<T>) -> RequestInfo {
    request.extensions.get::<RequestInfo>().cloned().expect("the gate puts it into every request")
}

macro_rules! operations {
    ($($name:ident: $input:ident => $output:ident, $module:ident;)*) => {
        #[async_trait::async_trait]
        impl s3s::S3 for Service {
            $(async fn $name(&self, request: S3Request<dto::$input>) -> S3Result<S3Response<dto::$output>> {
                $module::$name(&self.0.0, request).await.map(S3Response::new)
            })*
        }
    };
}

operations! {
    create_bucket: CreateBucketInput => CreateBucketOutput, buckets;
    delete_bucket: DeleteBucketInput => DeleteBucketOutput, buckets;
    head_bucket: HeadBucketInput => HeadBucketOutput, buckets;
    list_buckets: ListBucketsInput => ListBucketsOutput, buckets;
    get_bucket_location: GetBucketLocationInput => GetBucketLocationOutput, buckets;
    get_bucket_notification_configuration:
        GetBucketNotificationConfigurationInput => GetBucketNotificationConfigurationOutput, buckets;
    put_bucket_notification_configuration:
        PutBucketNotificationConfigurationInput => PutBucketNotificationConfigurationOutput, buckets;
    get_bucket_lifecycle_configuration:
        GetBucketLifecycleConfigurationInput => GetBucketLifecycleConfigurationOutput, lifecycle;
    put_bucket_lifecycle_configuration:
        PutBucketLifecycleConfigurationInput => PutBucketLifecycleConfigurationOutput, lifecycle;
    delete_bucket_lifecycle: DeleteBucketLifecycleInput => DeleteBucketLifecycleOutput, lifecycle;
    put_object: PutObjectInput => PutObjectOutput, objects;
    get_object: GetObjectInput => GetObjectOutput, objects;
    head_object: HeadObjectInput => HeadObjectOutput, objects;
    copy_object: CopyObjectInput => CopyObjectOutput, objects;
    delete_object: DeleteObjectInput => DeleteObjectOutput, objects;
    delete_objects: DeleteObjectsInput => DeleteObjectsOutput, objects;
    list_objects: ListObjectsInput => ListObjectsOutput, listing;
    list_objects_v2: ListObjectsV2Input => ListObjectsV2Output, listing;
    create_multipart_upload: CreateMultipartUploadInput => CreateMultipartUploadOutput, multipart;
    upload_part: UploadPartInput => UploadPartOutput, multipart;
    complete_multipart_upload: CompleteMultipartUploadInput => CompleteMultipartUploadOutput, multipart;
    abort_multipart_upload: AbortMultipartUploadInput => AbortMultipartUploadOutput, multipart;
    list_parts: ListPartsInput => ListPartsOutput, multipart;
    list_multipart_uploads: ListMultipartUploadsInput => ListMultipartUploadsOutput, multipart;
}
