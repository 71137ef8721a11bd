# make run | make test | make bench | make lint | make help

PYTHON ?= python3
# For pytest: make test ARGS="tests/messaging -k send". For the benchmarks: make bench ARGS="ping dms"
ARGS ?=

VENV := .venv
IN_VENV := $(VENV)/bin/python
SYNC := $(VENV)/bin/uv pip sync --quiet --require-hashes --only-binary :all: --python $(IN_VENV)
# No header: it would hold this machine's paths. No index: each machine has its own.
COMPILE := $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url --no-emit-find-links

.DELETE_ON_ERROR:
.PHONY: run test bench lint requirements clean help

run: $(VENV)/.base ## Run the whole: servers, web, worker, demo. By the environment: HOST, PORT, DATA_DIR, …
	@exec $(IN_VENV) manage.py serve

test: $(VENV)/.dev ## Run every test. REQUIRE_ALL=1 fails where a program is missing, instead of skipping.
	@$(IN_VENV) -m pytest --numprocesses auto --maxprocesses 4 --dist loadgroup --max-worker-restart 0 $(ARGS)

bench: $(VENV)/.base ## Measure what the product costs, on a copy of its own. ARGS="ping dms", ARGS=--help: docs/performance.md
	@$(IN_VENV) -m tests.benchmarks $(ARGS)

lint: $(VENV)/.dev ## Check style, types, layers, templates and migrations.
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/uv pip check --quiet --python $(IN_VENV)
	$(VENV)/bin/djlint --quiet --check templates
	$(VENV)/bin/djlint --quiet --lint templates
	$(IN_VENV) manage.py makemigrations --check --dry-run
	$(IN_VENV) manage.py lint_migrations

requirements: $(VENV)/.dev ## Compile requirements/ anew from pyproject.toml; UPGRADE=--upgrade takes the newest versions.
	$(COMPILE) $(UPGRADE) --output-file requirements/base.txt pyproject.toml
	$(COMPILE) $(UPGRADE) --output-file requirements/dev.txt --extra dev pyproject.toml
	$(COMPILE) $(UPGRADE) --output-file requirements/uv.txt requirements/uv.in

.PHONY: screenshots
screenshots: $(VENV)/.dev ## Take the README's pictures anew, of a demo of their own. Needs Chromium.
	@$(IN_VENV) -m tests.web.screenshots

.PHONY: icons
icons: $(VENV)/.dev ## Make the sound of a message and the installed app's icons anew, from static/img/logo.svg. Needs Chromium.
	@$(IN_VENV) -m tests.web.sound
	@$(IN_VENV) -m tests.web.icons

clean: ## Remove what can be made again: the virtual environment and the tools' caches. Data stays.
	rm -rf $(VENV) .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache test-results
	find . -name __pycache__ -not -path './var/*' -prune -exec rm -rf {} +

help: ## Show this.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r target text; do \
		printf '%-20s %s\n' "$$target" "$$text"; done

# uv itself comes with hashes too.
$(VENV)/.uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || { \
		echo "Python 3.11, 3.12 or 3.13 is needed, and $(PYTHON) is" \
		"$$(command -v $(PYTHON) >/dev/null && $(PYTHON) --version 2>&1 || echo 'not there'): name another with PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(IN_VENV) -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r $<
	@touch $@

# What the tests need includes what running needs: an environment that has it keeps it.
$(VENV)/.base: $(VENV)/.uv requirements/base.txt
	@if [ -e $(VENV)/.dev ]; then $(SYNC) requirements/dev.txt; else $(SYNC) requirements/base.txt; fi
	@touch $@

$(VENV)/.dev: $(VENV)/.uv requirements/dev.txt
	@$(SYNC) requirements/dev.txt
	@touch $@ $(VENV)/.base
