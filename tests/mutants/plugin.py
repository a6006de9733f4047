"""A pytest plugin that switches off the control named by HEIMDEX_MUTANT."""

import os

import pytest

from tests.mutants.registry import REGISTRY

VARIABLE = "HEIMDEX_MUTANT"


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Apply the patch after Django is set up and before test modules are imported."""
    name = os.environ.get(VARIABLE)
    if name:
        REGISTRY[name].patch()
