# The same targets serve people and CI: `make help`.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Tools come from the virtual environment; Debian keeps `bridge` where a user's PATH does not look.
export PATH := $(CURDIR)/.venv/bin:$(PATH):/usr/sbin:/sbin
# Nothing is read from or written to the user's own Ansible folders.
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/.cache/collections
export ANSIBLE_HOME := $(CURDIR)/.cache/ansible
export ANSIBLE_REMOTE_TMP := $(CURDIR)/.cache/ansible/tmp
export ANSIBLE_LOCALHOST_WARNING := False
export ANSIBLE_INVENTORY_UNPARSED_WARNING := False

COLLECTION := .cache/collections/ansible_collections/vxlan/fabric
# Longest first: run_stages.py starts them in this order, two at a time.
STAGES := kernel oldest packed guest sanity playbooks molecule unit lint types docs-lint build
# What a second kernel has and the first may lack: a selection for `make test`, everything with `make test-guest`.
GUEST_TESTS := $(addprefix tests/kernel/engine/, \
	$(addprefix test_vlans.py::test_,vlans_of_a_port what_an_old_kernel_does_not_have_is_named a_single_device_in_one_run a_default_pvid_moves) \
	$(addprefix test_vni.py::test_,the_filter_exact_extended_and_less vlans_of_the_port) \
	$(addprefix test_gateway.py::test_,a_whole_host_comes_changes_and_goes packets_are_routed_within_a_vrf_and_not_across \
	a_bridge_of_one_network_is_its_gateway an_l3vni_carries_what_is_routed_between_hosts))
# Whole fabrics there take minutes each: on a twin, and the example of tenants by the commands of its page.
GUEST_FABRICS := tests/kernel/twin/test_styles.py tests/kernel/twin/test_random_fabrics.py $(addprefix tests/playbooks/examples/test_examples.py::,test_1_everything_up_to_verify_succeeds[tenants] \
	test_2_a_second_deploy_changes_nothing[tenants] test_3_a_look_around_shows_something[tenants])
guest := python scripts/guest_run.py --skip
LONG_STAGES := faults machine versions disruption test-kernels large
# More for pytest: make unit PYTEST="-k fdb -x"
PYTEST ?=
EXAMPLES ?= 1000
# The kernel tests of the engine that are worth another run: test_libraries brings its own libraries. In another lane or with another library
# forwarding rows and VNI filters are the same packed messages.
ENGINE := tests/kernel/engine --ignore=tests/kernel/engine/test_libraries.py
ENGINE_LANES := $(ENGINE) $(foreach name,fdb vni,--ignore=tests/kernel/engine/test_$(name).py)
pytest = pytest --junitxml=.cache/reports/$@.xml $(PYTEST)

.PHONY: test-guest kernel-matrix help demo demo-down test test-all $(LONG_STAGES) nightly persistence venv system $(STAGES) lint-python lint-shell lint-ansible format bench clean documents

help: ## Say what there is
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' Makefile | sort | while IFS=$$'\t' read -r target text; do printf '  make %-10s %s\n' "$$target" "$$text"; done

demo: ## Build the example fabric out of network namespaces, deploy, verify, take it down (KEEP=1 leaves it)
	@scripts/install-system-packages demo
	@scripts/make-venv demo
	@scripts/as-root scripts/demo

documents: venv ## Write the documents of the examples anew, and what is made of the table of keys
	@PYTHONPATH=.cache/collections python scripts/documents.py
	@PYTHONPATH=.cache/collections python -m ansible_collections.vxlan.fabric.tests.unit.docs.fabric_texts

demo-down: ## Take the twin of a demo with KEEP=1 down
	@scripts/as-root scripts/demo down

test: system venv ## Run every stage, as CI does
	@python scripts/run_stages.py $(STAGES)

test-all: system venv ## Every fault family wholly, and the other long ones, one after the other: an hour and more
	@status=0; python scripts/run_stages.py $(LONG_STAGES) || status=$$?; python scripts/reliability.py; exit "$$status"

system: ## Install the Debian packages that the tests need
	@scripts/install-system-packages test

venv: ## Bring .venv to what requirements/ asks for
	@scripts/make-venv test

lint: lint-python lint-shell lint-ansible ## ruff, shellcheck, yamllint, ansible-lint

lint-python: venv
	ruff check .
	ruff format --check .

