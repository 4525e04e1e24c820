# Two commands do everything on a machine with Python 3.11+ and make:
#   make demo    an environment, the program, and the Hope Challenge study coded and reported
#   make test    an environment, everything that the tests need, and the tests
# The tests of a real sentence model are skipped unless `make semantic` has fetched one (1 GB) before.
PYTHON ?= python3
VENV ?= .venv
DEMO ?= demo
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo test semantic check fast clean

$(VENV)/run.stamp: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("qualcode needs Python 3.11 or newer; try: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --upgrade "pip>=25.1"
	$(PIP) install --quiet --editable .
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp
	$(PIP) install --quiet --group dev
	@touch $@

$(VENV)/semantic.stamp: $(VENV)/test.stamp
	$(PIP) install --quiet --group semantic-test
	@touch $@

demo: $(VENV)/run.stamp
	$(BIN)/qualcode demo hope-challenge --out $(DEMO)

test: $(VENV)/test.stamp
	$(BIN)/python -m pytest -q -n 2

fast: $(VENV)/test.stamp
	$(BIN)/python -m pytest -q -n 2 -m "not slow and not browser"

semantic: $(VENV)/semantic.stamp

check: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) $(DEMO) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
