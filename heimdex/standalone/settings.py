"""The settings of commands that need no server: Heimdex's own, and nothing of the web, the database and the broker.

`manage.py` chooses them by the command's name. A command starts in a fraction of a server's time, since no app with
tables is loaded; reading a row is an error.
"""

import logging

from core import env
from heimdex.settings.product import *  # noqa: F403
from heimdex.settings.product import DATA_DIR, WORK_DIR
from heimdex.startup.private_files import make_private_folder

make_private_folder(DATA_DIR)
make_private_folder(WORK_DIR)

DEBUG = env.flag("HEIMDEX_DEBUG", default=False)
EMBEDDED = not env.secret("REDIS_URL")
INSTALLED_APPS = ["heimdex.standalone.apps.StandaloneConfig"]
USE_TZ = True
TIME_ZONE = "UTC"
# Whoever typed the command waits for it, and no pages are behind which its tools should stand back.
TOOL_NICE = env.integer("HEIMDEX_TOOL_NICE", 0)

LOGGING_CONFIG = None
LOG_LEVEL = env.choice(
    "HEIMDEX_LOG_LEVEL", "WARNING", choices=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
)
logging.basicConfig(level=LOG_LEVEL, format="%(message)s")
