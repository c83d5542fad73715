"""Holds the embedded S3 endpoint to what boto3 expects of S3.

    python boto3_s3.py --endpoint http://127.0.0.1:9000 --bucket images --access-key K --secret-key S

Each argument may come from S3_ENDPOINT, S3_BUCKET, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. What it writes lies below
one prefix and is deleted again. Exits 0 when all holds.
"""

import argparse
import hashlib
import os
import tempfile
import urllib.request
import uuid

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

MB = 1 << 20


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for flag, variable in [
        ("--endpoint", "S3_ENDPOINT"),
        ("--bucket", "S3_BUCKET"),
        ("--access-key", "AWS_ACCESS_KEY_ID"),
        ("--secret-key", "AWS_SECRET_ACCESS_KEY"),
    ]:
        default = os.environ.get(variable)
        parser.add_argument(flag, default=default, required=default is None)
    return parser.parse_args()


def expect_error(code: str, status: int, call) -> None:
    try:
        call()
    except ClientError as error:
        got = (error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"])
        assert got == (code, status), f"expected {(code, status)}, got {got}"
    else:
        raise AssertionError(f"expected {code}, but the call went through")


def main() -> None:
    args = arguments()

    def client(secret: str = args.secret_key, **config):
        return boto3.client(
            "s3",
            endpoint_url=args.endpoint,
            region_name="auto",
            aws_access_key_id=args.access_key,
            aws_secret_access_key=secret,
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path", **config}),
        )

    s3, bucket, prefix = client(), args.bucket, f"boto3-{uuid.uuid4()}/"
    s3.head_bucket(Bucket=bucket)
    assert bucket in [b["Name"] for b in s3.list_buckets()["Buckets"]]
    expect_error("404", 404, lambda: s3.head_bucket(Bucket="no-such-bucket"))
    expect_error("SignatureDoesNotMatch", 403, client(secret="wrong").list_buckets)

    # Whole objects, with each way to sign a body and each checksum that botocore can compute by itself.
    body = os.urandom(200_000)
    for name, sender, extra in [
        ("plain", s3, {}),
        ("signed", client(payload_signing_enabled=True), {}),
        ("sha256", s3, {"ChecksumAlgorithm": "SHA256"}),
        ("sha1", s3, {"ChecksumAlgorithm": "SHA1"}),
        ("odd key +&?#%41 ü/é", s3, {}),
    ]:
        key = prefix + name
        put = sender.put_object(Bucket=bucket, Key=key, Body=body, ContentType="image/jpeg", Metadata={"a": "b c"}, **extra)
        assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
        got = s3.get_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
        assert got["Body"].read() == body and got["ContentType"] == "image/jpeg" and got["Metadata"] == {"a": "b c"}
    ranged = s3.get_object(Bucket=bucket, Key=prefix + "plain", Range="bytes=10-19")
    assert ranged["Body"].read() == body[10:20] and ranged["ContentRange"] == "bytes 10-19/200000"

    # Conditions and refusals.
    key = prefix + "plain"
    expect_error("PreconditionFailed", 412, lambda: s3.put_object(Bucket=bucket, Key=key, Body=b"x", IfNoneMatch="*"))
    expect_error("NoSuchKey", 404, lambda: s3.get_object(Bucket=bucket, Key=prefix + "nothing"))
    expect_error("404", 404, lambda: s3.head_object(Bucket=bucket, Key=prefix + "nothing"))
    wrong = "1B2M2Y8AsgTpgAmY7PhCfg=="
    expect_error("BadDigest", 400, lambda: s3.put_object(Bucket=bucket, Key=key, Body=b"x", ContentMD5=wrong))
    assert s3.head_object(Bucket=bucket, Key=key)["ContentLength"] == len(body)

    # Files in parts, up and down; a copy; a presigned URL.
    transfer = TransferConfig(multipart_threshold=8 * MB, multipart_chunksize=8 * MB, max_concurrency=4)
    with tempfile.TemporaryDirectory() as folder:
        source, target = os.path.join(folder, "up"), os.path.join(folder, "down")
        data = os.urandom(20 * MB + 3)
        with open(source, "wb") as file:
            file.write(data)
        s3.upload_file(source, bucket, prefix + "big", ExtraArgs={"ContentType": "x/y"}, Config=transfer)
        s3.download_file(bucket, prefix + "big", target, Config=transfer)
        with open(target, "rb") as file:
            assert file.read() == data
    assert s3.head_object(Bucket=bucket, Key=prefix + "big")["ETag"].endswith('-3"')
    s3.copy_object(Bucket=bucket, Key=prefix + "copy", CopySource={"Bucket": bucket, "Key": key})
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": prefix + "copy"}, ExpiresIn=60)
    with urllib.request.urlopen(url) as response:  # noqa: S310 - the endpoint under test
        assert response.read() == body

    # Listings, in pages and folded.
    names = [f"list/{i // 10}/{i:03}" for i in range(25)] + ["list/a b+ü"]
    for name in names:
        s3.put_object(Bucket=bucket, Key=prefix + name, Body=b"")
    pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix + "list/", PaginationConfig={"PageSize": 4}))
    assert len(pages) == 7
    assert [o["Key"] for page in pages for o in page["Contents"]] == [prefix + name for name in names]
    folded = s3.list_objects(Bucket=bucket, Prefix=prefix + "list/", Delimiter="/")
    assert [p["Prefix"] for p in folded["CommonPrefixes"]] == [f"{prefix}list/{i}/" for i in range(3)]
    assert [o["Key"] for o in folded["Contents"]] == [prefix + "list/a b+ü"]

    everything = [
        {"Key": o["Key"]}
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for o in page.get("Contents", [])
    ]
    assert "Errors" not in s3.delete_objects(Bucket=bucket, Delete={"Objects": everything})
    assert s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["KeyCount"] == 0
    print(f"boto3 {boto3.__version__}: all held")


if __name__ == "__main__":
    main()
