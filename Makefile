# Everything sets itself up: only python3 (with its venv module) and make need to be present.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: install demo play test check bench torture messages readme clean

install: .venv/ready

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# The playground: a page on which one person plays everybody. No account, no token.
demo: install
	$(BIN)/returndesk demo

# One whole return in the terminal.
play: install
	$(BIN)/returndesk demo --play

# Two workers a core: half of a story's time is waiting. What is compiled is kept, whatever the
# environment says: a run is fifty processes.
test: export PYTHONDONTWRITEBYTECODE =
test: install
	$(BIN)/python -m pytest --dist worksteal \
		-n $$($(BIN)/python -c 'import os; print(2 * os.cpu_count())')

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m locales.update --check

bench: install
	$(BIN)/python -m tests.bench

torture: install
	$(BIN)/python -m tests.torture

# Collect the texts of the code into the catalogues.
messages: install
	$(BIN)/python -m locales.update

# Write the generated parts of the documentation anew.
readme: install
	$(BIN)/python -m tests.documents

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -r {} +
