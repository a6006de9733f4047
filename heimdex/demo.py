"""The demo: an account and a talk that the project makes itself, so that a new installation is not empty.

The account's password is made once and kept beside the data, so that every start can show it.
"""

import os
import secrets
import uuid
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from jobs.folders import working_folder
from mediakit.demo import make_talk
from storage.files import save_file
from videos import files
from videos.models import Video
from videos.services import accept_source, store_captions

USERNAME = "demo"
TITLE = "A talk about talks"


def make_account() -> User:
    """The demo account, made when it is not there."""
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
    """The demo account's password; empty when there is no such account or its password was changed."""
    user = User.objects.filter(username=USERNAME, is_active=True).first()
    try:
        plain = _password_file().read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""
    return plain if user is not None and user.check_password(plain) else ""


def is_empty() -> bool:
    """Whether the library holds no video at all."""
    return not Video.objects.exists()


def make_video(owner: User) -> Video:
    """Make the demo talk with its captions and put it into the owner's library, to be processed like any other."""
    with working_folder("demo") as folder:
        video, captions = make_talk(folder)
        video_id = uuid.uuid4()
        key = files.source_key(owner_id=owner.pk, video_id=video_id, filename=video.name)
        size = video.stat().st_size
        words = SimpleUploadedFile(captions.name, captions.read_bytes())
        kept = store_captions(owner=owner, video_id=video_id, file=words)
        save_file(key, video, content_type="video/mp4")
    return accept_source(
        video_id=video_id,
        owner=owner,
        source_key=key,
        filename=video.name,
        size_bytes=size,
        title=TITLE,
        captions=kept,
        language="en",
    )


def _password_file() -> Path:
    return Path(settings.DATA_DIR) / "demo-password"
