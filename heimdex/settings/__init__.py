"""Settings, read from the environment. `base` is the framework's part, `product` is Heimdex's own."""

from heimdex.settings.admin_theme import *  # noqa: F403
from heimdex.settings.base import *  # noqa: F403
from heimdex.settings.product import *  # noqa: F403
