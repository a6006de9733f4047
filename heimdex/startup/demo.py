"""The demo: an account with the short talk from `demo/`, so that a new installation is not empty.

The account's password is generated once and stored in the data folder, so that every start can print it.
"""

import os
import secrets
import uuid
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from storage.files import save_bytes
from videos import storage_keys
from videos.models import Video
from videos.services import accept_source, store_captions

USERNAME = "demo"
TITLE = "A talk about talks"
# Made by `python -m tests.demo_maker`.
VIDEO = settings.BASE_DIR / "demo" / "talk.mp4"
CAPTIONS = VIDEO.with_suffix(".vtt")


def make_account() -> User:
    """Get or create the demo account."""
    user, new = User.objects.get_or_create(username=USERNAME)
    if new:
        plain = secrets.token_urlsafe(9)
        handle = os.open(_password_file(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(plain)
        user.set_password(plain)
        user.save(update_fields=["password"])
    return user


def password() -> str:
    """The demo account's password; empty when the account does not exist or its password was changed."""
    user = User.objects.filter(username=USERNAME, is_active=True).first()
    try:
        plain = _password_file().read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""
    return plain if user is not None and user.check_password(plain) else ""


def is_empty() -> bool:
    """Whether the installation has no video."""
    return not Video.objects.exists()


def add_video(owner: User) -> Video:
    """Add the demo talk and its captions to the owner's library; it is processed like any upload."""
    video_id = uuid.uuid4()
    key = storage_keys.source_key(owner_id=owner.pk, video_id=video_id, filename=VIDEO.name)
    words = SimpleUploadedFile(CAPTIONS.name, CAPTIONS.read_bytes())
    kept = store_captions(owner=owner, video_id=video_id, file=words)
    save_bytes(key, VIDEO.read_bytes(), content_type="video/mp4")
    return accept_source(
        video_id=video_id,
        owner=owner,
        source_key=key,
        filename=VIDEO.name,
        size_bytes=VIDEO.stat().st_size,
        title=TITLE,
        captions=kept,
        language="en",
    )


def _password_file() -> Path:
    return Path(settings.DATA_DIR) / "demo-password"
