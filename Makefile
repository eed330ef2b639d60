# The first command to run is `make`: it says what there is.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:

# The first Python from 3.10 on that is found; `make PYTHON=/path/to/python3.12 setup` takes another.
PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11 python3.10 python,\
	$(shell $(name) -c 'import sys; sys.version_info >= (3, 10) and print("$(name)")' 2>/dev/null)))
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV := env -u VIRTUAL_ENV -u UV_PYTHON UV_PROJECT_ENVIRONMENT=$(VENV) UV_PYTHON_DOWNLOADS=never $(BIN)/uv
WORKERS ?= 3

# Images of containers often set it. The tests start programs by the hundred, and each would compile all of its
# modules anew, which takes three times as long as it does to start.
unexport PYTHONDONTWRITEBYTECODE

PACKAGES := lightfield_api tap_lightfield target_lightfield lightfield_sandbox

.PHONY: help setup demo test lint format settings clean

help: ## Show this
	@echo "The Lightfield connector: tap-lightfield and target-lightfield"
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "It needs Python 3.10 or later and the network; everything it installs stays in this folder."

setup: $(READY) ## Make .venv with everything the other commands need

demo: $(READY) ## See the connector work; with KEEP=1 the database, the sandboxes and the report stay up until Ctrl-C
	@$(BIN)/python -m demo $(if $(KEEP),--keep)

test: $(READY) ## Run every test; a skipped one counts as failed
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -p tests.end_to_end.no_skips

lint: $(READY) ## Check format, style, types and who imports whom
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY) ## Put the code into its format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

settings: $(READY) ## Write into meltano.yml, hub/, README.md, docs/ and the JSON Schema of presets what the code says
	@$(BIN)/python -m demo.settings

clean: ## Remove everything that the other commands made
	rm -rf $(VENV) .demo .meltano .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .nox dist output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml uv.lock
	@test -n "$(PYTHON)" || { echo "No Python 3.10 or later was found: install one, or name it with make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
		echo "$(PYTHON) is older than Python 3.10: name a newer one with make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || { echo "Making $(VENV) with $$($(PYTHON) --version)"; rm -rf $(VENV); \
		$(PYTHON) -m venv $(VENV) >$(VENV).log 2>&1 && rm -f $(VENV).log || { \
		cat $(VENV).log >&2; rm -rf $(VENV) $(VENV).log; \
		echo "This Python can't make an environment; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }; }
	@$(BIN)/uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@echo "Installing what uv.lock names"
	@$(UV) sync --quiet --locked --all-extras --python $(BIN)/python
	@touch $@
