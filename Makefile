# Two commands: `make run` starts everything, `make test` proves it.
# They need Python 3.11 or newer with venv; tests use more where it is installed (see .ci/run).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := run
.PHONY: run test faults lint types floors bench bench-quick bench-peers openapi locks clean help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
POSTGRES_15 := /usr/lib/postgresql/15/bin/postgres

# What is asked of PostgreSQL 15 again: where CI is set everything that touches the database, at a
# desk what hangs on its SQL, its wall, its locks, its plans and its queue, and every journey.
AGAIN := $(if $(CI),tests,$(addprefix tests/,access database domain isolation jobs journal journeys) \
	$(addprefix tests/faults/,test_lost_races.py test_lost_answer.py test_migration.py) \
	$(wildcard tests/routers/test_ticket*.py tests/routers/test_change*.py \
		tests/routers/approvals/test_*.py tests/routers/changes/test_*.py \
		tests/routers/test_bulk.py tests/routers/test_by_reference.py \
		tests/routers/test_dashboards.py tests/routers/test_history.py tests/routers/test_races.py))

# Made when a lock was installed; out of date when the lock is newer.
RUN_STAMP := $(VENV)/.installed-runtime
DEV_STAMP := $(VENV)/.installed-dev

## run: start everything on http://127.0.0.1:8000 (see SKRANKE_PORT, SKRANKE_DATA_DIR)
run: $(RUN_STAMP)
	@exec $(BIN)/skranke run

## test: rules, types, floors, and every test on PostgreSQL 18, and what hangs on it on 15
test: lint types floors
	@echo "== Tests on PostgreSQL 18"
	SKRANKE_TEST_POSTGRES=18 $(BIN)/python -m pytest -n auto
	@if [[ -x $(POSTGRES_15) ]]; then \
		echo "== Tests that touch the database, on PostgreSQL 15"; \
		SKRANKE_TEST_POSTGRES=15 $(BIN)/python -m pytest -n auto -m database $(AGAIN); \
	else \
		echo "== NOT TESTED on PostgreSQL 15: it is not installed (Debian: postgresql-15)"; \
		[[ -z "$${CI:-}" ]]; \
	fi

## faults: what is broken on purpose, at full measure (some 10 minutes; see tests/faults/README.md)
faults: $(DEV_STAMP)
	SKRANKE_FAULTS=thorough $(BIN)/python -m pytest -n 0 -s --timeout 1800 tests/faults

## lint: ruff's rules and its format
lint: $(DEV_STAMP)
	@echo "== Rules and format"
	$(BIN)/ruff check
	$(BIN)/ruff format --check

## types: mypy --strict
types: $(DEV_STAMP)
	@echo "== Types"
	$(BIN)/mypy

## floors: what may import what
floors: $(DEV_STAMP)
	@echo "== Floors"
	$(BIN)/lint-imports

## bench: the API beside its floor at a million tickets (half an hour; see benchmarks/README.md)
bench: $(DEV_STAMP)
	$(BIN)/python -m benchmarks.compare

## bench-quick: the same with ten thousand tickets, in some minutes
bench-quick: $(DEV_STAMP)
	$(BIN)/python -m benchmarks.compare --quick

## bench-peers: beside other help desks, in turns (some minutes; fetches django-helpdesk)
bench-peers: $(DEV_STAMP)
	$(BIN)/python -m benchmarks.peers

## openapi: write the documents in openapi/ from the code
openapi: $(RUN_STAMP)
	$(BIN)/skranke openapi

## locks: write the locks anew from requirements/*.in; UPGRADE=--upgrade for newer versions (uv)
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --quiet $(UPGRADE)
locks:
	$(LOCK) requirements/dev.in --output-file requirements/dev.txt
	$(LOCK) --constraint requirements/dev.txt requirements/runtime.in \
		--output-file requirements/runtime.txt
	$(LOCK) requirements/build.in --output-file requirements/build.txt

## clean: remove what was built; the data in var/ stays
clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis \
		.import_linter_cache

## help: this list
help:
	@sed -n 's/^## /  make /p' Makefile

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else \
		"Python 3.11 or newer is needed; set PYTHON to one")'
	@echo "== Making $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(RUN_STAMP): requirements/runtime.txt requirements/build.txt pyproject.toml | $(BIN)/python
	@echo "== Installing what it runs on (one to two minutes, the first time)"
	@$(call install,requirements/build.txt requirements/runtime.txt)
	@$(PIP) --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_STAMP): requirements/dev.txt $(RUN_STAMP)
	@echo "== Installing what tests it (a minute or so, the first time)"
	@$(call install,requirements/dev.txt)
	@touch $@

PIP := $(BIN)/python -m pip install --disable-pip-version-check

# Installs locks and shows how far it is: pip itself shows a line for each package, or nothing.
# It says Processing of a package in a folder, Ignoring of one that other systems need.
define install
n=0; of=$$(cat $(1) | grep -c '=='); \
$(PIP) --require-hashes --progress-bar off $(addprefix --requirement ,$(1)) \
| while read -r word _; do \
	case "$$word" in \
		Collecting | Processing | Requirement | Ignoring) n=$$((n < of ? n + 1 : of)) ;; \
		Installing) [[ -t 1 ]] && echo; \
			echo "   all are here; unpacking them, half a minute without a word"; continue ;; \
		*) continue ;; \
	esac; \
	if [[ -t 1 ]]; then printf '\r   %d of %d packages' "$$n" "$$of"; \
	elif (( n % 25 == 0 )); then echo "   $$n of $$of packages"; fi; \
done
endef
