"""OpenStack Swift with its S3 interface, on one disk, for one site: signatures, ranges, multipart uploads.

Told by the environment: `S3_ACCESS_KEY` (two words with a colon between), `S3_SECRET_KEY` or `S3_SECRET_KEY_FILE`,
`S3_REGION`, `S3_FOLDER` (keeps everything, must support extended attributes), `S3_PORT`. One copy of every object: the
disk's redundancy and the backup are the operator's business. Requests are not logged: their addresses hold signatures.
"""

import getpass
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import eventlet  # type: ignore[import-not-found]  # lives in the image of this server only

eventlet.monkey_patch()

from eventlet import wsgi  # noqa: E402
from swift.common import utils  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.storage_policy import reload_storage_policies  # noqa: E402
from swift.common.wsgi import loadapp  # noqa: E402

# Swift's own parts, on loopback inside the container.
PORTS = {"account": 6202, "container": 6201, "object": 6200}
PIPELINE = (
    "catch_errors gatekeeper healthcheck cache listing_formats s3api tempauth copy slo dlo "
    "versioned_writes proxy-server"
)
FILTERS = (
    "catch_errors",
    "gatekeeper",
    "healthcheck",
    "listing_formats",
    "copy",
    "slo",
    "dlo",
    "versioned_writes",
)
BACKLOG = 512
AT_ONCE = 2048


class Memory:
    """What Swift asks of memcached, in this process; a value is forgotten when its time is over."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[object, float]] = {}

    def get(self, key: str, **_: object) -> object:
        value, until = self._values.get(key, (None, 0.0))
        return value if until > time.monotonic() else None

    def set(self, key: str, value: object, **options: object) -> None:
        lasts = float(str(options.get("time") or 3600))
        self._values[key] = (value, time.monotonic() + lasts)

    def delete(self, key: str, **_: object) -> None:
        self._values.pop(key, None)

    def incr(self, key: str, delta: int = 1, **options: object) -> int:
        value = int(str(self.get(key) or 0)) + int(delta)
        self.set(key, value, **options)
        return value


def memory_filter(_conf: object, **_options: object) -> Any:
    """A paste filter that gives every request the one `Memory`."""
    memory = Memory()

    def wrap(app: Any) -> Any:
        def call(env: dict[str, Any], start_response: Any) -> Any:
            env["swift.cache"] = memory
            return app(env, start_response)

        return call

    return wrap


def main() -> None:
    """Serve until told to stop."""
    folder = Path(os.environ.get("S3_FOLDER", "/srv/s3"))
    (folder / "devices" / "disk").mkdir(parents=True, exist_ok=True)
    _name_hashes(folder)
    utils.set_swift_dir(str(folder))
    reload_storage_policies()
    log = utils.get_logger({"log_level": "CRITICAL"}, log_route="swift")
    pool = eventlet.GreenPool(AT_ONCE)
    for kind, port in PORTS.items():
        _ring(folder, kind, port)
        app = loadapp(str(_part_conf(folder, kind)))
        listener = eventlet.listen(("127.0.0.1", port), backlog=BACKLOG)
        eventlet.spawn_n(wsgi.server, listener, app, log, custom_pool=pool, log_output=False)
    updater = subprocess.Popen(  # noqa: TID251 - nothing of Heimdex is in this image
        [str(Path(sys.executable).parent / "swift-object-updater"), str(folder / "object.conf")]
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    front = loadapp(str(_front_conf(folder)))
    listener = eventlet.listen(("0.0.0.0", int(os.environ.get("S3_PORT", "9000"))), backlog=BACKLOG)  # noqa: S104
    try:
        wsgi.server(listener, front, log, custom_pool=pool, log_output=False)
    finally:
        updater.terminate()


def _name_hashes(folder: Path) -> None:
    """Where objects lie depends on these words: made once, never to be lost while the objects are kept."""
    conf = folder / "swift.conf"
    if not conf.exists():
        fresh = folder / "swift.conf.new"
        fresh.write_text(f"[swift-hash]\nswift_hash_path_suffix = {secrets.token_hex(16)}\n")
        fresh.rename(conf)


def _ring(folder: Path, kind: str, port: int) -> None:
    """One copy of everything, on the one device."""
    builder = RingBuilder(part_power=4, replicas=1, min_part_hours=0)
    place = {"region": 1, "zone": 1, "device": "disk", "weight": 1.0}
    here = {"ip": "127.0.0.1", "port": port}
    builder.add_dev({**place, **here, **{f"replication_{name}": here[name] for name in here}})
    builder.rebalance()
    builder.get_ring().save(str(folder / f"{kind}.ring.gz"))


def _part_conf(folder: Path, kind: str) -> Path:
    conf = folder / f"{kind}.conf"
    conf.write_text(
        f"""[DEFAULT]
swift_dir = {folder}
devices = {folder / "devices"}
user = {getpass.getuser()}
mount_check = false
fallocate_reserve = 1%
log_level = CRITICAL
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
[{kind}-updater]
interval = 60
"""
    )
    return conf


def _front_conf(folder: Path) -> Path:
    account, _, user = os.environ["S3_ACCESS_KEY"].partition(":")
    if not user:
        sys.exit("S3_ACCESS_KEY must be two words with a colon between, for example heimdex:app")
    filters = "".join(f"[filter:{name}]\nuse = egg:swift#{name}\n" for name in FILTERS)
    conf = folder / "proxy.conf"
    conf.touch(mode=0o600)
    conf.write_text(
        f"""[DEFAULT]
swift_dir = {folder}
log_level = CRITICAL
[pipeline:main]
pipeline = {PIPELINE}
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{user} = {_secret()} .admin
[filter:s3api]
use = egg:swift#s3api
location = {os.environ.get("S3_REGION", "us-east-1")}
max_upload_part_num = 10000
[filter:cache]
paste.filter_factory = __main__:memory_filter
{filters}"""
    )
    return conf


def _secret() -> str:
    file = os.environ.get("S3_SECRET_KEY_FILE")
    return Path(file).read_text().strip() if file else os.environ["S3_SECRET_KEY"]


if __name__ == "__main__":
    main()
