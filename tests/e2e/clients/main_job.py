"""The main job by a client that openapi-python-client generated: `main_job.py CLIENT URL TOKEN VIDEO CAPTIONS TARGET`.

Runs on the generator's own Python, so it imports nothing of ours. Prints the number of modules that it could import.
"""

import importlib
import pkgutil
import sys
import time
import urllib.request
from pathlib import Path

folder, url, token, video_file, captions_file, target = sys.argv[1:]
sys.path.insert(0, folder)

import heimdex_client  # noqa: E402 - generated
from heimdex_client import AuthenticatedClient, models  # noqa: E402
from heimdex_client.api.exports import export_receipt, export_retrieve  # noqa: E402
from heimdex_client.api.scenes import scene_export_short  # noqa: E402
from heimdex_client.api.videos import (  # noqa: E402
    video_create,
    video_details,
    video_retrieve,
    video_screen_text,
)
from heimdex_client.types import File  # noqa: E402

DEADLINE = time.monotonic() + 180


def finished(ask, ended):
    """The answer of `ask` once its status is an ended one."""
    while True:
        found = ask()
        if str(found.status) in ended:
            return found
        assert time.monotonic() < DEADLINE, found
        time.sleep(0.2)


names = [m.name for m in pkgutil.walk_packages(heimdex_client.__path__, "heimdex_client.")]
for name in names:
    importlib.import_module(name)

client = AuthenticatedClient(base_url=url, token=token, timeout=60)
with Path(video_file).open("rb") as source, Path(captions_file).open("rb") as words:
    body = models.NewVideoRequest(
        file=File(source, "talk.mp4", "video/mp4"),
        captions=File(words, "talk.srt", "text/plain"),
        language="en",
    )
    made = video_create.sync(client=client, body=body, idempotency_key="python")
video = finished(lambda: video_retrieve.sync(made.id, client=client), {"READY", "FAILED"})
assert str(video.status) == "READY", video
details = video_details.sync(str(made.id), client=client)
shown = video_screen_text.sync(str(made.id), client=client)
assert (shown.count, shown.results) == (0, []), shown  # not read yet
wanted = models.ExportRequestRequest(
    start_s=1.5, end_s=4.5, output_quality=models.OutputQualityEnum.MEDIUM
)
scene = details.scenes[0]
export = scene_export_short.sync(str(scene.id), client=client, body=wanted)
export = finished(
    lambda: export_retrieve.sync(str(export.export_id), client=client),
    {"completed", "failed", "cancelled"},
)
assert str(export.status) == "completed", export
receipt = export_receipt.sync(str(export.export_id), client=client)
assert receipt.rules, receipt
urllib.request.urlretrieve(export.download_url, target)  # noqa: S310 - the address is the test's own server
missing = video_retrieve.sync("nothing", client=client)
assert (missing.error_code, bool(missing.message)) == ("VIDEO_NOT_FOUND", True)
print(len(names))  # noqa: T201