lint-shell: venv
	shellcheck --shell=bash .ci/run $$(grep -lE '^#!/usr/bin/env bash' scripts/*)

lint-ansible: venv
	copy="$$(scripts/clean-copy lint)"; cd "$$copy"; \
	yamllint --strict .; \
	ANSIBLE_COLLECTIONS_PATH="$${copy%/ansible_collections/*}" ansible-lint --offline --strict --nocolor

format: venv ## Let ruff lay out the Python code
	ruff format .
	ruff check --fix .

types: venv ## mypy --strict
	MYPYPATH=scripts mypy scripts/*.py
	if python -c 'import sys; from ansible.release import __version__ as v; sys.exit([*map(int, v.split(".")[:2])] < [2, 19])'; then \
	mypy $(COLLECTION)/plugins $(COLLECTION)/tests | sed 's#$(COLLECTION)/##'; \
	else echo 'SKIPPED: mypy on plugins and tests, which are typed against ansible-core 2.19 and newer (Python 3.11 and newer)'; fi

docs-lint: venv ## antsibull: documentation of modules, plugins and roles; change log
	copy="$$(scripts/clean-copy docs)"; cd "$$copy"; \
	export ANSIBLE_COLLECTIONS_PATH="$${copy%/ansible_collections/*}"; \
	antsibull-changelog lint; \
	antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=dependent --disallow-unknown-collection-refs .

sanity: venv ## ansible-test sanity, all tests, nothing ignored
	if compgen -G 'tests/sanity/ignore-*.txt'; then echo 'sanity errors are mended, not ignored' >&2; exit 1; fi
	python scripts/sanity.py

unit: venv ## Pure tests: no kernel, no root
	$(pytest) tests/unit

kernel: venv ## Modules against the kernel, in network namespaces (root, sudo or a user namespace)
	scripts/as-root $(pytest) tests/kernel

guest: venv ## VLAN-aware bridges, the single VXLAN device and VRFs under another kernel (User-Mode Linux), as part of make test
	$(guest) --limit 1800 -- pytest --junitxml=.cache/reports/$@.xml $(PYTEST) $(GUEST_TESTS)

test-guest: system venv ## Every kernel test of the engine under another kernel
	$(guest) --limit 10800 -- pytest --junitxml=.cache/reports/$@.xml $(PYTEST) $(ENGINE) tests/kernel/matrix $(GUEST_FABRICS)

test-kernels: system venv ## The same under Linux 6.1 and 6.12 of Debian, fetched into .cache/kernels
	python scripts/guest_kernels.py -- $(PYTEST)

kernel-matrix: venv ## Take what the kernel tests recorded of options and kernels into docs/kernel-matrix.md
	@PYTHONPATH=.cache/collections python -m ansible_collections.vxlan.fabric.tests.unit.docs.matrix_texts

nightly: venv ## Look for new mistakes: the properties on many random examples (EXAMPLES=1000)
	VXLAN_FABRIC_EXAMPLES=$(EXAMPLES) scripts/as-root $(pytest) tests/kernel/engine/test_properties.py tests/unit

machine: venv ## 10,000 random transitions of a host on which modules and other people work (VXLAN_FABRIC_TRANSITIONS=, VXLAN_FABRIC_SEED=)
	status=0; VXLAN_FABRIC_ALL=1 scripts/as-root $(pytest) -s tests/kernel/machine || status=$$?; python scripts/reliability.py; exit "$$status"

disruption: venv ## Measure what runs do to traffic, write docs/disruption.md
	VXLAN_FABRIC_ALL=1 scripts/as-root $(pytest) tests/kernel/disruption

large: venv ## The large example with all of its forty hosts on a twin, and the adoption of the leaves and spines
	VXLAN_FABRIC_ALL=1 scripts/as-root $(pytest) tests/playbooks/examples/test_examples.py tests/playbooks/fabric/test_adopt.py -k "large or leaf-spine"

persistence: venv ## Reboots of whole hosts with each network manager, where `make kernel` has two of them (root)
	VXLAN_FABRIC_ALL=1 scripts/as-root $(pytest) tests/kernel/persist tests/playbooks/persist

faults: venv ## Every fault at every point, counted into docs/reliability.md
	rm -f .cache/reports/reliability/{errors,killed,interrupted,pairs,churn,drift}-*.json
	status=0; VXLAN_FABRIC_ALL=1 scripts/as-root $(pytest) -n 2 tests/kernel/faults || status=$$?; python scripts/reliability.py; exit "$$status"

versions: venv ## The engine's kernel tests with each pyroute2 of the distributions, and on each Python of this machine
	python scripts/try_versions.py

oldest: venv ## The kernel tests of the engine with the oldest pyroute2 of requirements/runtime.txt
	version="$$(sed -nE 's/^pyroute2>=([0-9.]+).*/\1/p' requirements/runtime.txt)"; folder="$(CURDIR)/.cache/pyroute2-$$version"; \
	[ -d "$$folder" ] || { rm -rf "$$folder.part"; python -m pip install --quiet --no-deps --target "$$folder.part" "pyroute2==$$version"; mv "$$folder.part" "$$folder"; }; \
	PYTHONPATH="$$folder" scripts/as-root python -c "import pyroute2.config.version as found; print('pyroute2', found.__version__); assert found.__version__ == '$$version'"; \
	PYTHONPATH="$$folder" scripts/as-root $(pytest) $(ENGINE_LANES)

packed: venv ## The kernel tests of the engine with every plan in the packed lane, which otherwise only long ones take
	VXLAN_FABRIC_LANE=packed scripts/as-root $(pytest) $(ENGINE_LANES)

playbooks: venv ## Whole ansible-playbook runs (root, sudo or a user namespace)
	scripts/as-root $(pytest) tests/playbooks

molecule: venv ## The molecule scenarios, with network namespaces as hosts (root, sudo or a user namespace)
	scripts/as-root molecule test --all

build: venv ## Build the tarball, install it elsewhere, run from there
	scripts/try-collection

bench: venv ## Run the benchmarks, one after the other (root, sudo or a user namespace)
	for bench in fdb_rows whole_host single_device idle_module fabric_play compile_fabric; do PYTHONPATH="$(CURDIR)/.cache/collections" scripts/as-root python "tests/bench/$$bench.py"; done

clean: ## Remove everything that these targets made below the checkout
	rm -rf .venv .cache .ansible .hypothesis .mypy_cache .pytest_cache .ruff_cache
