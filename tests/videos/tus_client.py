"""A browser's side of an upload in pieces."""

import base64
from pathlib import Path

from django.test import Client

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = "application/offset+octet-stream"


def metadata(**facts: str) -> str:
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in facts.items())


def create(browser: Client, size: int | str, *, filename: str = "talk.mp4", **facts: str):
    headers = {
        **TUS,
        "Upload-Length": str(size),
        "Upload-Metadata": metadata(filename=filename, **facts),
    }
    return browser.post("/uploads", headers=headers, content_type="application/octet-stream")


def patch(browser: Client, address: str, data: bytes, offset: int, **headers: str):
    headers = {**TUS, "Upload-Offset": str(offset), **headers}
    return browser.patch(address, data, content_type=BYTES, headers=headers)


def head(browser: Client, address: str):
    return browser.head(address, headers=TUS)


def upload_in_pieces(browser: Client, clip: Path, *, piece: int, **facts: str) -> str:
    data = clip.read_bytes()
    address = str(create(browser, len(data), **facts)["Location"])
    for offset in range(0, len(data), piece):
        assert head(browser, address)["Upload-Offset"] == str(offset)
        response = patch(browser, address, data[offset : offset + piece], offset)
        assert response.status_code == 204, response.content
    return address
