"""`manage.py reset_link USERNAME`: a link that sets a new password, alone on standard output."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.password_reset import reset_path


class Command(BaseCommand):
    """Prints the link and nothing else."""

    help = "Make a link with which a user sets a new password; it is good for a day, and once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the user's name and the site's address."""
        parser.add_argument("username")
        parser.add_argument(
            "--site",
            default="",
            help="where people reach Heimdex, e.g. https://heimdex.example.org; by default the first of HEIMDEX_HOSTS",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the link; refuse an unknown or switched-off user."""
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user named {options['username']!r}.")
        site = (options["site"] or _default_site()).rstrip("/")
        self.stdout.write(site + reset_path(user))


def _default_site() -> str:
    host = settings.ALLOWED_HOSTS[0].lstrip(".*") or "localhost"
    if settings.HTTPS:
        return f"https://{host}"
    return f"http://{host}:8000" if host in {"localhost", "127.0.0.1"} else f"http://{host}"
