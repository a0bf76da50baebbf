# Two commands do everything: `make demo` and `make test`. Both build `.venv` from lock files with hashes.
# PYTHON names another interpreter, 3.11 or later.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALL_SELF := $(PIP) install --no-deps --no-build-isolation --editable .

.PHONY: demo test quick lint lock clean

demo: $(VENV)/.base
	$(BIN)/parkrisk demo

# Everything: house rules, kernels once more as plain Python (where coverage sees inside them), all tests.
test: lint
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest --quiet -m kernel --cov=parkrisk.models --cov=parkrisk.risk --cov-report=term:skip-covered
	$(BIN)/python -m pytest --quiet -m "slow or not slow"

quick: $(VENV)/.test
	$(BIN)/python -m pytest --quiet

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=.editable $(BIN)/lint-imports

$(BIN)/python:
	$(PYTHON) -c "import sys; sys.exit('parkrisk needs Python 3.11 or later') if sys.version_info < (3, 11) else None"
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: requirements/base.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes --no-deps --requirement requirements/base.txt
	$(INSTALL_SELF)
	touch $@

$(VENV)/.test: requirements/test.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes --no-deps --requirement requirements/test.txt
	$(INSTALL_SELF)
	touch $@ $(VENV)/.base

# Needs uv. The lock files hold for every platform and every Python from 3.11 on.
LOCK := uv pip compile pyproject.toml requirements/build.in --universal --python-version 3.11 --generate-hashes --quiet --no-emit-index-url
lock:
	$(LOCK) --extra report --extra maps --output-file requirements/base.txt
	$(LOCK) --extra test --output-file requirements/test.txt

clean:
	rm -rf $(VENV) out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
