# Everything runs from a checkout with nothing but Python (3.11 to 3.14) and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

SIMULATED := rk3588-npu rk3588-npu-ideal rk3588-npu-ivr rk3576-npu rk3566-npu rk3562-npu mdla ethos-u55-256 tpu7nm etri-like systolic-128
MODEL_SEED := 20261123
# What the models of Rockchip's NPUs learn from: the shelf's files, and networks that people run there.
LEARNED := alexnet densenet121 inception_v1 inception_v2 resnet50 shufflenet squeezenet vgg19 zfnet512 \
  mobilenetv2 yolov8n vit_b_16 sd2-text-encoder sd2-unet
# What a microcontroller's learns from: the shelf's files, and what runs there.
LEARNED_TINY := alexnet densenet121 inception_v1 inception_v2 resnet50 shufflenet squeezenet vgg19 zfnet512 \
  mobilenetv2 resnet18 tiny-anomaly tiny-images tiny-keywords tiny-wakewords

# Byte code is kept, so that it is made once and not by every process that imports it.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check bench docs site models check-models machinecode wheel dist oracles fuzz clean

run: $(STAMP)  ## the main job: resnet50 on the default device, dfs beside its baselines
	@mkdir -p out
	$(BIN)/dfsrt compare resnet50 --cap 0.18W --figure out/resnet50.svg
	@echo "figure of frequency over layers: out/resnet50.svg"

# Of a test with many cases `some` tries a share; DFSRT_EXAMPLES=full tries everything.
DFSRT_EXAMPLES ?= some

test: $(STAMP)  ## the tests, slow oracles included, deep ones left out
	DFSRT_EXAMPLES=$(DFSRT_EXAMPLES) OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist worksteal

check: $(STAMP)  ## style, types, and which room may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)  ## timings, into benchmarks/results/
	$(BIN)/python -m benchmarks

docs: $(STAMP)  ## regenerate what the docs show: JSON schemas, tables
	$(BIN)/python -m docs.generate

site: $(STAMP)  ## the documentation as a site with search, in out/site: open its index.html
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --group site
	$(BIN)/python -m docs.site

models: $(STAMP)  ## measure and train the simulated devices' power models again
	@mkdir -p out
	for name in $(SIMULATED); do \
	  networks=; case $$name in \
	    rk*) networks="$(addprefix --network ,$(LEARNED))";; \
	    ethos*) networks="$(addprefix --network ,$(LEARNED_TINY))";; \
	  esac; \
	  $(BIN)/dfsrt measure -d $$name $$networks --seed $(MODEL_SEED) -o out/$$name.parquet && \
	  $(BIN)/dfsrt train out/$$name.parquet -o powermodels/$$name --seed $(MODEL_SEED) || exit 1; \
	done

# The longest first, two at once, each on a core of its own; one alone has all of them.
# ONE_IN=4 looks at the errors of one network in four.
CHECKED := h100-sxm $(SIMULATED)
ONE_IN ?= 1
check-models: $(STAMP)  ## work out again from its samples all that each shipped card claims
	printf '%s\n' $(CHECKED) | \
	  $(if $(word 2,$(CHECKED)),OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1) \
	  xargs -P 2 -n 1 $(BIN)/dfsrt models check --one-in $(ONE_IN)

machinecode: $(STAMP)  ## make again the machine code that is shipped, for this platform; needs cc
	$(BIN)/python -m machinecode

wheel: $(STAMP)  ## build sdist and wheel, try the wheel in a fresh environment outside the checkout
	$(BIN)/python -m tests.helpers.try_wheel

dist: $(STAMP)  ## sdist and wheel into dist/, checked as for a release
	rm -rf dist
	$(BIN)/python -m build
	$(PYTHON) -m venv build/release
	build/release/bin/python -m pip install --quiet --disable-pip-version-check twine check-wheel-contents cffconvert
	build/release/bin/twine check --strict dist/*
	build/release/bin/check-wheel-contents dist/*.whl
	build/release/bin/cffconvert --validate -i CITATION.cff

oracles: $(STAMP)  ## PyBaMM, Vela and energydram, which tests compare our numbers with: for tests alone
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --group oracles

# All readers, or READER=name,name; N inputs on each. Figures go into docs/fuzzing.md.
# GUIDED=1 READER=name: for SECONDS, guided by coverage, where atheris is installed.
N ?= 20000
SEED ?= 23
SECONDS ?= 60
FUZZ = $(if $(GUIDED),tests.fuzz.guided $(READER) --seconds $(SECONDS),tests.fuzz --write --count $(N) $(if $(READER),--reader $(READER)))
fuzz: $(STAMP)  ## every reader on damaged files, each under limits of time and memory
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m $(FUZZ) --seed $(SEED)

$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@# Byte code of what is never imported takes a minute; what is gets its own when it first is.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -e '.[dev]'
	@# Where Python is told to keep no byte code, every command would compile a thousand modules.
	$(BIN)/python -m compileall -q -j 2 dfsrt
	@touch $@

clean:
	rm -rf $(VENV) out dist build
