# make run, make test, make check: see README.md. PYTHON chooses the interpreter, VENV the environment's folder.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
# A process a core, four at most: each loads TensorFlow.
PYTEST = $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

.PHONY: run test test-fast test-cluster check format bench bench-scale bench-read bench-tasks bench-accuracy clean

run: $(VENV)/.installed
	$(BIN)/stockrnn compare google recommended --set target.column=open --out runs/comparison.png

test: $(VENV)/.installed-dev
	$(PYTEST)

test-fast: $(VENV)/.installed-dev
	$(PYTEST) -m "not slow"

# A real Dask scheduler and two workers, one of which is killed: the bytes of --jobs 1.
test-cluster: $(VENV)/.installed-dev
	$(BIN)/python -m pytest tests/cli/test_cluster.py

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(MAKE) test

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.installed
	$(BIN)/python benchmarks/bench_train.py --write

bench-scale: $(VENV)/.installed
	$(BIN)/python benchmarks/bench_scale.py --write

bench-accuracy: $(VENV)/.installed
	$(BIN)/python benchmarks/bench_accuracy.py $(if $(FINAL),--final) $(if $(WINDOWS),--windows)

bench-read: $(VENV)/.installed
	$(BIN)/python benchmarks/bench_read.py

bench-tasks: $(VENV)/.installed
	$(BIN)/python benchmarks/bench_tasks.py --write

$(VENV)/.installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache
