# `make run` and `make test` do all their own set-up on a fresh Debian machine with Python 3.11.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test try-telegram check setup setup-dev bench trust lock format clean

run: setup
	$(BIN)/klaster run

setup: $(VENV)/.installed

setup-dev: $(VENV)/.installed-dev

test: setup-dev
	./scripts/system-packages
	$(BIN)/python -m pytest

try-telegram: setup-dev
	$(BIN)/python -m tests.telegram.try_it

check: setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/klaster check

bench: $(VENV)/.installed-bench
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m bench

trust: setup-dev
	$(BIN)/python scripts/trust.py

# Every pin with its hash and without the address of any registry. The tests' lock first: what they need may be older.
COMPILE := $(BIN)/uv pip compile pyproject.toml --group build --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet
lock: setup-dev
	$(BIN)/pip install --quiet uv
	$(COMPILE) --group dev --output-file requirements-dev.lock
	$(COMPILE) --constraint requirements-dev.lock --output-file requirements.lock
	$(COMPILE) --group dev --group bench --constraint requirements-dev.lock --output-file requirements-bench.lock

format: setup-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-dev.lock
	touch $@

$(VENV)/.installed-bench: requirements-bench.lock $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-bench.lock
	touch $@
