"""`manage.py check_short FILE`: verify any file as a Short, without knowing its source."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from exports.receipt_text import BROKEN, OK, WARNING, rule_results
from mediakit.conformance.verification import Receipt, check_file
from mediakit.errors import MediaError, ToolError

REFUSED = 2
MARKS = {OK: "ok", WARNING: "warning", BROKEN: "BROKEN"}


class Command(BaseCommand):
    """Checks only the rules of platforms, because the source and the requested range are not known."""

    help = (
        "Check any video file against what platforms ask of a Short. "
        "Exit code 0: nothing that matters is wrong; 1: a rule is broken; 2: the file cannot be read."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, and the form of the output."""
        parser.add_argument("file", type=Path, help="the file to check")
        parser.add_argument("--json", action="store_true", help="write the whole receipt as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the result of every rule; the exit code says whether the file passed."""
        file: Path = options["file"]
        if not file.is_file():
            what = "is not a file" if file.exists() else "does not exist"
            raise CommandError(f"{file} {what}.", returncode=REFUSED)
        try:
            receipt = check_file(str(file.resolve()))
        except MediaError as exc:
            if options["json"]:
                self._write({"passed": False, "error": {"code": exc.code, "message": str(exc)}})
            tail = f"\n{exc.tail}" if isinstance(exc, ToolError) and exc.tail else ""
            raise CommandError(
                f"{file} cannot be checked. {exc}{tail}", returncode=REFUSED
            ) from exc
        if options["json"]:
            self._write({"passed": not receipt.broken, **receipt.to_json()})
        else:
            self._say(receipt)
        if receipt.broken:
            raise SystemExit(1)

    def _write(self, result: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(result, indent=1, ensure_ascii=False))

    def _say(self, receipt: Receipt) -> None:
        """Print one line for each rule, broken ones first, and the totals."""
        shown = rule_results(receipt.to_json())
        for check in sorted(shown, key=lambda check: (BROKEN, WARNING, OK).index(check.state)):
            expected = "" if check.state == OK else f" (wanted {check.expected})"
            self.stdout.write(f"{MARKS[check.state]:8} {check.label}: {check.measured}{expected}")
        broken, warnings = len(receipt.broken), len(receipt.warnings)
        self.stdout.write(f"{len(shown)} rules, {broken} broken, {warnings} warnings")
