# The commands of Heimdex. `make run` and `make test` install everything they need themselves.
# PYTHON= chooses the Python to install with; otherwise the oldest that will do, as locks know the wheels of their time.

# Where packages are installed; `.ci/run` takes a new folder each time.
VENV ?= .venv
export VENV
BIN := $(VENV)/bin
# Empty unless the virtual environment lost its Python, as after an upgrade of the system.
BROKEN := $(shell [ ! -e $(VENV)/installed ] || $(BIN)/python -c '' 2>/dev/null || echo broken)
PORT ?= 8000
HOST ?= 127.0.0.1

.DEFAULT_GOAL := help
.PHONY: help run install speech-model test pythons faults bench scale searchspeed check lint format types contracts messages lock upgrade outdated audit clean broken

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

run: $(VENV)/installed ## Start Heimdex on http://127.0.0.1:8000 (PORT=, HOST=, HEIMDEX_DATA_DIR=, SPEECH=no)
	@scripts/system-packages run
	@$(if $(filter no,$(SPEECH)),HEIMDEX_SPEECH_MODEL=none) exec $(BIN)/python manage.py serve --prepare --demo --host $(HOST) --port $(PORT)

install: $(VENV)/installed-dev $(VENV)/installed-node speech-model ## Everything needed to run, check and test
	@scripts/system-packages run test

speech-model: $(VENV)/installed
	@$(BIN)/python -m tests.speech_model

test: install ## All tests, with coverage
	@node --test $(shell find tests/js -name '*.test.js')
	@$(BIN)/coverage erase
	@$(BIN)/pytest --cov --cov-report= $(ARGS)
	@$(BIN)/coverage report --fail-under=90
	@$(BIN)/coverage report --include='exports/*' --fail-under=90

pythons: ## Install, check, migrate and make a Short on every Python from 3.11 that is here
	@scripts/system-packages python run
	@scripts/pythons | while read -r python; do scripts/check-python "$$python" </dev/null || exit 1; done

faults: install ## Kill, cut, fill and damage everything on real services, two hours; ARGS="redis --short" for less
	@status=0; $(BIN)/python -m tests.faults $(ARGS) || status=1; \
		$(if $(ARGS),,$(BIN)/python -m tests.mutants || status=1; $(BIN)/python -m tests.hostile.flips || status=1;) exit $$status

bench: install ## How fast Heimdex is beside bare ffmpeg, about 40 minutes on an idle machine; ARGS="poll waiting" for some rows
	@$(BIN)/python -m benchmarks.speed_table $(ARGS)

scale: install ## What pages cost with 20,000 videos and 3,000,000 cues on PostgreSQL, about 5 minutes
	@$(BIN)/python -m benchmarks.operations.scale

searchspeed: install ## How fast search is with a million scenes on SQLite and PostgreSQL; ARGS="--scenes 30000" for fewer
	@$(BIN)/python -m benchmarks.search.speed $(ARGS)

# Types take about as long as all the others together, so they are checked beside them.
check: install ## Lint, types, import contracts, deployment, migrations, API schema
	@$(MAKE) --no-print-directory --jobs=2 types lint contracts

lint: $(VENV)/installed-dev ## Style of Python and templates, unused CSS, missing translations
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/djlint templates --lint --quiet
	@$(BIN)/djlint templates --check --quiet
	@$(BIN)/python -m scripts.check_css
	@$(BIN)/python -m scripts.check_messages

format: $(VENV)/installed-dev ## Put code and templates into the house style
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format --quiet
	@$(BIN)/djlint templates --reformat --quiet

types: $(VENV)/installed-dev $(VENV)/installed-node ## mypy --strict, and tsc for the scripts of the pages
	@$(BIN)/mypy --no-error-summary .
	@node_modules/.bin/tsc

contracts: $(VENV)/installed-dev ## Import contracts, deployment, migrations, API schema
	@$(BIN)/lint-imports --no-cache
	@scripts/check-deploy

messages: $(VENV)/installed-dev ## Collect and compile the texts in English and Korean
	@$(BIN)/python manage.py makemessages --all --no-obsolete --no-location --no-wrap --ignore=.venv --ignore=data --ignore=tests
	@$(BIN)/python manage.py makemessages --all --no-obsolete --no-location --no-wrap --domain djangojs --ignore=.venv --ignore=data --ignore=node_modules --ignore=static/vendor
	@$(BIN)/python manage.py compilemessages --ignore=.venv

lock: $(VENV)/installed-dev ## Write what pyproject.toml asks for into requirements*.txt; keeps the versions that are there
	@BIN=$(BIN) scripts/lock .

upgrade: $(VENV)/installed-dev ## Lock the newest versions that pyproject.toml allows
	@BIN=$(BIN) scripts/lock . --upgrade

outdated: $(VENV)/installed-dev ## Newer versions of what is locked, also beyond what pyproject.toml allows
	@$(BIN)/python -m scripts.outdated
	@npm outdated || true

audit: $(VENV)/installed $(VENV)/audit/installed ## Known vulnerabilities and licences of what Heimdex runs on
	@$(BIN)/python -m scripts.audit

clean: ## Remove what was installed and built; data/ stays
	@rm -rf $(VENV) node_modules .test-services .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage*

# A new virtual environment whenever a lock changed, so that nothing stays of what was locked before.
$(VENV)/installed: requirements.txt requirements-dev.txt $(BROKEN)
	@scripts/make-venv $(VENV) requirements.txt
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@scripts/install-lock $(VENV) requirements-dev.txt
	@touch $@

$(VENV)/audit/installed: requirements-audit.txt $(VENV)/installed
	@$(BIN)/python -m venv --clear $(VENV)/audit
	@scripts/install-lock $(VENV)/audit requirements-audit.txt
	@touch $@

# What checks the scripts of the pages; running Heimdex needs no Node.js.
$(VENV)/installed-node: package-lock.json $(VENV)/installed
	@scripts/system-packages test
	@npm ci --ignore-scripts --silent
	@touch $@
