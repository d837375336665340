# Everything happens in .venv, which is made on first use; benchmarks have .venv-bench. Needs GNU make
# and Python 3.11 or newer; another Python than the first one found: make PYTHON=python3.12 …

.DEFAULT_GOAL := help
.PHONY: help demo test test-all bench docs lint format clean
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
BENCH := .venv-bench
PIP := $(BIN)/python -m pip --disable-pip-version-check install
PYTHONS := $(or $(PYTHON),python3.13 python3.12 python3.11 python3)

help:
	@echo "make demo      from nothing to a trained VAE, its faces and a report (about 5 minutes)"
	@echo "make test      lint, floors and the fast tests"
	@echo "make test-all  the same with the slow tests"
	@echo "make lint      ruff, mypy and import-linter"
	@echo "make format    let ruff sort imports and set the layout"
	@echo "make bench     run the short benchmarks (about 15 minutes)"
	@echo "make docs      build the documentation site into site/"
	@echo "make clean     remove what was built, and the demo; keep $(VENV)"


# Trying each Python, not only finding it, also passes over the shims of pyenv that start none.
$(BIN)/python:
	@found=; \
	for python in $(PYTHONS); do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    found=$$python; break; \
	  fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "zspace needs Python 3.11 or newer, and none of these is one: $(PYTHONS)." >&2; \
	  echo "Install one, or name it: make PYTHON=/path/to/python3.12" >&2; \
	  exit 1; \
	fi; \
	if ! "$$found" -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "$$found cannot make a virtual environment: its venv package is missing." >&2; \
	  echo "On Debian or Ubuntu: sudo apt install python3-venv; then run make again." >&2; \
	  exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$found" --version)"; \
	"$$found" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# One environment, three stages of it: .venv/.installed-EXTRA remembers what is in there.
$(VENV)/.installed-%: pyproject.toml | $(BIN)/python
	@echo "Installing zspace[$*] into $(VENV); the first time this downloads some hundred MB"
	@$(PIP) --editable '.[$*]'
	@$(if $(filter test,$*),$(PIP) --no-deps tf_keras==2.21.0)
	@touch $@


demo: $(VENV)/.installed-tensorflow,explorer
	$(BIN)/zspace prepare faces --size 64 --out demo/faces --overwrite
	$(BIN)/zspace train faces-vae --data demo/faces --out demo/faces-vae --overwrite
	$(BIN)/zspace encode demo/faces-vae
	$(BIN)/zspace generate demo/faces-vae --method normal --count 64
	$(BIN)/zspace reconstruct demo/faces-vae
	$(BIN)/zspace report demo/faces-vae
	@echo
	@echo "Done. Look at:"
	@echo "  demo/faces-vae/report.html   samples, curves, the doctor's findings, every measurement"
	@echo "  demo/faces-vae/samples/      new faces, and faces beside their reconstructions"
	@echo
	@echo "Explore it: click any point of the latent space and see its image:"
	@echo "  $(BIN)/zspace explore demo/faces-vae"
	@echo
	@echo "What to try next:"
	@echo "  $(BIN)/zspace recipes                          the other experiments"
	@echo "  $(BIN)/zspace attribute apply demo/faces-vae Eyeglasses   glasses, put on and taken off"
	@echo "  $(BIN)/zspace walk demo/faces-vae validation:0 validation:1 --out demo/walk.gif"
	@echo "  $(BIN)/zspace train faces-ae --data demo/faces --out demo/faces-ae"
	@echo "                                               a plain AE: do random z-points give faces?"
	@echo "  $(BIN)/zspace train faces-vae --data demo/faces --out demo/beta --set objective.beta=10"
	@echo "  $(BIN)/zspace prepare folder --from YOUR_PHOTOS --size 64 --out demo/photos"

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(VENV)/.installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# A test file stays in one of the two processes, as its tests share what they train. pytest comes
# last, so that its summary is the last line.
IN_TWO := -n 2 --dist loadfile
test: lint
	$(BIN)/pytest $(IN_TWO) -m "not slow" --durations=10

test-all: lint
	$(BIN)/pytest $(IN_TWO) --durations=20

# What zspace is compared with goes into an environment of its own.
$(BENCH)/.installed: pyproject.toml benchmarks/requirements.txt | $(BIN)/python
	$(BIN)/python -m venv $(BENCH)
	$(BENCH)/bin/python -m pip --disable-pip-version-check install --editable '.[test]' \
	  --requirement benchmarks/requirements.txt
	$(BENCH)/bin/python -m pip --disable-pip-version-check install --no-deps tf_keras==2.21.0
	@touch $@

# Two train for hours, and one needs a run and a browser.
NOT_SHORT := artefacts fashion_full_normal explorer_page table
SHORT := $(filter-out $(NOT_SHORT:%=benchmarks/%.py),$(wildcard benchmarks/*.py))

bench: $(BENCH)/.installed
	@for script in $(SHORT); do \
	  echo "== $$script"; $(BENCH)/bin/python "$$script" || exit 1; \
	done
	$(BENCH)/bin/python benchmarks/table.py

docs: $(VENV)/.installed-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --site-dir site

clean:
	rm -rf build dist site demo .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
