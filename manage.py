#!/usr/bin/env python
"""Django's command line for Heimdex."""

import os
import sys

from heimdex.command_line import run

# They need no server, and start faster without its settings.
STANDALONE = ("make_short", "check_short")

if __name__ == "__main__":
    alone = sys.argv[1:2] and sys.argv[1] in STANDALONE
    os.environ.setdefault(
        "DJANGO_SETTINGS_MODULE", "heimdex.standalone.settings" if alone else "heimdex.settings"
    )
    run(sys.argv)
