"""`manage.py demo`: the demo account, and the demo video when the library is empty."""

from typing import Any

from django.core.management.base import BaseCommand

from heimdex.startup import demo


class Command(BaseCommand):
    """Make the demo account, and put the demo video in it when the library is empty."""

    help = "Make the demo account, and the demo video when the library is empty. Prints the login."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Make the account and the video; a second run changes nothing."""
        owner = demo.make_account()
        if demo.is_empty():
            demo.add_video(owner)
        plain = demo.password() or "(the password was changed)"
        self.stdout.write(f"Demo login: {demo.USERNAME} / {plain}")
