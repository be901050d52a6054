# Every verb is one line of help: `make help`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ENGINE ?= docker
PLATFORMS ?= linux/amd64,linux/arm64
# The base image; a release names it by digest.
PYTHON_IMAGE ?= python:3.13-slim-trixie
# For `make image` behind a proxy or with an index of one's own: a pip.conf, and the certificates to trust there.
PIP_CONF ?=
CA_CERT ?=
SECRETS = $(if $(PIP_CONF),--secret id=pip.conf$(COMMA)src=$(PIP_CONF)) $(if $(CA_CERT),--secret id=ca.crt$(COMMA)src=$(CA_CERT))
COMMA := ,
VERSION = $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' operator/countersign/__init__.py)
# How many test processes: the cores of this machine.
JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

.DEFAULT_GOAL := help
.PHONY: help install demo test lint fmt generate verify unit integration nightly lock clean
.PHONY: image sbom docs bench upgrade

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## put countersign and kubectl-countersign into .venv/bin

$(STAMP): requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11 ...") if sys.version_info < (3, 11) else 0'
	@$(PYTHON) -m venv $(VENV)
	@echo "installing the locked dependencies into $(VENV) (about a minute the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: install ## a guided tour: local Kubernetes, a plan, its approval, its result
	@$(BIN)/python hack/demo.py

test: lint unit integration ## everything: lint, types, contracts, generated files, unit and integration tests

lint: install ## ruff, mypy, import contracts, spelling, generated files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/codespell
	@$(MAKE) --no-print-directory verify

fmt: install ## format and fix what can be fixed
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

generate: install ## write crds, RBAC, admission policies, chart, manifests and reference documents from the code
	@$(BIN)/python -m countersign.generate
	@$(BIN)/python hack/render.py

verify: install ## compare the generated files with the code
	@$(BIN)/python -m countersign.generate --check

unit: install ## the pure layers, with 100 % branch coverage
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest tests/model tests/actions tests/api tests/core -q
	@$(BIN)/coverage report

integration: install ## everything else, on a real kube-apiserver
	@$(BIN)/pytest tests -q -n $(JOBS) --ignore=tests/model --ignore=tests/actions --ignore=tests/api --ignore=tests/core -m "not faults"

nightly: install ## the long ones: faults, many random plans
	@$(BIN)/pytest tests -q -m faults

lock: install ## renew the locked dependencies; no index address is written
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile -q pyproject.toml requirements/build.in --extra local --extra dev --upgrade \
	  --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header -o requirements/dev.lock
	@$(BIN)/uv pip compile -q pyproject.toml --upgrade \
	  --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header -o requirements/runtime.lock
	@$(BIN)/uv pip compile -q requirements/build.in --upgrade \
	  --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header -o requirements/build.lock

image: ## the image for both architectures, as dist/*.oci.tar (needs a container engine with buildx)
	@mkdir -p dist
	@$(ENGINE) buildx build --platform $(PLATFORMS) --build-arg PYTHON=$(PYTHON_IMAGE) --build-arg VERSION=$(VERSION) \
	  --build-arg REVISION=$$(git rev-parse HEAD) --tag countersign:$(VERSION) \
	  $(SECRETS) --output type=oci,dest=dist/countersign-$(VERSION).oci.tar .

sbom: install ## what the image is made of, as dist/*.cdx.json (CycloneDX)
	@mkdir -p dist
	@$(BIN)/python -m hack.sbom requirements/runtime.lock > dist/countersign-$(VERSION).cdx.json
	@echo dist/countersign-$(VERSION).cdx.json

docs: install ## the documents as a site, in dist/site
	@$(BIN)/python -m mkdocs build --strict --quiet

bench: install ## how soon the operator is ready with 1,000 plans, and what it needs when idle
	@$(BIN)/python hack/bench/ready.py

upgrade: install ## from an earlier commit to this one, with plans on their way: make upgrade FROM=v0.1.0
	@$(BIN)/python -m hack.upgrade $(FROM)

clean: ## remove what was installed and built here (not the user's cache of Kubernetes binaries)
	@rm -rf $(VENV) dist build .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
