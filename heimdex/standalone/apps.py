"""The app of the commands that need no server: alone, or among the server's own apps."""

from django.apps import AppConfig

from heimdex.startup import sandbox_setup
from mediakit.ffmpeg.installation import list_decoders_early


class CommandsConfig(AppConfig):
    """The commands among the server's apps, which configure everything themselves."""

    name = "heimdex.standalone"
    label = "standalone"


class StandaloneConfig(CommandsConfig):
    """The commands with `heimdex.standalone.settings` and no other app."""

    def ready(self) -> None:
        """Configure the confinement of child processes. ffmpeg lists its decoders while the command is loaded."""
        sandbox_setup.configure()
        list_decoders_early()
