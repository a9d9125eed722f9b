# What the project can do on this machine. `make help` lists it.
SHELL := /bin/sh
VENV := .venv
PYTHON := $(VENV)/bin/python
SYSTEM_PYTHON ?= python3
STAMP := $(VENV)/.synced-with-lock
# The folders that hold our two packages.
export PYTHONPATH := $(CURDIR)/include:$(CURDIR)/plugins
UV := $(shell sed -n 's/^\(uv==[^ ]*\).*/\1/p' requirements-dev.lock)
# uv does not read pip's settings: a package index that pip was told of by the environment is handed on.
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif
# The first `make` of a clone compiles what it installs, once; without byte code every task would do it again.
COMPILE := --compile-bytecode
COMPILE_LOCK = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help venv run up test coverage chaos chaos-airflow bench check lock clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST)

venv: $(STAMP)  ## the virtual environment, from requirements-dev.lock

$(STAMP): requirements-dev.lock
	@command -v $(SYSTEM_PYTHON) >/dev/null || { echo "$(SYSTEM_PYTHON) is missing: install Python 3.11, 3.12 or 3.13, or name one with SYSTEM_PYTHON=<path>." >&2; exit 1; }
	@$(SYSTEM_PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "$(SYSTEM_PYTHON) is $$($(SYSTEM_PYTHON) -V 2>&1), but Python 3.11, 3.12 or 3.13 is needed: name one with SYSTEM_PYTHON=<path>." >&2; exit 1; }
	@$(SYSTEM_PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(SYSTEM_PYTHON) cannot make virtual environments: install its venv package (python3-venv on Debian and Ubuntu)." >&2; exit 1; }
	@test -x $(PYTHON) || { rm -rf $(VENV); echo "Making $(VENV)"; $(SYSTEM_PYTHON) -m venv $(VENV); }
	@# Syncing with the lock removes pip again, so it comes back only when another uv is needed.
	@test "$$($(VENV)/bin/uv --version 2>/dev/null | cut -d' ' -f2)" = '$(UV:uv==%=%)' || { \
		$(PYTHON) -m ensurepip >/dev/null && $(PYTHON) -m pip install --quiet --disable-pip-version-check '$(UV)'; } || { echo "$(UV) cannot be fetched: check the network and the package index that pip is set to." >&2; exit 1; }
	@echo "Installing the packages of requirements-dev.lock (a minute or two the first time)"
	@$(VENV)/bin/uv pip sync $$(test -t 2 || echo --quiet) --python $(PYTHON) --require-hashes $(COMPILE) requirements-dev.lock || { echo "The packages of requirements-dev.lock cannot be fetched: check the network and the package index that uv is set to." >&2; exit 1; }
	@touch $(STAMP)

run: $(STAMP)  ## start everything, move the sandbox's documents, print what became of them, stop
	@$(PYTHON) -m local run

up: $(STAMP)  ## the same, and stay with Airflow's UI until Ctrl-C
	@$(PYTHON) -m local up

check: $(STAMP)  ## ruff and mypy
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

test: check  ## check, then all tests in parts: quick, slow, chaos, airflow; PARTS= for some, or long, or cluster
	@$(PYTHON) -m tests.run $(PARTS)

coverage: $(STAMP)  ## the quick tests, and which share of the two packages they run
	$(PYTHON) -m pytest -m quick -n 2 --cov --cov-report=term

chaos: $(STAMP)  ## every fault at every call and commit, then random rounds (an hour and a half); SEED=, ROUNDS= or CASE= for a part, PEOPLE=1 for rounds with people, SALES=1 for rounds of sales, CASE=bulk for batches
	@$(PYTHON) -m tests.chaos $(if $(CASE),--case '$(CASE)') $(if $(PEOPLE),--people) $(if $(SALES),--sales) $(if $(SEED),--seed $(SEED)) $(if $(ROUNDS),--rounds $(ROUNDS))

chaos-airflow: $(STAMP)  ## kill tasks, scheduler, PostgreSQL and API server of a real Airflow, round by round; SEED=, ROUNDS=
	@$(PYTHON) -m tests.chaos.airflow $(if $(SEED),--seed $(SEED)) $(if $(ROUNDS),--rounds $(ROUNDS))

bench: $(STAMP)  ## the benchmarks
	@$(PYTHON) -m benchmarks

lock: $(STAMP)  ## requirements.lock and requirements-dev.lock again, from requirements.txt and requirements-dev.txt
	$(COMPILE_LOCK) requirements.txt -o requirements.lock
	@# What runs in production is tested in the same versions.
	$(COMPILE_LOCK) --constraints requirements.lock requirements-dev.txt -o requirements-dev.lock

clean:  ## remove the state of make run and make up: databases, sandbox, logs
	rm -rf .local
