//! Objects, lists and multipart uploads through the SDK.

use aws_sdk_s3::{
    error::ProvideErrorMetadata,
    primitives::ByteStream,
    types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, Delete, MetadataDirective, ObjectIdentifier},
};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

#[tokio::test]
async fn an_object_comes_back_as_it_was_put() {
    let (server, _folder) = Server::start().await;
    let put = server.client.put_object().bucket(BUCKET).key("a/ü b.txt").body(ByteStream::from_static(b"hello"));
    let put = put.content_type("text/plain").metadata("colour", "red").cache_control("no-store");
    let put = put.send().await.unwrap();
    assert_eq!(put.e_tag(), Some("\"5d41402abc4b2a76b9719d911017c592\""));

    let head = server.client.head_object().bucket(BUCKET).key("a/ü b.txt").send().await.unwrap();
    assert_eq!((head.content_length(), head.content_type()), (Some(5), Some("text/plain")));
    assert_eq!((head.e_tag(), head.cache_control()), (put.e_tag(), Some("no-store")));
    assert_eq!(head.metadata().unwrap()["colour"], "red");
    assert_eq!(server.get("a/ü b.txt").await.unwrap(), b"hello");

    server.put("a/ü b.txt", b"other").await;
    assert_eq!(server.get("a/ü b.txt").await.unwrap(), b"other");
    server.client.delete_object().bucket(BUCKET).key("a/ü b.txt").send().await.unwrap();
    let gone = server.client.get_object().bucket(BUCKET).key("a/ü b.txt").send().await.unwrap_err();
    assert_eq!(gone.code(), Some("NoSuchKey"));
    assert!(
        server
            .client
            .head_object()
            .bucket(BUCKET)
            .key("a")
            .send()
            .await
            .unwrap_err()
            .into_service_error()
            .is_not_found()
    );
    let nowhere = server.client.put_object().bucket("nowhere").key("a").body(ByteStream::from_static(b"x"));
    assert_eq!(nowhere.send().await.unwrap_err().code(), Some("NoSuchBucket"));
}

#[tokio::test]
async fn buckets_are_made_listed_and_removed() {
    let (server, _folder) = Server::start().await;
    let client = &server.client;
    let again = client.create_bucket().bucket(BUCKET).send().await.unwrap_err();
    assert_eq!(again.code(), Some("BucketAlreadyOwnedByYou"));
    let buckets = client.list_buckets().send().await.unwrap();
    assert_eq!(buckets.buckets()[0].name(), Some(BUCKET));
    client.head_bucket().bucket(BUCKET).send().await.unwrap();
    assert!(client.head_bucket().bucket("nowhere").send().await.unwrap_err().into_service_error().is_not_found());
    let location = client.get_bucket_location().bucket(BUCKET).send().await.unwrap();
    assert_eq!(location.location_constraint().unwrap().as_str(), "eu-central-1");
    server.put("a", b"x").await;
    assert_eq!(client.delete_bucket().bucket(BUCKET).send().await.unwrap_err().code(), Some("BucketNotEmpty"));
    server.client.delete_object().bucket(BUCKET).key("a").send().await.unwrap();
    client.delete_bucket().bucket(BUCKET).send().await.unwrap();
}

#[tokio::test]
async fn ranges_and_conditions() {
    let (server, _folder) = Server::start().await;
    server.put("a", b"0123456789").await;
    let get = || server.client.get_object().bucket(BUCKET).key("a");
    for (range, wanted, header) in [
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=8-99", "89", "bytes 8-9/10"),
    ] {
        let part = get().range(range).send().await.unwrap();
        assert_eq!(part.content_range(), Some(header));
        assert_eq!(part.body.collect().await.unwrap().to_vec(), wanted.as_bytes());
    }
    assert_eq!(get().range("bytes=10-").send().await.unwrap_err().code(), Some("InvalidRange"));

    let etag = get().send().await.unwrap().e_tag().unwrap().to_owned();
    assert!(get().if_match(&etag).send().await.is_ok());
    assert_eq!(get().if_match("\"x\"").send().await.unwrap_err().code(), Some("PreconditionFailed"));
    let same = get().if_none_match(&etag).send().await.unwrap_err();
    assert_eq!(same.raw_response().unwrap().status().as_u16(), 304);

    let put = || server.client.put_object().bucket(BUCKET).key("a").body(ByteStream::from_static(b"new"));
    assert_eq!(put().if_none_match("*").send().await.unwrap_err().code(), Some("PreconditionFailed"));
    assert_eq!(put().if_match("\"x\"").send().await.unwrap_err().code(), Some("PreconditionFailed"));
    put().if_match(etag).send().await.unwrap();
    assert_eq!(server.get("a").await.unwrap(), b"new");
}

