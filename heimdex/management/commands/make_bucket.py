"""`manage.py make_bucket`: create the S3 bucket for stored files."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError

from storage import local, s3
from storage.failures import is_missing


class Command(BaseCommand):
    """Create the bucket. Does nothing when it exists, or when files are stored in a folder."""

    help = "Make the S3 bucket that files are kept in, when it is not there yet."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """CommandError when the S3 server cannot be reached or refuses."""
        if local.is_local():
            self.stdout.write("Files are kept in a folder: no bucket is needed.")
            return
        client, bucket = s3.remote()
        try:
            made = _make(client, bucket)
        except (BotoCoreError, ClientError, OSError) as exc:
            raise CommandError(f"The bucket {bucket} cannot be made: {exc}") from exc
        self.stdout.write(f"The bucket {bucket} {'was made' if made else 'is there'}.")


def _make(client: Any, bucket: str) -> bool:
    """Create a private bucket; False when it exists and is ours."""
    try:
        client.head_bucket(Bucket=bucket)
    except ClientError as exc:
        if not is_missing(exc):
            raise
    else:
        return False
    region = client.meta.region_name
    where = (
        {}
        if region == "us-east-1"
        else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    )
    client.create_bucket(Bucket=bucket, **where)
    return True
