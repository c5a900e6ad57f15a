# Everything a newcomer or a developer does, by name. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
SPEED ?= 1440
PORT ?= 8000
WORLD ?= near
PEERS_PYTHON ?= python3.12 $(wildcard $(HOME)/.pyenv/versions/3.12*/bin/python)
PY := .venv/bin/python
BIN := .venv/bin
export NPM_CONFIG_UPDATE_NOTIFIER := false

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.setup-python: requirements.lock pyproject.toml
	@echo "[1/3] Python environment: .venv with pinned libraries …"
	@test -x $(PY) || python3 -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.setup-web: web/package-lock.json $(shell find web/src web/public web/*.html web/*.ts web/package.json -type f 2>/dev/null)
	@echo "[2/3] Front end: pinned packages and build …"
	@cd web && npm ci --silent && npm run --silent build
	@touch $@

setup: .setup-python .setup-web ## install what is needed, into this folder only

demo: setup ## replay Typhoon In-Fa over Pinghu and open the desk (SPEED=1440 PORT=8000 WORLD=near)
	@echo "[3/3] The replay: event time runs $(SPEED) times as fast as the clock …"
	@$(BIN)/anlan demo --speed $(SPEED) --port $(PORT) --world $(WORLD)

# what the tests need beyond Python and node, and how to see that it is there
PACKAGES := chromium poppler-utils postgresql mosquitto ffmpeg
HAVE := command -v chromium && command -v pdftotext && command -v ffmpeg && ls /usr/lib/postgresql/*/bin/initdb \
  && PATH=$$PATH:/usr/sbin command -v mosquitto

packages: ## a browser, a PDF reader, PostgreSQL, an MQTT broker and ffmpeg for the tests, where they are missing (Debian)
	@($(HAVE)) >/dev/null 2>&1 || \
	  (apt-get -o DPkg::Lock::Timeout=300 update -q && \
	   apt-get -o DPkg::Lock::Timeout=300 install -y -q $(PACKAGES)) || \
	  (echo "install by your own package manager: $(PACKAGES)"; exit 1)

lint: .setup-python ## style, types and the import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check-web: .setup-web ## types and tests of the front end
	cd web && npm run --silent check && npm test --silent

WHOLE := -m "not slow and not gpu"
# the flow model's tests compile its kernels, once and on one core, while the other looks at style
test-flow: .setup-python ## the flow model's own tests
	$(BIN)/pytest $(WHOLE) tests/hydraulics

test: ## the whole suite: linters, types, imports, front end, pages in Chromium
	@$(MAKE) --no-print-directory -j2 -Oline setup packages test-flow lint check-web
	@# a third worker for the time that two wait: for brokers, databases, pages
	$(BIN)/pytest $(WHOLE) -n 3 --dist loadfile --no-loadscope-reorder --ignore tests/hydraulics

.venv-peers: benchmarks/peers.lock
	@echo "peers of the hydraulic core: .venv-peers, from PyPI …"
	@for python in $(PEERS_PYTHON); do \
	  $$python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 12))' 2>/dev/null || continue; \
	  rm -rf $@ && $$python -m venv $@ && $@/bin/pip install --quiet \
	    --disable-pip-version-check --require-hashes -r $< || { rm -rf $@; exit 1; }; \
	  touch $@; exit 0; \
	done; echo "itzi-core needs Python 3.12: make $@ PEERS_PYTHON=/path/to/python3.12"; exit 1

test-slow: .setup-python ## what is too long for `make test`: validation cases, the GPU's kernels simulated
	$(BIN)/pytest tests/validation tests/hydraulics -m slow

test-kills: .setup-python packages ## kill the ingesting process 50 times during 100,000 readings
	$(BIN)/pytest tests/observe -m slow

fuzz: .setup-python ## search for ten minutes for bytes that the SL 651 and CAP readers do not stand
	@for target in sl651 cap; do \
	  $(PY) -m tests.fuzz $$target --seconds 300 --into build/fuzz/$$target && \
	  cp -n build/fuzz/$$target/* tests/fuzz/corpus/$$target/ || exit 1; done

test-gpu: .setup-python ## the tests that need an NVIDIA GPU (first: pip install 'anlan[cuda]')
	$(BIN)/pytest tests/hydraulics/test_cuda.py -m gpu

validate: .setup-python ## run the published cases and write docs/validation.md (ONLY="monai ea4" previews some)
	$(PY) -m validation $(if $(ONLY),--only $(ONLY))

bench: .setup-python .venv-peers ## speed beside peers and limits (BENCH="rain-hour --full"; --help lists all)
	@$(PY) -m benchmarks $(BENCH)
	@test -n "$(BENCH)" || for f in drainage forecast_run replay_steps; do $(PY) -m benchmarks.$$f; done

bench-observe: .setup-python packages ## readings/s to disk and their latencies, beside a loop of INSERTs
	@$(PY) -m benchmarks.observe --write docs/performance.md

bench-warn: .setup-python ## audience, 10,000 messages by SMPP, kill -9 of the sender, alert storm
	@$(PY) -m benchmarks.warn --write docs/performance.md

bench-gpu: .setup-python ## speed of the flow model on a GPU, where there is one
	@$(PY) -m benchmarks gpu $(BENCH)

scores: .setup-python ## replay the three worlds and write docs/scores.md
	$(BIN)/anlan replay cities/pinghu infa-2021 --speed max --world all --json \
	  --data-dir var/scores > var-scores.json
	$(PY) scripts/scores.py var-scores.json docs/scores.md && rm var-scores.json

docs: setup packages scores ## write what the documents take from commands: scores and pictures
	$(PY) scripts/pictures.py

city: .setup-python ## write both cities' generated files again
	$(PY) cities/pinghu/generate.py
	$(PY) cities/talstadt/generate.py

format: .setup-python ## put the code in its standard form
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

clean: ## remove everything that was built or recorded here
	rm -rf .venv .venv-peers .setup-* web/node_modules web/dist var var.key var.anchor build site

.PHONY: help setup demo packages lint check-web test-flow test test-slow test-kills fuzz test-gpu validate bench bench-observe bench-warn bench-gpu scores docs city format clean
