# SPDX-License-Identifier: GPL-2.0-or-later
# What of the programs' code the unit tier runs. Counts by clang, which has them
# in a mapped file: they outlive filters that forbid a process to write one at
# its end, and kill -9; only one that is killed as it begins leaves a file that
# cannot be read. A few cases fail where a program must not open such a file, and
# says so: that they pass is for `make unit` to show.

COVERAGE := -fprofile-instr-generate -fcoverage-mapping \
	-mllvm -runtime-counter-relocation
COUNTS := $(B)/counts
COVERAGE_OF := $(filter $(B)/rngd/% $(B)/tests/device/%,$(PROGRAMS)) $(UNIT_TESTS)
COVERAGE_REPORT = -instr-profile=$(B)/counts.profdata \
	-ignore-filename-regex='tests/(unit|bench|fuzz|guest)/' \
	$(firstword $(COVERAGE_OF)) \
	$(patsubst %,-object=%,$(wordlist 2,1000,$(COVERAGE_OF)))

.PHONY: coverage coverage-cases
coverage: ## lines and branches that the unit tests run, in build/coverage/html
	@packaging/deps coverage
	@$(MAKE) B=$(B)/coverage CC=clang CFLAGS="-O1 -g $(COVERAGE)" \
		LDFLAGS=-fprofile-instr-generate coverage-cases

coverage-cases: $(COVERAGE_OF) $(EGD_LOAD)
	rm -rf $(COUNTS)
	mkdir -p -m 1777 $(COUNTS)
	-LLVM_PROFILE_FILE=$(abspath $(COUNTS))/%c%p B=$(B) \
		$(PROVE) $(UNIT_TESTS) $(UNIT_SCRIPTS)
	find $(COUNTS) -type f >$(B)/counts.list
	llvm-profdata merge -failure-mode=all -f $(B)/counts.list -o $(B)/counts.profdata
	llvm-cov show -format=html -output-dir=$(B)/html -show-branches=count \
		$(COVERAGE_REPORT)
	llvm-cov report -show-region-summary=0 $(COVERAGE_REPORT) | \
		tee $(B)/report.txt

.PHONY: coverage-driver coverage-driver-built
coverage-driver: deps ## lines and branches of the driver that its KUnit suites run
	@$(MAKE) coverage-driver-built

coverage-driver-built: programs $(GUEST_TOOLS)
	@$(MAKE) module-uml-gcov VRNG_COVERAGE=y
	@B=$(B) tests/kunit/coverage