#[tokio::test]
async fn a_wrong_checksum_is_refused_and_a_right_one_kept() {
    let (server, _folder) = Server::start().await;
    let put = || server.client.put_object().bucket(BUCKET).key("a").body(ByteStream::from_static(b"hello"));
    assert_eq!(put().checksum_crc32("AAAAAA==").send().await.unwrap_err().code(), Some("BadDigest"));
    assert_eq!(put().content_md5("AAAAAAAAAAAAAAAAAAAAAA==").send().await.unwrap_err().code(), Some("BadDigest"));
    assert_eq!(put().content_md5("nonsense").send().await.unwrap_err().code(), Some("InvalidDigest"));
    assert!(server.get("a").await.is_none());
    let kept = put().checksum_algorithm(ChecksumAlgorithm::Sha256).send().await.unwrap();
    assert_eq!(kept.checksum_sha256(), Some("LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="));
}

/// A body whose length is known only at its end goes out in chunks with a trailing checksum.
#[tokio::test]
async fn a_streamed_body_loses_its_framing() {
    let (server, folder) = Server::start().await;
    let file = folder.path().join("large");
    let bytes: Vec<u8> = (0..300_000u32).flat_map(u32::to_le_bytes).collect();
    std::fs::write(&file, &bytes).unwrap();
    let body = ByteStream::from_path(&file).await.unwrap();
    server.client.put_object().bucket(BUCKET).key("large").body(body).send().await.unwrap();
    let got = server.client.get_object().bucket(BUCKET).key("large").send().await.unwrap();
    assert_eq!(got.content_encoding(), None);
    assert_eq!(got.body.collect().await.unwrap().to_vec(), bytes);
}

#[tokio::test]
async fn lists_have_pages_prefixes_and_groups() {
    let (server, _folder) = Server::start().await;
    for key in ["a.txt", "b/1", "b/2", "b/3", "c d/é/1", "c d/x", "z"] {
        server.put(key, b"x").await;
    }
    let list = || server.client.list_objects_v2().bucket(BUCKET);
    let names = |page: &aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output| {
        let keys = page.contents().iter().map(|object| object.key().unwrap().to_owned());
        let groups = page.common_prefixes().iter().map(|group| group.prefix().unwrap().to_owned());
        (keys.collect::<Vec<_>>(), groups.collect::<Vec<_>>())
    };
    let all = list().send().await.unwrap();
    assert_eq!(names(&all).0, ["a.txt", "b/1", "b/2", "b/3", "c d/x", "c d/é/1", "z"]);
    assert_eq!((all.is_truncated(), all.key_count()), (Some(false), Some(7)));
    let top = list().delimiter("/").send().await.unwrap();
    assert_eq!(names(&top), (vec!["a.txt".to_owned(), "z".to_owned()], vec!["b/".to_owned(), "c d/".to_owned()]));
    let inner = list().prefix("c d/").delimiter("/").send().await.unwrap();
    assert_eq!(names(&inner), (vec!["c d/x".to_owned()], vec!["c d/é/".to_owned()]));
    assert_eq!(names(&list().start_after("b/2").send().await.unwrap()).0, ["b/3", "c d/x", "c d/é/1", "z"]);

    for size in 1..=4 {
        for delimiter in [None, Some("/".to_owned())] {
            let (mut keys, mut groups, mut token) = (Vec::new(), Vec::new(), None);
            loop {
                let page = list().max_keys(size).set_delimiter(delimiter.clone()).set_continuation_token(token);
                let page = page.send().await.unwrap();
                assert!(page.key_count().unwrap() <= size);
                let (some, grouped) = names(&page);
                keys.extend(some);
                groups.extend(grouped);
                token = page.next_continuation_token().map(str::to_owned);
                assert_eq!(token.is_some(), page.is_truncated().unwrap());
                if token.is_none() {
                    break;
                }
            }
            assert_eq!(keys.len(), if delimiter.is_some() { 2 } else { 7 }, "pages of {size}");
            assert_eq!(groups.len(), if delimiter.is_some() { 2 } else { 0 }, "pages of {size}");
        }
    }
    let mut old = server.client.list_objects().bucket(BUCKET).delimiter("/").max_keys(2).send().await.unwrap();
    assert_eq!((old.contents().len(), old.next_marker()), (1, Some("b/")));
    old = server.client.list_objects().bucket(BUCKET).delimiter("/").marker("b/").send().await.unwrap();
    assert_eq!(old.common_prefixes()[0].prefix(), Some("c d/"));
    assert_eq!(list().prefix("nothing").send().await.unwrap().key_count(), Some(0));
}

#[tokio::test]
async fn many_are_deleted_and_one_is_copied() {
    let (server, _folder) = Server::start().await;
    let put = server.client.put_object().bucket(BUCKET).key("a b").body(ByteStream::from_static(b"x"));
    put.metadata("colour", "red").send().await.unwrap();
    let copy = || server.client.copy_object().bucket(BUCKET).copy_source(format!("{BUCKET}/a%20b"));
    copy().key("copy").send().await.unwrap();
    let head = server.client.head_object().bucket(BUCKET).key("copy").send().await.unwrap();
    assert_eq!(head.metadata().unwrap()["colour"], "red");
    copy().key("copy").metadata_directive(MetadataDirective::Replace).metadata("colour", "blue").send().await.unwrap();
    let head = server.client.head_object().bucket(BUCKET).key("copy").send().await.unwrap();
    assert_eq!(head.metadata().unwrap()["colour"], "blue");

    let keys = ["a b", "copy", "never"].map(|key| ObjectIdentifier::builder().key(key).build().unwrap());
    let delete = Delete::builder().set_objects(Some(keys.to_vec())).build().unwrap();
    let deleted = server.client.delete_objects().bucket(BUCKET).delete(delete).send().await.unwrap();
    assert_eq!(deleted.deleted().len(), 3);
    assert!(server.get("copy").await.is_none());
}

