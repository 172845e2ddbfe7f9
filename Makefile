# From a fresh checkout: `make demo` to try the product out, `make test` to check it. Needs Python 3.11 or later.
PYTHON ?= python3
# What pytest is to be told besides: make test ARGS="tests/people -k sign_in"
ARGS ?=
# Which part is to be measured: make bench PART=imports
PART ?=

BIN := .venv/bin
FRONTEND := servicedesk/frontend
BUILD := servicedesk/static/build
# What is set up is marked with a checksum of the files it came from, so that a change sets it up again and nothing else does.
checksum = $(shell cat $(1) | cksum | cut -d' ' -f1)
RUN_READY := .venv/run-$(call checksum,requirements.txt)
DEV_READY := .venv/dev-$(call checksum,requirements-dev.txt)
NODE_READY := .venv/node-$(call checksum,requirements-frontend.txt)
BENCH_READY := .venv/bench-$(call checksum,requirements-bench.txt)
PACKAGES_READY := $(FRONTEND)/node_modules/ready-$(call checksum,$(FRONTEND)/package-lock.json)
BUILD_READY := $(BUILD)/ready-$(call checksum,$(FRONTEND)/package-lock.json $(FRONTEND)/package.json $(FRONTEND)/*.scss $(FRONTEND)/*.js)
# The machine's own npm where its Node is at least 20.19, as Sass needs; else the one that comes as a Python package.
NPM := $(shell node -e 'const [a, b] = process.versions.node.split("."); process.exit(a * 100 + +b < 2019 ? 1 : 0)' 2>/dev/null && command -v npm)
NPM_READY := $(if $(NPM),,$(NODE_READY))

.PHONY: demo test lint lock frontend bench .venv

demo: $(RUN_READY) $(BUILD_READY)
	@exec $(BIN)/python manage.py demo $(if $(PORT),--port $(PORT))

test: $(DEV_READY) $(BUILD_READY)
	@$(BIN)/python tests/run.py $(ARGS)

lint: $(DEV_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	ENVIRONMENT=test SECRET_KEY=a-key-for-lint-alone-0123456789-abcdefghijklmnopqrstuvwxyz $(BIN)/mypy .

bench: $(DEV_READY) $(BENCH_READY) $(BUILD_READY)
	@$(BIN)/python -m bench $(PART)

frontend: $(BUILD_READY)

.venv: $(RUN_READY)

# Afresh from pyproject.toml and package.json: the newest versions that they allow.
lock: .venv/lock-tools/bin/uv $(NPM_READY)
	$< pip compile $(LOCK) pyproject.toml -o requirements.txt
	$< pip compile $(LOCK) --extra dev pyproject.toml -o requirements-dev.txt
	$< pip compile $(LOCK) --group pyproject.toml:frontend -o requirements-frontend.txt
	$< pip compile $(LOCK) --constraint requirements.txt --group pyproject.toml:bench -o requirements-bench.txt
	cd $(FRONTEND) && $(WITH_NPM) install --package-lock-only
LOCK := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url
WITH_NPM := $(if $(NPM),$(NPM),PATH="$(abspath $(BIN)):$$PATH" npm) --no-update-notifier

.venv/lock-tools/bin/uv: | $(BIN)/python
	$(BIN)/python -m venv .venv/lock-tools
	.venv/lock-tools/bin/pip install --quiet uv

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv .venv

$(RUN_READY) $(DEV_READY) $(NODE_READY) $(BENCH_READY): | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK_FILE)
	@touch $@
$(RUN_READY): LOCK_FILE := requirements.txt
$(DEV_READY): LOCK_FILE := requirements-dev.txt
$(NODE_READY): LOCK_FILE := requirements-frontend.txt
$(BENCH_READY): LOCK_FILE := requirements-bench.txt

$(PACKAGES_READY): | $(NPM_READY)
	cd $(FRONTEND) && $(WITH_NPM) ci --no-fund --no-audit --loglevel=error
	@touch $@

$(BUILD_READY): $(PACKAGES_READY)
	cd $(FRONTEND) && $(WITH_NPM) run --silent build
	@rm -f $(BUILD)/ready-* && touch $@
