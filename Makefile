# Needs Python 3.11 or newer and make. What else is missing is set up at the first use, and again
# when pyproject.toml changes. Options go into ARGS: make run ARGS="--episodes 20 --seed 3"

PYTHON = $(shell for each in python3.11 python3 python3.12 python3.13 python3.14 python; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
READY := .venv/.ready
TRAINS := .venv/.trains
BIN := .venv/bin/
# All tests go to several processes; those that ARGS names stay in one, where a debugger works.
SPREAD := -n auto --maxprocesses 8 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help run test test-train check lint types layers fix

help:           ## list what there is (the default)
	@sed -n 's/^\([a-z-]*\):.*## /\1 - /p' Makefile

run: $(READY)   ## one command from nothing: set up, then make a dataset
	@$(BIN)python run.py $(ARGS)

test: $(READY)  ## one command from nothing: set up, then run the tests
	@$(BIN)python -m pytest $(or $(ARGS),$(SPREAD))

test-train: $(TRAINS)   ## trainers take the exports; needs torch, a CPU build will do
	@$(BIN)python -m pytest tests/train tests/test_export_round_trip.py tests/test_export_croissant.py $(ARGS)

check: lint types layers test   ## everything the gate runs

lint: $(READY)   ## style and bans
	@$(BIN)python -m ruff check . && $(BIN)python -m ruff format --check .

types: $(READY)  ## mypy, strict
	@$(BIN)python -m mypy

layers: $(READY) ## which package may import which
	@$(BIN)lint-imports --no-logo

fix: $(READY)    ## mend what ruff can mend
	@$(BIN)python -m ruff check --fix . && $(BIN)python -m ruff format .

$(READY): pyproject.toml
	@echo "Setting up .venv (once; needs a package index)" >&2
	@if command -v uv >/dev/null; then \
		uv venv --quiet --allow-existing .venv && uv pip install --quiet --python .venv --editable '.[dev]'; \
	elif [ -n "$(PYTHON)" ]; then \
		$(PYTHON) -m venv .venv && $(BIN)python -m pip install --quiet --editable '.[dev]'; \
	else \
		echo "No Python 3.11 or newer was found; install one (python.org) or uv, then try again" >&2; exit 1; \
	fi
	@touch $@

# Without torch this would fetch the build for the largest machines, which is ten times as large.
$(TRAINS): $(READY)
	@$(BIN)python -c 'import importlib.util, sys; sys.exit(not importlib.util.find_spec("torch"))' || \
		{ echo "torch is not installed in .venv: put a CPU build there, see docs/training.md" >&2; exit 1; }
	@if command -v uv >/dev/null; then uv pip install --quiet --python .venv --editable '.[train]'; \
	else $(BIN)python -m pip install --quiet --no-compile --editable '.[train]'; fi
	@touch $@
