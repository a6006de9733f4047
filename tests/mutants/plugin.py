"""A pytest plugin: with HEIMDEX_MUTANT in the environment, that control is off in this run."""

import os

import pytest

from tests.mutants.registry import REGISTRY

VARIABLE = "HEIMDEX_MUTANT"


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Django is set up by now, and no test module has been imported."""
    name = os.environ.get(VARIABLE)
    if name:
        REGISTRY[name].patch()
