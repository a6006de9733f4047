"""`manage.py migrate`: Django's command, without the limit on time between two queries of a transaction."""

from typing import Any

from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import connections

IDLE_LIMIT = "idle_in_transaction_session_timeout"


class Command(MigrateCommand):
    """Update the tables. A migration may compute for longer between two queries than a request may.

    The limit of `settings.DATABASES` is for processes that halt while they hold locks; on PostgreSQL it would end a
    migration of a large table on a busy machine.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate. The connection has its limit back afterwards, since `serve` keeps it."""
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            return
        with connection.cursor() as cursor:
            cursor.execute(f"SET {IDLE_LIMIT} = 0")
        try:
            super().handle(*args, **options)
        finally:
            connection.close()  # a new connection begins with the limit
