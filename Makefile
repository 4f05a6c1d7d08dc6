# The index of commands. `make demo` and `make test` set everything up by themselves.
PYTHON ?= python3
BIN = .venv/bin
JOBS ?= auto
.DEFAULT_GOAL = help

PIP = $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes

.venv/pip: deploy/pip.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) -r deploy/pip.lock
	@touch $@

.venv/runtime: requirements.lock pyproject.toml .venv/pip
	@echo "Installing Chorus (once) …"
	@$(PIP) --no-compile --no-deps -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@$(BIN)/python -m compileall -q -j 0 .venv/lib >/dev/null || true  # a dependency may bring files of other Python versions
	@touch $@

.venv/development: requirements-dev.lock pyproject.toml .venv/pip
	@echo "Installing Chorus and what its tests need (once) …"
	@$(PIP) --no-compile --no-deps -r requirements-dev.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@ .venv/runtime

.PHONY: demo test faults full unit e2e pds containers lint types bench pictures golden looks data-map package sbom audit lock help

demo: .venv/runtime  ## The whole bot in your browser, with a made-up organisation
	@exec $(BIN)/chorus demo --port $${PORT:-8000}

test: .venv/development  ## The tests, a sixth of the long ones (e2e needs Node and Chromium, else it is left out and says so)
	@$(BIN)/pytest -rs -n $(JOBS) --dist worksteal $(ARGS)

faults: .venv/development  ## Faults at their full size: kills, outages, wrong clocks, versions, damage (half an hour)
	@CHORUS_TESTS=full $(BIN)/pytest -rs -n $(JOBS) --dist worksteal --timeout=3600 tests/faults tests/storage/test_backup.py tests/storage/test_query_plans.py $(ARGS)

full: .venv/development  ## All tests at their full size, with the coverage of the code (an hour and more)
	@CHORUS_TESTS=full $(BIN)/pytest -rs -n $(JOBS) --dist worksteal --timeout=3600 --cov --cov-report=term:skip-covered $(ARGS)

unit: .venv/development  ## All tests but e2e
	@$(BIN)/pytest -n $(JOBS) -m "not e2e" $(ARGS)

e2e: .venv/development  ## The stories in the playground, Slack and Teams
	@CHORUS_E2E=required $(BIN)/pytest tests/e2e $(ARGS)

lint: .venv/development  ## Style, format, and which way imports run
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports

types: .venv/development  ## mypy: --strict outside tests; in tests, that they call what there is
	@$(BIN)/mypy

pds: .venv/development  ## Publishing to a real server of Bluesky, from npm; its first build takes minutes
	@cd tests/pds && npm ci --ignore-scripts --no-audit --no-fund --silent
	@cd tests/pds/node_modules/better-sqlite3 && test -d build/Release || \
		npx node-gyp rebuild --release --nodedir="$$(dirname "$$(dirname "$$(readlink -f "$$(command -v node)")")")" >/dev/null
	@CHORUS_PDS=required $(BIN)/pytest -q tests/adapters/networks/test_real_pds.py

containers: .venv/development  ## The image built and the compose file started (docker, or CHORUS_ENGINE and CHORUS_COMPOSE)
	@$${CHORUS_ENGINE:-docker} build -t chorus -f Containerfile .
	@CHORUS_CONTAINERS=required $(BIN)/pytest -q -n 0 tests/deploy/test_containers.py $(ARGS)

bench: .venv/development  ## Benchmarks; each prints JSON with its baseline beside it
	@for file in tests/benchmarks/bench_*.py; do $(BIN)/python $$file || exit 1; done

pictures: .venv/development  ## Make the pictures of the documentation anew, by the e2e stories
	@CHORUS_TESTS=full CHORUS_E2E=required CHORUS_PICTURES=1 $(BIN)/pytest tests/e2e -q

golden: .venv/development  ## Write the golden files anew (then read their diff)
	@$(BIN)/pytest -q tests/golden --snapshot-update

looks: .venv/development  ## Draw the kept pictures of the console anew (then look at each)
	@CHORUS_LOOKS=anew CHORUS_E2E=required $(BIN)/pytest -q tests/e2e/test_looks.py

data-map: .venv/development  ## Write docs/data-map.md anew from the models
	@$(BIN)/python -m storage.privacy.describe > docs/data-map.md

package: .venv/development  ## The wheel and the source archive in dist/; the same commit gives the same bytes
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m hatchling build

sbom: .venv/development  ## The bill of materials of an installation, deploy/sbom.cdx.json (after `make lock`)
	@rm -rf .venv/installed && deploy/install.sh .venv/installed
	@$(BIN)/python deploy/sbom.py .venv/installed deploy/sbom.cdx.json && rm -rf .venv/installed

audit: .venv/development  ## Known vulnerabilities of what is locked; fails, too, where they cannot be looked up
	@for lock in requirements.lock requirements-dev.lock; do \
		$(BIN)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off -r $$lock || exit 1; done

lock:  ## Pin the newest versions that pyproject.toml allows, with hashes and no addresses (needs uv)
	echo pip | uv pip compile - --universal -p 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -U -o deploy/pip.lock
	uv pip compile pyproject.toml --universal -p 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -U -o requirements.lock
	uv pip compile pyproject.toml --extra dev --universal -p 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -U -o requirements-dev.lock

help:  ## This list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/ —/'
