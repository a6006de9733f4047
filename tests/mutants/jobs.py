"""Controls of background jobs and of the limit, switched off."""

from types import ModuleType
from typing import Any
from uuid import UUID


def _replace(module: ModuleType, **functions: Any) -> None:
    for name, function in functions.items():
        if not hasattr(module, name):
            raise AttributeError(f"{module.__name__} has no {name}: the mutant changes nothing")
        setattr(module, name, function)


def nobody_is_silent() -> None:
    """The lease never runs out."""
    from jobs import lease  # noqa: PLC0415 - Django must be set up

    _replace(lease, expired_leases=lambda model, *, at: model._default_manager.none())


def everybody_is_silent() -> None:
    """The lease runs out at once."""
    from jobs import lease  # noqa: PLC0415

    def silent(model: Any, *, at: Any) -> Any:
        return model._default_manager.filter(status=lease.PROCESSING)

    _replace(lease, expired_leases=silent)


def anybody_writes() -> None:
    """Writes are not guarded by the claim's token."""
    from jobs import lease  # noqa: PLC0415

    def write(claim: "lease.Claim[Any]", **changes: Any) -> None:
        type(claim.row)._default_manager.filter(pk=claim.row.pk).update(**changes)

    _replace(lease, write=write)


def attempts_share_a_file() -> None:
    """Every attempt of an export stores under the same key."""
    from exports import storage_keys  # noqa: PLC0415
    from exports.rendering import pipeline  # noqa: PLC0415

    same = UUID(int=0)
    _replace(pipeline, attempt_key=lambda export, _token: storage_keys.attempt_key(export, same))


def nobody_waits() -> None:
    """The person's row is read without a lock."""
    from accounts.models import User  # noqa: PLC0415
    from exports import services  # noqa: PLC0415

    _replace(services, _lock_user=lambda user_id: User.objects.get(pk=user_id))


def keys_are_forgotten() -> None:
    """Nobody looks for an export with the same key."""
    from exports import services  # noqa: PLC0415

    _replace(services, _existing=lambda _export: None)


def every_file_is_good() -> None:
    """The check of the finished file finds nothing wrong."""
    from mediakit.conformance import rules  # noqa: PLC0415

    def kept(
        name: str, expected: str, measured: str, *, ok: bool, hard: bool = True
    ) -> rules.RuleResult:
        return rules.RuleResult(name, True, expected, measured, hard)

    _replace(rules, _result=kept)


def bytes_are_not_compared() -> None:
    """What storage gives back is taken for what it was given."""
    from storage import files  # noqa: PLC0415

    class Anything(files.Fingerprint):
        def __eq__(self, _other: object) -> bool:
            return True

        def __ne__(self, _other: object) -> bool:
            return False

        __hash__ = None  # type: ignore[assignment]

    _replace(files, fingerprint=lambda _key: Anything(0, ""))
