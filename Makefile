# Everything lives in ./.venv; `make demo` and `make test` are all that a newcomer needs.
PYTHON ?= python3
# That test at once; two cores bear three, since much of the time they wait for servers.
PROCESSES ?= 2
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.PHONY: demo test check bench bench-search memory serve harvest locales lock clean
.DEFAULT_GOAL := demo

.venv/installed: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m hub.search.dictionaries
	touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

demo: .venv/installed        ## harvest the six sample sources and serve the portal
	$(BIN)/hub demo

serve: .venv/installed       ## serve what was harvested
	$(BIN)/hub serve

harvest: .venv/installed     ## harvest the real sources that come with the hub
	$(BIN)/hub harvest

test: .venv/installed-dev    ## every promise, checked
	$(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder

check: .venv/installed-dev   ## format, lint, types, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder

bench: .venv/installed-dev   ## speed, with ratios to a peer in the same run
	$(BIN)/python -m tests.bench

bench-search: .venv/installed-dev ## how fast the search answers, embedded and on Elasticsearch; RECORDS=100000
	$(BIN)/python -m tests.bench.searching $(if $(RECORDS),--records $(RECORDS))

memory: .venv/installed-dev  ## what a harvest holds in memory; make memory RECORDS=1000000
	$(BIN)/python -m tests.bench.memory $(RECORDS)

locales: .venv/installed-dev ## gather the interface's words into the catalogues
	$(BIN)/python -m tests.locales

lock: .venv/installed-dev    ## pin what pyproject.toml asks for
	$(LOCK) pyproject.toml --group build -o requirements.txt
	$(LOCK) pyproject.toml --group build --group dev -o requirements-dev.txt

clean:
	rm -rf .venv data
