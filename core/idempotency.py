"""Idempotency keys: a request that is sent twice with the same key has one effect."""

from dataclasses import dataclass

from core.errors import CoreCode, HeimdexError

MAX_LENGTH = 255


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A client's key for one request, and the fingerprint of that request.

    `value` is empty for a request without a key. `fingerprint` is empty where the caller vouches that equal keys are
    equal requests, as a form does whose key is random.
    """

    value: str = ""
    fingerprint: str = ""

    def check(self, stored_fingerprint: str) -> None:
        """Raise IDEMPOTENCY_KEY_REUSED when the stored request with this key was another one."""
        known = self.fingerprint and stored_fingerprint
        if known and self.fingerprint != stored_fingerprint:
            raise HeimdexError(CoreCode.IDEMPOTENCY_KEY_REUSED, {"idempotency_key": self.value})
