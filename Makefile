# Two commands matter: `make demo` and `make test`. Each builds .venv if there is none.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test lint format types imports packs pytest model bench clean help

help:
	@echo 'make demo    scan the sample thread and review it'
	@echo 'make test    the whole gate: lint, format, types, imports, packs, pytest'
	@echo 'make model   fit the embedded model (needs the labelled data, see training/)'
	@echo 'make bench   measure speed against Detoxify'
	@echo 'make clean   remove .venv and caches'

# The stamp of a plain install, as a user gets it.
$(VENV)/.app: pyproject.toml
	@test -x $(BIN)/python || { echo 'building $(VENV) …'; $(PYTHON) -m venv $(VENV); }
	@$(PIP) --editable .
	@touch $@

# Everything the gate needs. torch comes first and by version, so that nothing else
# picks another build of it.
$(VENV)/.dev: pyproject.toml
	@test -x $(BIN)/python || { echo 'building $(VENV) …'; $(PYTHON) -m venv $(VENV); }
	@echo 'installing the test environment (with torch, about 1 GB) …'
	@$(PIP) torch==2.13.0
	@$(PIP) --editable '.[detoxify,plots,web,ray,train,dev]'
	@touch $@ $(VENV)/.app

demo: $(VENV)/.app
	@$(BIN)/moderation demo

test: lint types imports packs pytest

lint: $(VENV)/.dev
	@echo '— lint and format'
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.dev
	@echo '— types'
	@$(BIN)/mypy

imports: $(VENV)/.dev
	@echo '— import contracts'
	@$(BIN)/lint-imports

packs: $(VENV)/.dev
	@echo '— the rule packs'
	@$(BIN)/moderation rules check --strict rules
	@$(BIN)/moderation rules test rules

pytest: $(VENV)/.dev
	@echo '— pytest'
	@$(BIN)/pytest --numprocesses auto --dist worksteal -rs

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

model: $(VENV)/.dev
	@$(BIN)/python -m training.linear

bench: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.scan

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
