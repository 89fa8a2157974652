# One command each, alone on a bare machine: `make demo`, `make test`, `make lint`, `make bench`, `make fault`, `make browser`,
# `make soak`.
# Needs make and Python 3.11 or newer; everything else goes into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := appeals db cli.py
MADE := $(VENV)/.made
PROGRAM := $(VENV)/.program
DEVELOPMENT := $(VENV)/.development

# With PYTHONDONTWRITEBYTECODE every start compiles the program anew; PYTHONPATH and PYTHONHOME would bring in other people's modules.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench fault browser soak clean compiled

help:  ## say what there is
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name what; do printf 'make %-7s %s\n' "$$name" "$$what"; done

demo: $(PROGRAM) compiled  ## install the program and walk a made-up clinic through its first day
	@rm -rf demo
	$(BIN)/appeals demo

test: $(DEVELOPMENT) compiled  ## every test but the fault, browser and soak tests
	$(BIN)/python -m pytest -n 3 --dist worksteal -m "not fault and not browser and not soak"

lint: $(DEVELOPMENT)  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(DEVELOPMENT) compiled  ## the program beside its floors and peers, as a table and JSON
	$(BIN)/python benchmarks/clocks.py
	$(BIN)/python benchmarks/audit.py --log 100000
	$(BIN)/python benchmarks/remind.py --cases 100000
	$(BIN)/python benchmarks/intake.py
	$(BIN)/python benchmarks/run.py

fault: $(DEVELOPMENT) compiled  ## kill the program at every write (Linux, gcc); minutes
	$(BIN)/python -m pytest -m "fault and not soak" -s -rs

browser: $(DEVELOPMENT) compiled  ## print a copy of a trail with chromium, on two papers and a telephone
	$(BIN)/python -m pytest -m browser -s -rs

soak: $(DEVELOPMENT) compiled  ## minutes to hours
	$(BIN)/python -m pytest -m soak -s -rs

clean:  ## remove what the other commands made
	rm -rf $(VENV) build dist demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

compiled:
	@$(BIN)/python -m compileall -q $(SOURCES)

$(PROGRAM): pyproject.toml $(MADE)
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(DEVELOPMENT): pyproject.toml $(MADE)
	$(BIN)/python -m pip install --quiet --editable '.[dev,encrypted]'
	@touch $@ $(PROGRAM)

$(MADE):
	@command -v "$(PYTHON)" >/dev/null || { echo "$(PYTHON) was not found. Install Python 3.11 or newer, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than 3.11. Install Python 3.11 or newer, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv, then the same command again." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@
