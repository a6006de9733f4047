"""Visitors who hold a web server's connections: readers that read nothing, writers of one byte, endless heads."""

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from tests.e2e.server import Installation

FILE_BYTES = 65 * 1024**2
_MAKE_VIDEO = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY
from accounts.models import User
from videos.models import Video
user = User.objects.create_user({name!r})
video = Video.objects.create(
    owner=user, title="Long", filename="long.mp4", source_key=f"sources/{{user.pk}}/long.mp4", size_bytes={size}
)
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(video.pk, user.pk, session.session_key)
"""


class Slow:
    """Requests that never end, of a person with a long video."""

    def __init__(self, url: str, *, video: str, session: str) -> None:
        self._address = (urlsplit(url).hostname or "", urlsplit(url).port or 80)
        self._cookie = f"Host: localhost\r\nCookie: sessionid={session}\r\n"
        self._video = video

    def read(self) -> bytes:
        """A request for the video."""
        return f"GET /videos/{self._video}/source HTTP/1.1\r\n{self._cookie}\r\n".encode()

    def write(self) -> bytes:
        """A login form of which one byte comes."""
        head = "POST /account/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
        return f"{head}u".encode()

    def begin(self) -> bytes:
        """A head that is not finished."""
        return b"GET /account/login HTTP/1.1\r\nHost: localhost\r\nX-Slow: "

    @contextmanager
    def visitors(self, count: int) -> Iterator[list[socket.socket]]:
        """So many open connections, a third of each kind. The readers have been answered, and read no byte of it."""
        _allow_open_files(count + 200)
        kinds = (self.read(), self.write(), self.begin())
        with ExitStack() as stack:
            opened = []
            for number in range(count):
                connection = stack.enter_context(socket.socket())
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.connect(self._address)
                connection.sendall(kinds[number % 3])
                opened.append(connection)
            for connection in opened[::3]:
                connection.settimeout(60)
                assert connection.recv(1, socket.MSG_PEEK)
            yield opened


def person_with_a_long_video(installation: Installation, name: str) -> tuple[str, str]:
    """(video, session): a person with a video of FILE_BYTES bytes, none of which is written."""
    code = _MAKE_VIDEO.format(name=name, size=FILE_BYTES)
    said = installation.manage("shell", "--no-imports", "--command", code)
    video, user, session = said.splitlines()[-1].split()
    folder = Path(installation.data_dir) / "media" / "sources" / user
    folder.mkdir(parents=True)
    file: IO[bytes]
    with (folder / "long.mp4").open("wb") as file:
        file.truncate(FILE_BYTES)
    return video, session


def is_open(connection: socket.socket) -> bool:
    """Whether the server still holds the connection."""
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def until_all_closed(connections: list[socket.socket], *, within_s: float) -> None:
    """Wait until the server has ended every one."""
    deadline = time.monotonic() + within_s
    while any(is_open(one) for one in connections):
        assert time.monotonic() < deadline
        time.sleep(0.5)


def _allow_open_files(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    target = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < target:
        resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))
