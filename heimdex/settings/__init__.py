"""Settings, read from the environment. `base` is the framework's part, `api` the API's, `product` Heimdex's own."""

from heimdex.settings.admin_theme import *  # noqa: F403
from heimdex.settings.api import *  # noqa: F403
from heimdex.settings.base import *  # noqa: F403
from heimdex.settings.product import *  # noqa: F403
