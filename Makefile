# One folder (.venv), one stamp; every target makes what it needs.
PYTHON ?= python3.11
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: install serve test test-postgresql check demo bench clean
install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "python3.11 is needed: apt-get install python3.11 python3.11-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "python3-venv is needed: apt-get install python3.11-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $(STAMP)

serve: install
	$(BIN)/ndc-oms serve

demo: install
	$(BIN)/ndc-oms demo

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -q -n 2 -m "not slow"

test: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -q -n 2
	NDC_OMS_TEST_DATABASE=postgresql $(BIN)/pytest -q tests/e2e/test_spine.py

# The same suites with every house on PostgreSQL. `make test` has the store on both and the spine.
test-postgresql: install
	NDC_OMS_TEST_DATABASE=postgresql $(BIN)/pytest -q -n 2 tests/store tests/e2e tests/faults tests/scenarios tests/server/test_workers_serving.py

bench: install
	$(BIN)/python -m tests.bench

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
