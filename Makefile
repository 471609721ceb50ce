# make demo    archive two sample articles and read them back
# make test    the whole gate: what `check` does, then every test
# make next    a second environment with the newest pre-release of Datasette, which the tests then use too
# make browser what the tests in Chromium need beside Debian's chromium: playwright and axe-core (npm)
# make check   format, lint, types, import contracts, generated documents
#
# Needs Python 3.10 or newer with venv; everything else goes into .venv.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help demo test check venv next browser clean

help:
	@sed -n 's/^# \{0,1\}//p;/^$$/q' Makefile

demo: $(VENV)/.installed
	@rm -f demo.db demo.db-wal demo.db-shm
	@echo '$$ archiver add demo.db data/samples'
	@$(BIN)/archiver add demo.db data/samples
	@echo
	@echo '$$ archiver search demo.db light'
	@$(BIN)/archiver search demo.db light
	@echo
	@echo 'The archive is demo.db. Look further:'
	@echo '  $(BIN)/archiver stats demo.db'
	@echo '  $(BIN)/archiver export demo.db --csv'
	@echo '  $(BIN)/archiver extract --cards data/samples/lighthouse.html'
	@echo '  $(BIN)/archiver -h'

test: check
	$(BIN)/python -m pytest

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if [ -e tests/docs.py ]; then echo "$(BIN)/python -m tests.docs --check"; $(BIN)/python -m tests.docs --check; fi

venv: $(VENV)/.installed-dev

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo 'archiver needs Python 3.10 or newer: make PYTHON=/path/to/python3 $(MAKECMDGOALS)' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo 'Python has no venv here: install it (Debian, Ubuntu: apt install python3-venv)' >&2; exit 1; }

$(VENV)/.installed: setup.cfg pyproject.toml | $(VENV)/bin/python
	@echo 'Installing archiver into $(VENV) ...'
	@$(PIP) --editable .
	@touch $@

$(VENV)/.installed-dev: setup.cfg pyproject.toml | $(VENV)/bin/python
	@echo 'Installing archiver and its development tools into $(VENV) ...'
	@$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.installed

next: .venv-next/.installed

.venv-next/.installed: setup.cfg
	@$(PYTHON) -m venv .venv-next
	@echo 'Installing archiver and the next Datasette into .venv-next ...'
	@.venv-next/bin/python -m pip install --quiet --disable-pip-version-check --pre 'datasette>=1.0a0' nh3 pytest hypothesis
	@.venv-next/bin/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

browser: $(VENV)/.installed-dev
	@$(PIP) playwright
	@npm install --silent --no-save --no-package-lock axe-core

clean:
	rm -rf $(VENV) .venv-next build dist *.egg-info demo.db demo.db-wal demo.db-shm
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
