# What a newcomer needs: `make run` and `make test`. Both install what they need into .venv and nowhere else
# (the test browser and a Chinese font excepted, see tests/install_browser.sh).
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

.PHONY: run bot setup test lint bench lighthouse soak screenshots lock clean
.DEFAULT_GOAL := run

run: setup
	@$(BIN)/bot serve --port $(PORT)

bot: setup
	@$(BIN)/bot telegram

setup: .venv/.installed

test: .venv/.installed-dev .venv/.installed-browser lint
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

lint: .venv/.installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/.installed-dev
	@$(BIN)/python -m benchmarks

# Lighthouse's marks for the pages on a phone: three minutes. The only thing here that needs Node (20 or newer) and npm.
lighthouse: .venv/.installed-dev .venv/.installed-browser benchmarks/lighthouse/node_modules/.installed
	@$(BIN)/python -m benchmarks.lighthouse

# Kills the service hundreds of times under load and looks for what it lost: an hour.
soak: .venv/.installed-dev
	@$(BIN)/python -m tests.kills 200
	@$(BIN)/python -m tests.telegram_kills webhook 300
	@$(BIN)/python -m tests.telegram_kills polling 100

screenshots: .venv/.installed-dev .venv/.installed-browser
	@$(BIN)/python -m tests.screenshots screenshots
	@cp screenshots/desktop-shapingba.png docs/page.png
	@cp screenshots/phone-shapingba.png docs/page-phone.png
	@cp screenshots/phone-chat.png docs/chat-phone.png

.venv/bin/python:
	@sh .ci/make_venv.sh "$(PYTHON)"

.venv/.installed: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what the service needs (once) ..."
	@$(BIN)/python .ci/install.py requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/.installed-dev: requirements-dev.lock .venv/.installed
	@echo "Installing what the tests need (once) ..."
	@$(BIN)/python .ci/install.py requirements-dev.lock
	@touch $@

.venv/.installed-browser: tests/install_browser.sh | .venv/.installed-dev
	@sh tests/install_browser.sh
	@touch $@

benchmarks/lighthouse/node_modules/.installed: benchmarks/lighthouse/package-lock.json
	@echo "Installing Lighthouse (once) ..."
	@cd benchmarks/lighthouse && npm ci --loglevel=error
	@touch $@

# Writes both lock files anew: hashes, no download addresses.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate pyproject.toml
lock: .venv/bin/python
	@$(PIP) install --quiet uv
	@$(LOCK) --extra build -o requirements.lock
	@$(LOCK) --all-extras -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
