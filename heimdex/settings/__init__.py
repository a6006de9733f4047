"""Settings, read from the environment. `base` is the framework's part, `product` Heimdex's own; `api`, `mail`.

`heimdex.standalone.settings` takes `product` alone: what `base` imports takes longer than the command that it serves.
"""

import os

if os.environ.get("DJANGO_SETTINGS_MODULE") != "heimdex.standalone.settings":
    from heimdex.settings.admin_theme import *  # noqa: F403
    from heimdex.settings.api import *  # noqa: F403
    from heimdex.settings.base import *  # noqa: F403
    from heimdex.settings.mail import *  # noqa: F403
from heimdex.settings.product import *  # noqa: F403
