"""The API against its own description: requests made from it, right ones and wrong ones, and no answer of 500.

`python -m tests.security.fuzz [examples]` runs the long form, on a database of its own, and prints the requests.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Err
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import response_schema_conformance

# The bodies of resumable uploads are bytes like others.
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")

LONG_EXAMPLES = 400
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
# What may never be read in an answer.
_NEVER = ("Traceback", "site-packages", "/heimdex/", "SECRET_KEY", "hdx_", "sqlite", "psycopg")
# Answers with these are about the machine, not about the request.
_MACHINE = {503, 507}


@dataclass
class Report:
    """A request and its response."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        answers = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        return f"{self.cases} cases ({answers}), {len(self.wrong)} wrong"


def fuzz(application: Any, *, token: str, ids: dict[str, str], examples: int) -> Report:
    """Ask every operation `examples` times rightly and as often wrongly.

    Half of the requests name things that are there, so that they get past the door.
    """
    schema = schemathesis.openapi.from_wsgi("/v1/schema?format=json", _closing(application))
    report = Report()
    for found in schema.get_all_operations():
        if isinstance(found, Err):
            report.wrong.append(f"the description itself: {found.err()}")
            continue
        for mode in MODES:
            _ask(found.ok(), mode, report, token=token, ids=ids, examples=examples)
    return report


def _closing(application: WSGIApplication) -> WSGIApplication:
    """The application with each answer read and closed at once, as servers do it and test clients do not."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        parts = application(environ, start_response)
        try:
            return [b"".join(parts)]
        finally:
            getattr(parts, "close", lambda: None)()

    return answer


def _ask(
    operation: APIOperation[Any, Any, Any, Any],
    mode: GenerationMode,
    report: Report,
    *,
    token: str,
    ids: dict[str, str],
    examples: int,
) -> None:
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
    def once(case: Case, real: bool) -> None:
        for name in case.path_parameters if real else ():
            case.path_parameters[name] = ids.get(name, case.path_parameters[name])
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        report.cases += 1
        report.statuses[answer.status_code] += 1
        problem = _problem(answer) or _undescribed(case, answer)
        if problem:
            report.wrong.append(f"{operation.label}: {problem}: {case.as_curl_command()[:1_000]}")

    once()


def _problem(answer: Any) -> str:
    """What is wrong with an answer; empty when nothing is."""
    status = answer.status_code
    if status >= 500 and status not in _MACHINE:
        return str(status)
    if answer.headers.get("x-content-type-options") != ["nosniff"]:
        return "no nosniff"
    text = answer.content.decode("utf-8", "replace")
    found = [word for word in _NEVER if word in text and "openapi" not in text[:20]]
    if found:
        return f"says {found}"
    if status >= 400 and status != 400 and '"error_code"' not in text:
        return f"{status} in another shape"
    return ""


def _undescribed(case: Case, answer: Any) -> str:
    """Where an answer is not as the description says; empty when it is."""
    try:
        case.validate_response(answer, checks=[response_schema_conformance])
    except FailureGroup as group:
        return "; ".join(str(failure) for failure in group.exceptions)
    return ""


def main(examples: int) -> int:
    """The long form: 0 when nothing was wrong."""
    import django  # noqa: PLC0415 - settings are chosen before it

    django.setup()
    from django.core.handlers.wsgi import WSGIHandler  # noqa: PLC0415
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases  # noqa: PLC0415

    setup_test_environment()
    made = setup_databases(verbosity=0, interactive=False)
    from tests.security.environment import make_api_seed  # noqa: PLC0415

    seed = make_api_seed()
    began = time.monotonic()
    report = fuzz(WSGIHandler(), token=seed.plain_token, ids=seed.path_ids, examples=examples)
    sys.stdout.write(
        "\n".join([*report.wrong[:50], f"{report} in {time.monotonic() - began:.0f} s"]) + "\n"
    )
    teardown_databases(made, verbosity=0)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    import os

    os.environ["DJANGO_SETTINGS_MODULE"] = "heimdex.settings.test"
    os.environ.setdefault(
        "HEIMDEX_LOG_LEVEL", "CRITICAL"
    )  # a line for each refused request is of no use here
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else LONG_EXAMPLES))
