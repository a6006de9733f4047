"""`manage.py create_token USERNAME`: a new personal access token, alone on standard output."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.choices import TokenScope
from accounts.models import AccessToken, User


class Command(BaseCommand):
    """Prints the plain token and nothing else, so that `TOKEN=$(manage.py create_token me)` works."""

    help = "Make a personal access token for a user and print it. It cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the user's name and the token's name, scope and expiry."""
        parser.add_argument("username")
        parser.add_argument("--name", default="command line", help="what the token is for")

        parser.add_argument(
            "--read-only", action="store_true", help="the token may read and change nothing"
        )
        parser.add_argument("--days", type=int, help="it ends by itself after so many days")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the token; refuse an unknown or switched-off user."""
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user named {options['username']!r}.")
        name = options["name"].strip()
        if not 1 <= len(name) <= 100:
            raise CommandError("The token's name must have 1 to 100 characters.")
        days = options["days"]
        if days is not None and not 1 <= days <= 3650:
            raise CommandError("--days must be 1 to 3650.")
        scope = TokenScope.READ if options["read_only"] else TokenScope.WRITE
        expires_at = timezone.now() + timedelta(days=days) if days else None
        _, plain = AccessToken.make(user=user, name=name, scope=scope, expires_at=expires_at)
        self.stdout.write(plain)
