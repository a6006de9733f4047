"""`manage.py`: Django's command line, whose errors are a sentence where an operator can do something about them."""

import sys
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import Error, InterfaceError, OperationalError

# What SQLite and PostgreSQL say of tables and columns that are not there; neither has a class for it in both.
_NO_TABLES = ("no such table", "no such column", "UndefinedTable", "UndefinedColumn")


def run(argv: Sequence[str]) -> None:
    """Run a command. An error of the surroundings is one sentence and exit code 1; `--traceback` shows all of it."""
    try:
        execute_from_command_line(list(argv))
    except Exception as error:
        sentence = explain(error)
        if not sentence or "--traceback" in argv:
            raise
        sys.exit(sentence)


def explain(error: Exception) -> str:
    """What is wrong with settings, database, storage or disk, and what to do; empty for an error of another kind."""
    from core.errors import HeimdexError  # noqa: PLC0415 - needs settings, which may be what is wrong

    if isinstance(error, ImproperlyConfigured):
        return str(error)
    if isinstance(error, Error):
        return _database_sentence(error)
    if isinstance(error, HeimdexError):
        return error.message if error.status >= 500 else ""
    if isinstance(error, OSError) and error.filename:
        return f"{error.strerror}: {error.filename}."
    return ""


def _database_sentence(error: Error) -> str:
    cause = f"{type(error.__cause__).__name__}: {error}"
    first_line = str(error).partition("\n")[0].strip()
    if any(words in cause for words in _NO_TABLES):
        return f"The database has no tables yet, or those of an older version: run `manage.py migrate`. ({first_line})"
    if "unable to open database file" in cause:
        return "The database's file cannot be opened: is its folder there, and may it be written?"
    if isinstance(error, (OperationalError, InterfaceError)):
        return f"The database does not answer; DATABASE_URL says where it is. ({first_line})"
    return ""
