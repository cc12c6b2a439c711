# Every check and test has its one definition here; continuous integration and pre-commit call these targets.
PYTHON ?= python3
FOLDER ?=
MINUTES ?= 3
SHARE ?= 1.0

VENV := .venv
BIN := $(VENV)/bin
VERSION = $(shell sed -n 's/^VERSION = "\(.*\)"/\1/p' model/foretype/model/version.py)
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export NO_MKDOCS_2_WARNING = 1

# Continuous integration installs what the lock of its platform and Python names, digests checked, if there is one; torch,
# whose builds differ, by its version alone. Everybody else gets the newest of what pyproject.toml admits.
PLATFORM := $(shell $(PYTHON) -c 'import platform, sys; print(platform.system(), platform.machine(), *sys.version_info[:2], sep="-")')
LOCK := $(if $(CI),$(wildcard .ci/$(PLATFORM).lock))
LOCKED := $(if $(LOCK),--no-build-isolation $(shell sed -n 's/^\# //p' $(LOCK)))

.DEFAULT_GOAL := help
.PHONY: help setup lock check format test e2e e2e_neovim e2e_others fuzz soak vsix package audit docs reference run bench clean

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.dev ## Make a virtual environment with everything that development needs

$(VENV)/.train: pyproject.toml $(LOCK) $(wildcard model/native/*)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Foretype needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(if $(LOCK),$(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement $(LOCK))
	$(BIN)/python -m pip install --quiet $(LOCKED) --editable '.[train]'
	@touch $@

$(VENV)/.dev: $(VENV)/.train
	$(BIN)/python -m pip install --quiet $(LOCKED) --editable '.[train,dev,docs]'
	@touch $@

$(VENV)/.release: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet $(LOCKED) --editable '.[train,dev,docs,release]'
	@touch $@

lock: $(VENV)/.dev ## Write the lock of continuous integration anew, for this platform and Python
	@mkdir -p build
	$(BIN)/python -m pip install --dry-run --ignore-installed --quiet --report build/lock.json '.[train,dev,docs]'
	$(BIN)/python .ci/lock.py < build/lock.json > build/lock && mv build/lock .ci/$(PLATFORM).lock

check: $(VENV)/.dev ## Check format, lint and types, these for Linux, macOS and Windows
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	for platform in linux darwin win32; do $(BIN)/mypy --platform $$platform --cache-dir .mypy_cache/$$platform || exit; done

format: $(VENV)/.dev ## Rewrite the code in the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: $(VENV)/.dev ## Run all tests
	$(BIN)/python -m pytest

# Two at a time: a test in an editor mostly waits, and those in Neovim take about as long as all others together.
e2e: $(VENV)/.dev ## Run the tests in real editors, which are installed below build/
	@$(MAKE) --jobs=2 e2e_neovim e2e_others

e2e_neovim: $(VENV)/.dev
	$(BIN)/python -m pytest tests/editors/neovim

e2e_others: $(VENV)/.dev
	$(BIN)/python -m pytest tests/editors --ignore tests/editors/neovim

fuzz: $(VENV)/.dev ## Run every proof that draws at random for long: about half an hour
	$(BIN)/python -m tests.reliability.edits 1000000
	$(BIN)/python -m pytest --hypothesis-profile=fuzz tests/reliability/test_server_machine.py \
		tests/reliability/test_fuzz.py tests/server/test_framing.py tests/server/test_document.py
	$(BIN)/python -m tests.training.kills 200
	$(BIN)/python -m tests.reliability.kills_of_stores 300
	for target in framing document settings model memory; do $(BIN)/python -m tests.reliability.fuzz $$target 60; done

soak: $(VENV)/.dev ## Type for a working week in a server, or for the SHARE of one, and print what it took
	@$(BIN)/python -m tests.reliability.soak $(SHARE)

vsix: ## Build the VS Code extension, build/foretype.vsix; needs Node 20 or newer
	npm --prefix editors/vscode ci --no-fund --no-audit
	npm --prefix editors/vscode run build
	npm --prefix editors/vscode run package

package: $(VENV)/.release vsix ## Build a release in dist/: wheel, sdist, extension, plugins, lists of parts; needs Node 20
	rm -rf dist build/release
	$(BIN)/python -m build --outdir dist
	$(BIN)/python editors/archives.py dist
	cp build/foretype.vsix "dist/foretype-vscode-$(VERSION).vsix"
	$(BIN)/python -m venv --without-pip build/release
	$(BIN)/python -m pip --python build/release install --quiet dist/*.whl
	sed 's/^dynamic = .*/version = "$(VERSION)"/' pyproject.toml > build/release/pyproject.toml
	$(BIN)/cyclonedx-py environment build/release --pyproject build/release/pyproject.toml --output-reproducible \
		--output-file "dist/foretype-$(VERSION).cdx.json"
	npm --prefix editors/vscode sbom --omit dev --sbom-format cyclonedx --sbom-type application \
		> "dist/foretype-vscode-$(VERSION).cdx.json"

audit: $(VENV)/.release ## Ask for known weaknesses of what a release brings; needs the network and `make package`
	$(BIN)/pip-audit --strict --path "$$(build/release/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
	npm --prefix editors/vscode audit --omit dev

docs: $(VENV)/.dev ## Build the documentation, build/site/index.html, and check its links
	$(BIN)/mkdocs build --strict --quiet

reference: $(VENV)/.dev ## Write anew what is made of the code: pages of settings and commands, settings and versions of the plugins
	@mkdir -p build
	$(BIN)/python -m foretype.server.reference page > build/settings.md && mv build/settings.md docs/settings.md
	$(BIN)/python -m foretype.server.reference vscode editors/vscode/package.json > build/package.json
	mv build/package.json editors/vscode/package.json
	$(BIN)/python -m foretype.server.command_reference > build/commands.md && mv build/commands.md docs/commands.md
	$(BIN)/python editors/versions.py

run: $(VENV)/.train ## Learn from FOLDER (default: a package of Python itself), serve, and type a file of it
	$(BIN)/foretype demo $(FOLDER) --minutes $(MINUTES)

bench: $(VENV)/.train ## Measure engine and server on this machine
	$(BIN)/foretype bench

clean: ## Remove everything that the other targets made
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
