# Thin on purpose: each recipe makes sure the tools are there and calls Python.
PYTHON := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo test lint bench chaos corpus fuzz books policies e2e openapi run

help:
	@echo "make demo   real e-invoices, all the way, on 127.0.0.1:8000 (DEMO_SERVE=0 stops after the table)"
	@echo "make test   the whole suite on SQLite and PostgreSQL"
	@echo "make lint   ruff, format, mypy, checks, migrations, OpenAPI"
	@echo "make run    the site on SQLite with your own data under var/"
	@echo "make bench  the benchmarks      make chaos  the long kill campaign"
	@echo "make corpus the official verdict on 1,500 documents against ours"
	@echo "make fuzz   20,000 random documents under the official rules"
	@echo "make books  random hands at the laboratory's books (ARGS=--help)"
	@echo "make policies  trouble at every step of a policy's way through IMS (ARGS=--help)"
	@echo "make e2e    the pages in a real browser, walked and looked at (ARGS=--help)"
	@echo "make openapi  docs/openapi.yaml from the code"

setup:
	@sh .ci/setup requirements.txt

setup-dev:
	@sh .ci/setup requirements-dev.txt

demo: setup
	@$(PYTHON) -m config.demo

test: setup
	@$(PYTHON) -m tests $(ARGS)

lint: setup-dev
	@$(PYTHON) -m tests.lint

run: setup
	@DAFTAR_GENERATE_SECRETS=1 $(PYTHON) manage.py migrate --verbosity 0
	@DAFTAR_GENERATE_SECRETS=1 $(PYTHON) manage.py runserver 127.0.0.1:8000

bench: setup-dev
	@$(PYTHON) -m benchmarks.sealing
	@$(PYTHON) -m benchmarks.printing
	@$(PYTHON) -m benchmarks.archive
	@$(PYTHON) -m benchmarks.ledger
	@$(PYTHON) -m benchmarks.ims

chaos: setup
	@$(PYTHON) -m tests.chaos $(ARGS)

corpus: setup
	@$(PYTHON) -m tests.corpus $(ARGS)

fuzz: setup
	@$(PYTHON) -m tests.fuzz $(ARGS)

books: setup
	@$(PYTHON) -m tests.health.campaign $(ARGS)

policies: setup
	@$(PYTHON) -m tests.integrations.campaign $(ARGS)

e2e: setup-dev
	@$(PYTHON) -m tests.e2e $(ARGS)

openapi: setup
	@DAFTAR_GENERATE_SECRETS=1 $(PYTHON) manage.py spectacular --file docs/openapi.yaml
