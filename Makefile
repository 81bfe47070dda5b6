# Everything runs from a checkout with nothing but Python (3.11 to 3.13) and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: run test check bench docs models wheel clean

run: $(STAMP)  ## the main job: resnet50 on the default device, dfs beside its baselines
	@mkdir -p out
	$(BIN)/dfsrt compare resnet50 --cap 1W --figure out/resnet50.svg
	@echo "figure of frequency over layers: out/resnet50.svg"

test: $(STAMP)  ## all tests, slow oracles included
	$(BIN)/python -m pytest -q -n 2

check: $(STAMP)  ## style, types, and which room may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)  ## timings, into benchmarks/results/
	$(BIN)/python -m benchmarks

docs: $(STAMP)  ## regenerate what the docs show: JSON schemas, tables
	$(BIN)/python -m docs.generate

models: $(STAMP)  ## fit the shelf's power models again
	$(BIN)/python -m dfsrt.power.ship powermodels

wheel: $(STAMP)  ## build the wheel and try it in a fresh environment outside the checkout
	$(BIN)/python -m tests.helpers.try_wheel

$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) out dist build
