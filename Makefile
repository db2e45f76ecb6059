# make run    sets everything up, runs the whole chain on an embedded database, prints it
# make test   sets everything up, checks and tests everything
# The only needs: Python 3.11 or newer with its venv module, make, and a package index.

PY ?= python3
DATABASE ?= sqlite:///gep.db
BIN := .venv/bin
APART := --numprocesses auto --maxprocesses 4 --dist loadfile
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := 1

.PHONY: run serve test lint bench lock
.DELETE_ON_ERROR:

run: .venv/.runtime
	@$(BIN)/gep demo --database "$(DATABASE)"
	@echo
	@echo "To look at it in a browser: make serve, then open http://127.0.0.1:8000/"

serve: .venv/.runtime
	@$(BIN)/gep serve --database "$(DATABASE)"

test: .venv/.dev
	@$(lint)
	@echo "== tests" && $(BIN)/pytest $(APART)

lint: .venv/.dev
	@$(lint)

bench: .venv/.runtime
	@$(BIN)/gep bench ledger

define lint
echo "== format" && $(BIN)/ruff format --check --quiet . \
&& echo "== rules of the code" && $(BIN)/ruff check --quiet --output-format concise . \
&& echo "== types" && $(BIN)/mypy \
&& echo "== layers" && $(BIN)/lint-imports --no-logo
endef

# One environment in three steps, each on top of the one before: the installer, what the
# program needs, what its tests need. Everything is pinned by hash; no file names a host.

.venv/.uv: tools.lock
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Python 3.11 or newer is needed, $(PY) is older or missing: try make PY=python3.12"; exit 1; }
	@$(PY) -c 'import venv, ensurepip' 2>/dev/null || \
	    { echo "Python's venv module is missing: install it first (Debian, Ubuntu: apt install python3-venv)"; exit 1; }
	@echo "== environment (.venv)" && $(PY) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	    --require-hashes --only-binary :all: -r tools.lock
	@touch $@

.venv/.runtime: .venv/.uv runtime.lock pyproject.toml
	@echo "== packages of the program" && $(call install,runtime.lock)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --offline \
	    --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.runtime dev.lock
	@echo "== packages of its tests" && $(call install,dev.lock)
	@touch $@

# uv does not read pip's settings: it is told the index that pip is set to, if any; and where uv
# cannot get through all the same, pip installs the same lock, only slower.
define install
index="$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null || true)}"; \
$${index:+env UV_DEFAULT_INDEX="$$index"} $(BIN)/uv pip install --quiet --python $(BIN)/python \
    --require-hashes --only-binary :all: -r $(1) \
|| { echo "uv could not install; pip tries the same" \
     && $(BIN)/python -m pip install --quiet --disable-pip-version-check \
        --require-hashes --only-binary :all: -r $(1); }
endef

compile = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: \
    --generate-hashes --no-header --no-annotate

# LOCK=--upgrade takes the newest of everything; without it only what pyproject.toml changed moves.
lock: .venv/.uv
	@echo uv | $(compile) $(LOCK) -o tools.lock -
	@$(compile) $(LOCK) --group build -o runtime.lock pyproject.toml
	@$(compile) $(LOCK) --group dev -c runtime.lock -o dev.lock pyproject.toml
	@! grep -n "://" tools.lock runtime.lock dev.lock
