# The commands of Heimdex. `make run` and `make test` install everything they need themselves.

PYTHON := $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
export PYTHON
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-input
PORT ?= 8000
HOST ?= 127.0.0.1

.DEFAULT_GOAL := help
.PHONY: help run install test faults bench check lint format types messages lock clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

run: $(VENV)/installed ## Start Heimdex on http://127.0.0.1:8000 (PORT=, HOST=, HEIMDEX_DATA_DIR=)
	@scripts/system-packages run
	@exec $(BIN)/python manage.py serve --prepare --demo --host $(HOST) --port $(PORT)

install: $(VENV)/installed-dev ## Everything needed to run, check and test
	@scripts/system-packages test

test: install ## All tests, with coverage
	@$(BIN)/coverage erase
	@$(BIN)/pytest --cov --cov-report= $(ARGS)
	@$(BIN)/coverage report --fail-under=90
	@$(BIN)/coverage report --include='exports/*' --fail-under=90

faults: install ## Kill, cut, fill and damage everything on real services, two hours; ARGS="redis --short" for less
	@status=0; $(BIN)/python -m tests.faults $(ARGS) || status=1; \
		$(if $(ARGS),,$(BIN)/python -m tests.mutants || status=1; $(BIN)/python -m tests.hostile.flips || status=1;) exit $$status

bench: install ## How fast Heimdex is beside bare ffmpeg, about 40 minutes on an idle machine; ARGS="poll waiting" for some rows
	@$(BIN)/python -m benchmarks.speed $(ARGS)

check: install lint types ## Lint, types, import contracts, deployment, migrations, API schema
	@$(BIN)/lint-imports --no-cache
	@scripts/check-deploy

lint: $(VENV)/installed-dev ## Style of Python and templates
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/djlint templates --lint --quiet
	@$(BIN)/djlint templates --check --quiet

format: $(VENV)/installed-dev ## Put code and templates into the house style
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format --quiet
	@$(BIN)/djlint templates --reformat --quiet

types: $(VENV)/installed-dev ## mypy --strict
	@$(BIN)/mypy --no-error-summary .

messages: $(VENV)/installed-dev ## Collect and compile the texts in English and Korean
	@$(BIN)/python manage.py makemessages --all --no-obsolete --no-location --no-wrap --ignore=.venv --ignore=data --ignore=tests
	@$(BIN)/python manage.py makemessages --all --no-obsolete --no-location --no-wrap --domain djangojs --ignore=.venv --ignore=data --ignore=static/vendor
	@$(BIN)/python manage.py compilemessages --ignore=.venv

lock: $(VENV)/installed-dev ## Resolve requirements*.in into requirements*.txt
	@for name in requirements requirements-dev requirements-test-s3; do \
		$(BIN)/uv pip compile --python-version 3.11.0 --quiet --generate-hashes --no-header --no-emit-index-url --no-annotate $$name.in -o $$name.txt; \
	done
	@cp requirements-test-s3.txt deploy/s3/requirements.txt

clean: ## Remove what was installed and built; data/ stays
	@rm -rf $(VENV) .test-services .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage*

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed." >&2; exit 1; }
	@scripts/system-packages run
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installed: requirements.txt | $(VENV)/python
	@echo "Installing Python packages; this takes a minute the first time."
	@$(PIP) --require-hashes -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	@$(PIP) --require-hashes -r requirements-dev.txt
	@touch $@