#[tokio::test]
async fn an_upload_in_parts() {
    let (server, folder) = Server::start().await;
    let client = &server.client;
    let started = client.create_multipart_upload().bucket(BUCKET).key("big").content_type("text/csv").send().await;
    let id = started.unwrap().upload_id().unwrap().to_owned();
    let part = |number: i32, body: Vec<u8>| {
        client.upload_part().bucket(BUCKET).key("big").upload_id(&id).part_number(number).body(body.into()).send()
    };
    let first = part(1, vec![1; 5 << 20]).await.unwrap();
    part(2, vec![9; 3]).await.unwrap();
    let second = part(2, vec![2; 10]).await.unwrap();
    let parts = client.list_parts().bucket(BUCKET).key("big").upload_id(&id).send().await.unwrap();
    assert_eq!(parts.parts().iter().map(|part| part.size().unwrap()).collect::<Vec<_>>(), [5 << 20, 10]);
    assert_eq!(client.list_multipart_uploads().bucket(BUCKET).send().await.unwrap().uploads().len(), 1);
    assert!(server.get("big").await.is_none());

    let complete = |parts: Vec<(i32, &str)>| {
        let part = |(number, etag)| CompletedPart::builder().part_number(number).e_tag(etag).build();
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts.into_iter().map(part).collect())).build();
        client.complete_multipart_upload().bucket(BUCKET).key("big").upload_id(&id).multipart_upload(parts).send()
    };
    let (one, two) = (first.e_tag().unwrap(), second.e_tag().unwrap());
    assert_eq!(complete(vec![(1, two), (2, two)]).await.unwrap_err().code(), Some("InvalidPart"));
    assert_eq!(complete(vec![(2, two), (1, one)]).await.unwrap_err().code(), Some("InvalidPartOrder"));
    let done = complete(vec![(1, one), (2, two)]).await.unwrap();
    assert!(done.e_tag().unwrap().ends_with("-2\""));
    let got = client.get_object().bucket(BUCKET).key("big").send().await.unwrap();
    assert_eq!(got.content_type(), Some("text/csv"));
    let bytes = got.body.collect().await.unwrap().to_vec();
    assert_eq!((bytes.len(), bytes[0], bytes[5 << 20]), ((5 << 20) + 10, 1, 2));
    assert_eq!(complete(vec![(1, one)]).await.unwrap_err().code(), Some("NoSuchUpload"));

    let id = client.create_multipart_upload().bucket(BUCKET).key("no").send().await.unwrap();
    let id = id.upload_id().unwrap();
    let part = client.upload_part().bucket(BUCKET).key("no").upload_id(id).part_number(1).body(vec![1; 10].into());
    part.send().await.unwrap();
    client.abort_multipart_upload().bucket(BUCKET).key("no").upload_id(id).send().await.unwrap();
    assert_eq!(files(folder.path()), 1, "parts and replaced parts are removed");
}

fn files(folder: &Path) -> usize {
    let shelves = std::fs::read_dir(folder.join("s3/objects")).unwrap();
    shelves.map(|shelf| std::fs::read_dir(shelf.unwrap().path()).unwrap().count()).sum()
}

#[tokio::test]
async fn what_was_put_survives_a_kill_and_what_was_half_written_is_swept() {
    let (server, folder) = Server::start().await;
    server.put("a", b"old").await;
    server.put("a", b"new").await;
    // A body that stops half-way, as at a kill of the client.
    let mut cut = tokio::net::TcpStream::connect(server.address.strip_prefix("http://").unwrap()).await.unwrap();
    let head = "PUT /dundun-files/a HTTP/1.1\r\nhost: x\r\nauthorization: AWS4-HMAC-SHA256 Credential=any\r\n";
    cut.write_all(format!("{head}content-length: 8\r\n\r\nhalf").as_bytes()).await.unwrap();
    cut.shutdown().await.unwrap();
    let mut answer = String::new();
    cut.read_to_string(&mut answer).await.unwrap();
    assert!(!answer.contains("200 OK"), "{answer}");
    let queue = server.kill().await;
    // What a kill between writing a file and naming it leaves behind.
    let orphan = folder.path().join("s3/objects/ab/abandoned");
    std::fs::create_dir_all(orphan.parent().unwrap()).unwrap();
    std::fs::write(&orphan, "orphan").unwrap();
    std::fs::write(folder.path().join("s3/temporary/half"), "ha").unwrap();

    let server = Server::open(folder.path(), Clock::system(), queue).await;
    assert_eq!(server.get("a").await.unwrap(), b"new");
    assert_eq!(files(folder.path()), 1);
    assert_eq!(std::fs::read_dir(folder.path().join("s3/temporary")).unwrap().count(), 0);
}
