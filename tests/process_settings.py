"""The product's settings for tests that start its real processes, and what only such tests change.

Chosen by DJANGO_SETTINGS_MODULE. Variables of the tests are read here, which the product does not know:

- TESTS_KILL_POINTS: a folder. When it holds a file with the name of a kill point, the first process that reaches the
  point removes the file and kills itself with SIGKILL: no handler runs, nothing is flushed, as when a machine dies.
- TESTS_OVERRIDES: values of fixed settings, as JSON, for instance a shorter lease.
"""

import json
import os
import signal
from pathlib import Path

from heimdex.settings import *  # noqa: F403
from jobs import killpoints
from tests.processes import KILL_POINTS, OVERRIDES


def _die_if_ordered(point: str) -> None:
    try:
        Path(os.environ[KILL_POINTS], point).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


if os.environ.get(KILL_POINTS):
    killpoints.hooks.append(_die_if_ordered)
# Tests give a model to the processes that need one.
SPEECH_MODEL, FETCH_MODELS = "none", False
globals().update(json.loads(os.environ.get(OVERRIDES, "{}")))
