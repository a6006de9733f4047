"""Controls of background jobs and of the limit, switched off."""

from typing import Any
from uuid import UUID

from tests.mutants.patching import replace


def leases_never_expire() -> None:
    """No lease expires."""
    from jobs import lease  # noqa: PLC0415 - Django must be set up

    replace(lease, expired_leases=lambda model, *, at: model._default_manager.none())


def leases_expire_at_once() -> None:
    """Every lease expires at once."""
    from jobs import lease  # noqa: PLC0415

    def expired(model: Any, *, at: Any) -> Any:
        return model._default_manager.filter(status=lease.PROCESSING)

    replace(lease, expired_leases=expired)


def writes_ignore_the_claim_token() -> None:
    """Writes do not check the claim's token."""
    from jobs import lease  # noqa: PLC0415

    def write(claim: "lease.Claim[Any]", **changes: Any) -> None:
        type(claim.row)._default_manager.filter(pk=claim.row.pk).update(**changes)

    replace(lease, write=write)


def attempts_share_a_key() -> None:
    """Every attempt of an export stores under the same key."""
    from exports import storage_keys  # noqa: PLC0415
    from exports.rendering import pipeline  # noqa: PLC0415

    same = UUID(int=0)
    replace(pipeline, attempt_key=lambda export, _token: storage_keys.attempt_key(export, same))


def user_row_is_not_locked() -> None:
    """The user's row is read without a lock."""
    from accounts.models import User  # noqa: PLC0415
    from exports import services  # noqa: PLC0415

    replace(services, _lock_user=lambda user_id: User.objects.get(pk=user_id))


def idempotency_keys_are_ignored() -> None:
    """Services do not look for an export with the same idempotency key."""
    from exports import services  # noqa: PLC0415

    replace(services, _existing=lambda _export: None)


def every_rule_passes() -> None:
    """Every rule of the finished file's check passes."""
    from mediakit.conformance import rules  # noqa: PLC0415

    def passed(
        name: str, expected: str, measured: str, *, ok: bool, hard: bool = True
    ) -> rules.RuleResult:
        return rules.RuleResult(name, True, expected, measured, hard)

    replace(rules, _result=passed)


def fingerprints_always_match() -> None:
    """Stored bytes count as equal to the bytes that were sent."""
    from storage import files  # noqa: PLC0415

    class AlwaysEqual(files.Fingerprint):
        def __eq__(self, _other: object) -> bool:
            return True

        def __ne__(self, _other: object) -> bool:
            return False

        __hash__ = None  # type: ignore[assignment]

    replace(files, fingerprint=lambda _key: AlwaysEqual(0, ""))


def progress_does_not_count() -> None:
    """The clock ends an attempt, however far it is."""
    from exports.rendering.attempt import Attempt  # noqa: PLC0415

    Attempt.progress = lambda _self, _stage, _fraction: None  # type: ignore[assignment, method-assign]


def computing_without_end() -> None:
    """A tool may use as much CPU time as its time limit has."""
    from exports.rendering import pipeline  # noqa: PLC0415

    replace(pipeline, cpu_limit_s=lambda _span_ms: 10**6)
