"""Objects in a bucket of S3, or of what speaks like it."""

import threading
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError
from django.core.files.base import File
from django.utils.deconstruct import deconstructible
from storages.backends.s3 import S3Storage

from chat_project.core.storage import GENERIC_TYPE, ObjectChangedError, Stat, UploadForm

_PART_BYTES = 5 * 1024 * 1024
# Above it what is read goes to the disk.
_MEMORY_BYTES = 1024 * 1024
_GONE = (404,)
_CHANGED = (409, 412)


@deconstructible(path="chat_project.core.storage.bucket.BucketStorage")
class BucketStorage(S3Storage):
    """django-storages' own, with what ObjectStorage asks for.

    `public_endpoint_url` is where clients reach the bucket, where that is not the address by which this server does.
    """

    def __init__(self, *, public_endpoint_url: str = "", **options: Any) -> None:
        self._public_endpoint_url = public_endpoint_url
        self._lock = threading.Lock()
        self._shared: Any = None
        self._signing: Any = None
        style = options.pop("addressing_style", None) or ("path" if options.get("endpoint_url") else "auto")
        options["client_config"] = Config(
            signature_version="s3v4",
            s3={"addressing_style": style},
            connect_timeout=2,
            read_timeout=20,
            retries={"max_attempts": 2, "mode": "standard"},
            max_pool_connections=64,
            # Servers that speak like S3 do not all know the newer checksums.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        # One part at a time: with threads ten of them would stand in memory.
        options["transfer_config"] = TransferConfig(
            use_threads=False, multipart_threshold=_PART_BYTES, multipart_chunksize=_PART_BYTES
        )
        super().__init__(max_memory_size=_MEMORY_BYTES, querystring_auth=True, file_overwrite=True, **options)

    @property
    def connection(self) -> Any:
        """The one connection of this process: the parent's, one a thread, holds the whole model of S3 each time."""
        with self._lock:
            if self._shared is None:
                self._shared = super().connection
            return self._shared

    def stat(self, key: str) -> Stat:
        """See ObjectStorage."""
        try:
            found = self._client.head_object(Bucket=self.bucket_name, Key=self._normalize_name(key))
        except ClientError as error:
            _raise_known(error)
            raise
        return Stat(found["ContentLength"], found["ETag"])

    def copy(self, source: str, target: str, *, etag: str = "") -> None:
        """See ObjectStorage. The bytes stay with the server of the bucket."""
        condition = {"CopySourceIfMatch": etag} if etag else {}
        try:
            self._client.copy_object(
                Bucket=self.bucket_name,
                Key=self._normalize_name(target),
                CopySource={"Bucket": self.bucket_name, "Key": self._normalize_name(source)},
                **condition,
            )
        except ClientError as error:
            _raise_known(error)
            raise

    def replace(self, key: str, file: IO[bytes]) -> None:
        """See ObjectStorage."""
        self.save(key, File(file))

    def keys_before(self, prefix: str, moment: datetime) -> Iterator[str]:
        """See ObjectStorage."""
        below = f"{self._normalize_name(prefix)}/"
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket_name, Prefix=below)
        for page in pages:
            for entry in page.get("Contents", ()):
                if entry["LastModified"] < moment:
                    yield f"{prefix}/{entry['Key'].removeprefix(below)}"

    def upload_form(self, key: str, *, size: int, seconds: int) -> UploadForm | None:
        """See ObjectStorage: a POST policy that fixes bucket, key, type and size."""
        signed = self._signer.generate_presigned_post(
            Bucket=self.bucket_name,
            Key=self._normalize_name(key),
            Fields={"Content-Type": GENERIC_TYPE},
            Conditions=[{"Content-Type": GENERIC_TYPE}, ["content-length-range", size, size]],
            ExpiresIn=seconds,
        )
        return UploadForm(signed["url"], signed["fields"])

    def download_url(self, key: str, *, method: str, content_type: str, disposition: str, seconds: int) -> str | None:
        """See ObjectStorage: what the answer says of itself is signed too."""
        params = {
            "Bucket": self.bucket_name,
            "Key": self._normalize_name(key),
            "ResponseContentType": content_type,
            "ResponseContentDisposition": disposition,
            "ResponseCacheControl": f"private, max-age={seconds}",
        }
        action = "head_object" if method == "HEAD" else "get_object"
        return str(self._signer.generate_presigned_url(action, Params=params, ExpiresIn=seconds))

    @property
    def _client(self) -> Any:
        return self.connection.meta.client

    @property
    def _signer(self) -> Any:
        """What signs for clients: a signature holds for one host."""
        if not self._public_endpoint_url:
            return self._client
        with self._lock:
            if self._signing is None:
                self._signing = self._create_session().client(
                    "s3",
                    region_name=self.region_name,
                    endpoint_url=self._public_endpoint_url,
                    config=self.client_config,
                )
            return self._signing


def _raise_known(error: ClientError) -> None:
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    if status in _GONE:
        raise FileNotFoundError from error
    if status in _CHANGED:
        raise ObjectChangedError from error
