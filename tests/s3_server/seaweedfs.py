"""The S3 server that compose.yaml offers, with the options it has there.

`HEIMDEX_TEST_WEED=/path/to/weed pytest tests/storage tests/heimdex/test_production.py` runs those tests on it. Do so
before compose.yaml names another version.
"""

from collections.abc import Callable
from pathlib import Path

import yaml

COMPOSE = Path(__file__).resolve().parents[2] / "compose.yaml"
PORTS = ("master.port", "volume.port", "filer.port")


def command(weed: str, folder: Path, port: int, free_port: Callable[[], int]) -> list[str]:
    """The command of compose.yaml with a folder and ports of this test run, on loopback."""
    own: dict[str, object] = {
        "-dir": folder,
        "-s3.ip.bind": "127.0.0.1",
        "-s3.port": port,
        "-s3.port.grpc": free_port(),
        "-volume.preStopSeconds": 0,
    }
    for name in PORTS:
        own |= {f"-{name}": free_port(), f"-{name}.grpc": free_port()}
    options = yaml.safe_load(COMPOSE.read_text())["services"]["s3"]["command"]
    kept = [option for option in options if option.partition("=")[0] not in own]
    return [weed, *kept, *(f"{name}={value}" for name, value in own.items())]
