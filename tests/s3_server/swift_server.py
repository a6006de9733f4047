"""OpenStack Swift with its S3 interface, whole in one process: real signatures, ranges and multipart uploads.

Run by `tests.services` with a Python of its own, never imported by a test:
`python swift_server.py FOLDER PORT ACCESS_KEY SECRET_KEY`. Keeps everything in FOLDER and listens on loopback only.
"""

import sys
from pathlib import Path

import eventlet  # type: ignore[import-not-found]  # installed there only

eventlet.monkey_patch()

from eventlet import wsgi  # noqa: E402
from swift.common import utils  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.storage_policy import reload_storage_policies  # noqa: E402
from swift.common.wsgi import loadapp  # noqa: E402

PIPELINE = (
    "catch_errors gatekeeper healthcheck proxy-logging cache listing_formats s3api tempauth "
    "copy slo dlo versioned_writes proxy-logging proxy-server"
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


class Memory:
    """What Swift asks of memcached, in this process. Nothing ever expires: a test run is short."""

    def __init__(self) -> None:
        self._values: dict[str, object] = {}

    def get(self, key: str, **_: object) -> object:
        return self._values.get(key)

    def set(self, key: str, value: object, **_: object) -> None:
        self._values[key] = value

    def delete(self, key: str, **_: object) -> None:
        self._values.pop(key, None)

    def incr(self, key: str, delta: int = 1, **_: object) -> int:
        value = int(str(self._values.get(key, 0))) + int(delta)
        self._values[key] = value
        return value


def memory_filter(_conf: object, **_options: object):
    """A paste filter that gives every request the one `Memory`."""
    memory = Memory()

    def wrap(app):
        def call(env, start_response):
            env["swift.cache"] = memory
            return app(env, start_response)

        return call

    return wrap


def main(folder: Path, port: int, access_key: str, secret_key: str) -> None:
    """Serve until killed."""
    devices = folder / "devices"
    (devices / "disk").mkdir(parents=True)
    (folder / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = tests\n")
    utils.set_swift_dir(str(folder))
    reload_storage_policies()
    listeners = {}
    for kind in ("account", "container", "object"):
        listeners[kind] = eventlet.listen(("127.0.0.1", 0), backlog=512)
        _ring(folder, kind, listeners[kind].getsockname()[1])
    log = utils.get_logger({"log_level": "CRITICAL"}, log_route="swift")
    pool = eventlet.GreenPool(2048)
    for kind, listener in listeners.items():
        app = loadapp(str(_backend_conf(folder, kind)))
        eventlet.spawn_n(wsgi.server, listener, app, log, custom_pool=pool, log_output=False)
    user, _, name = access_key.partition(":")
    front = loadapp(str(_front_conf(folder, f"user_{user}_{name} = {secret_key} .admin")))
    listener = eventlet.listen(("127.0.0.1", port), backlog=512)
    wsgi.server(listener, front, log, custom_pool=pool, log_output=False)


def _ring(folder: Path, kind: str, port: int) -> None:
    """One copy of everything, on the one device."""
    builder = RingBuilder(part_power=2, replicas=1, min_part_hours=0)
    builder.add_dev(
        {
            "region": 1,
            "zone": 1,
            "ip": "127.0.0.1",
            "port": port,
            "device": "disk",
            "weight": 1.0,
            "replication_ip": "127.0.0.1",
            "replication_port": port,
        }
    )
    builder.rebalance()
    builder.get_ring().save(str(folder / f"{kind}.ring.gz"))


def _backend_conf(folder: Path, kind: str) -> Path:
    conf = folder / f"{kind}.conf"
    conf.write_text(
        f"""[DEFAULT]
swift_dir = {folder}
devices = {folder / "devices"}
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
log_level = CRITICAL
[app:main]
use = egg:swift#{kind}
"""
    )
    return conf


def _front_conf(folder: Path, user: str) -> Path:
    conf = folder / "proxy.conf"
    filters = "".join(f"[filter:{name}]\nuse = egg:swift#{name}\n" for name in FILTERS)
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
[filter:proxy-logging]
use = egg:swift#proxy_logging
[filter:tempauth]
use = egg:swift#tempauth
{user}
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
max_upload_part_num = 10000
[filter:cache]
paste.filter_factory = __main__:memory_filter
{filters}"""
    )
    return conf


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4])
