# Each target sets up what it needs on a machine that has Python 3.11 or newer, make and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: serve test lint check check-the-checker bench bench-peers bench-plugin docs clean

# Options go on: make serve ARGS="--auth world"
serve: $(VENV)/serve.stamp
	@exec $(BIN)/mockserver serve $(ARGS)

test: $(VENV)/dev.stamp
	$(BIN)/pytest -n 3

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: $(VENV)/dev.stamp
	$(BIN)/mockserver check --seed 1

# Takes more than an hour; `python -m benchmarks.check_the_checker --help` tells how to take less, and what more there is.
check-the-checker: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks.check_the_checker --write docs/checking-table.md

# What a request costs, counted and compared with what it did, then timed beside bare aiohttp; about half an hour.
bench: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks.counted_work
	$(BIN)/python -m benchmarks.serving --write docs/performance.md

# The same beside other mock servers, which npm installs; `python -m benchmarks.serving --help` tells what else there is.
bench-peers: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks.serving --peers --write docs/performance.md

# What the fixture `customer_api` costs a test.
bench-plugin: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks.plugin_share

docs: $(VENV)/dev.stamp
	$(BIN)/python docs/generate.py

clean:
	rm -rf $(VENV)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, $(PYTHON) is " + sys.version.split()[0] + "; run make PYTHON=…" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/serve.stamp: pyproject.toml | $(BIN)/python
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable . >&2
	@touch $@

$(VENV)/dev.stamp: pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/serve.stamp
