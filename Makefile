# One folder (.venv), one stamp; every target makes what it needs.
PYTHON ?= python3.11
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: install serve test test-all test-postgresql check demo bench clean
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
	$(BIN)/pytest -q -n 3 -m "not slow" $(ROOMS)

# What is tested room by room, without a whole house: the inner loop.
ROOMS := tests/model tests/ports tests/payments tests/world tests/offers tests/orders \
  tests/fulfilment tests/ndc tests/partners tests/adapters tests/kit

# One worker more than there are cores: some tests only wait for a process to end.
test: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -q -n 3
	NDC_OMS_TEST_DATABASE=postgresql $(BIN)/pytest -q -n 2 $(ON_BOTH)

# Beside the store and its kills, which are always tested on both: the path of a sale, races for one
# key, a death among processes.
ON_BOTH := tests/e2e/test_spine.py tests/faults/test_replays.py::test_concurrent_from_the_start \
  tests/faults/test_races.py::test_a_death_among_the_living

# Every cell of every matrix; make test takes one of ten of the widest.
test-all: install
	NDC_OMS_TEST_ALL=1 $(BIN)/pytest -q -n 2

# Every test that has a house, with the house on PostgreSQL: 20 minutes on two cores.
test-postgresql: install
	NDC_OMS_TEST_DATABASE=postgresql $(BIN)/pytest -q -n 2 $(HOUSES)

HOUSES := tests/store tests/e2e tests/faults tests/scenarios tests/server tests/partners tests/cli

bench: install
	$(BIN)/python -m tests.bench

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
