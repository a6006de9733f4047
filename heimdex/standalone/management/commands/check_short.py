"""`manage.py check_short FILE...`: verify any files as Shorts, without knowing their sources."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from exports.receipts.text import BROKEN, OK, WARNING, rule_results
from mediakit.conformance.verification import Receipt, check_file
from mediakit.errors import MediaError, ToolError
from mediakit.framing.output_format import ASPECT_RATIOS, VERTICAL

REFUSED = 2
MARKS = {OK: "ok", WARNING: "warning", BROKEN: "BROKEN"}


class Command(BaseCommand):
    """Checks only the rules of platforms, because the source and the requested range are not known."""

    help = (
        "Check video files against what platforms ask of a Short. "
        "Exit code 0: nothing that matters is wrong; 1: a rule is broken; 2: a file cannot be read. "
        "Of many files the worst one decides."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """The files, and the form of the output."""
        parser.add_argument("files", type=Path, nargs="+", metavar="file", help="a file to check")
        parser.add_argument(
            "--ratio",
            choices=ASPECT_RATIOS,
            default=VERTICAL,
            help="the aspect ratio that they should have; source: any",
        )
        parser.add_argument(
            "--json",
            action="store_true",
            help="write each whole receipt as JSON; of many files a line each, with its name",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the result of every rule; the exit code says whether the files passed."""
        files: list[Path] = options["files"]
        if len(files) == 1:
            broken = self._check(files[0], options["ratio"], is_json=options["json"])
            if broken:
                raise SystemExit(1)
            return
        worst = max(
            self._check_one_of_many(file, options["ratio"], is_json=options["json"])
            for file in files
        )
        if worst:
            raise SystemExit(worst)

    def _check_one_of_many(self, file: Path, ratio: str, *, is_json: bool) -> int:
        """Check a file under its name, and go on after one that cannot be read. Returns its exit code."""
        if not is_json:
            self.stdout.write(f"{file}:")
        try:
            return int(self._check(file, ratio, is_json=is_json, name=str(file)))
        except CommandError as exc:
            self.stderr.write(str(exc))
            return REFUSED

    def _check(self, file: Path, ratio: str, *, is_json: bool, name: str = "") -> bool:
        """Check one file and print what was found; whether a rule is broken. Raises CommandError (REFUSED)."""
        if not file.is_file():
            what = "is not a file" if file.exists() else "does not exist"
            raise CommandError(f"{file} {what}.", returncode=REFUSED)
        try:
            receipt = check_file(str(file.resolve()), aspect_ratio=ratio)
        except MediaError as exc:
            if is_json:
                error = {"code": exc.code, "message": str(exc)}
                self._write({"passed": False, "error": error}, name=name)
            tail = f"\n{exc.tail}" if isinstance(exc, ToolError) and exc.tail else ""
            raise CommandError(
                f"{file} cannot be checked. {exc}{tail}", returncode=REFUSED
            ) from exc
        if is_json:
            self._write({"passed": not receipt.broken, **receipt.to_json()}, name=name)
        else:
            self._say(receipt)
        return bool(receipt.broken)

    def _write(self, result: dict[str, Any], *, name: str) -> None:
        """One file's result over several lines, or one of many on a line of its own."""
        named = {"file": name, **result} if name else result
        indent = None if name else 1
        self.stdout.write(json.dumps(named, indent=indent, ensure_ascii=False))

    def _say(self, receipt: Receipt) -> None:
        """Print one line for each rule, broken ones first, and the totals."""
        shown = rule_results(receipt.to_json())
        for check in sorted(shown, key=lambda check: (BROKEN, WARNING, OK).index(check.state)):
            expected = "" if check.state == OK else f" (wanted {check.expected})"
            self.stdout.write(f"{MARKS[check.state]:8} {check.label}: {check.measured}{expected}")
        broken, warnings = len(receipt.broken), len(receipt.warnings)
        self.stdout.write(f"{len(shown)} rules, {broken} broken, {warnings} warnings")
