"""`manage.py create_token USERNAME`: a new personal access token, alone on standard output."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import AccessToken, User


class Command(BaseCommand):
    """Prints the plain token and nothing else, so that `TOKEN=$(manage.py create_token me)` works."""

    help = "Make a personal access token for a user and print it. It cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        """The user's name, and a name for the token."""
        parser.add_argument("username")
        parser.add_argument("--name", default="command line", help="what the token is for")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the token; refuse an unknown or switched-off user."""
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user named {options['username']!r}.")
        name = options["name"].strip()
        if not 1 <= len(name) <= 100:
            raise CommandError("The token's name must have 1 to 100 characters.")
        _, plain = AccessToken.make(user=user, name=name)
        self.stdout.write(plain)
