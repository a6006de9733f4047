"""What tests tell the product's real processes beside its own settings: see `tests.process_settings`, which obeys."""

import json
from collections.abc import Mapping

SETTINGS = "tests.process_settings"  # their DJANGO_SETTINGS_MODULE
KILL_POINTS = "TESTS_KILL_POINTS"  # a folder of orders to die
OVERRIDES = "TESTS_OVERRIDES"  # fixed settings that have another value, as JSON


def overriding(settings: Mapping[str, object]) -> dict[str, str]:
    """The variables that give the product's processes these values of its fixed settings."""
    return {"DJANGO_SETTINGS_MODULE": SETTINGS, OVERRIDES: json.dumps(dict(settings))}


def lease(lease_s: int, heartbeat_s: int, sweep_s: int) -> dict[str, int]:
    """The settings of a lease."""
    return {"JOB_LEASE_S": lease_s, "JOB_HEARTBEAT_S": heartbeat_s, "JOB_SWEEP_S": sweep_s}
