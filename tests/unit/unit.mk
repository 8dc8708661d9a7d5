# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests: one cmocka program for each noun, tests/unit/NOUN_test.c, which prints TAP.
# Each links all archives, so that a new test needs no line here.

UNIT_SOURCES := $(wildcard tests/unit/*_test.c)
UNIT_TESTS += $(UNIT_SOURCES:%.c=$(B)/%)
UNIT_LIBS := $(EGD_SERVER) $(VHOST_USER_RNG) $(DEVICE_ROOMS) $(LIBPOOL) \
	$(RNGD_ROOMS) $(OBJ)/tests/unit/front.o

$(B)/tests/unit/%_test: $(OBJ)/tests/unit/%_test.o $(UNIT_LIBS)
	$(LINK) $(TEST_LDFLAGS) -o $@ $^ -lcmocka $(RNGD_LDLIBS) \
		$(DEVICE_LDLIBS)

# Cases set the clock.
$(B)/tests/unit/backend_test $(B)/tests/unit/backend_source_test \
$(B)/tests/unit/file_helper_test $(B)/tests/unit/front_ends_test \
$(B)/tests/unit/log_test: TEST_LDFLAGS := -Wl,--wrap=vrng_now
$(B)/tests/unit/backend_source_test: TEST_LDFLAGS += -Wl,--wrap=virtq_wrote
$(B)/tests/unit/exporter_test: TEST_LDFLAGS := -Wl,--wrap=loop_timer_set
$(B)/tests/unit/intake_test: TEST_LDFLAGS := -Wl,--wrap=vrng_now \
	-Wl,--wrap=vrng_worker_wait_for
$(B)/tests/unit/selftest_test: TEST_LDFLAGS := -Wl,--wrap=vrng_fips_engine \
	-Wl,--wrap=vrng_health_limits_find -Wl,--wrap=gcry_mac_read
# Reads fail as those of the kernel's log.
$(B)/tests/unit/sign_test: TEST_LDFLAGS := -Wl,--wrap=read
# Clones have the same generator.
$(B)/tests/unit/page_test: TEST_LDFLAGS := -Wl,--wrap=getrandom
$(B)/tests/unit/worker_test: TEST_LDFLAGS := -Wl,--wrap=clock_gettime

# Scripts that run the programs as users do and print TAP. B names the build folder.
UNIT_SCRIPTS := $(wildcard tests/unit/*.t)

# tests/unit/tap reports a test program's skipped cases to prove.
PROVE := prove --exec tests/unit/tap

.PHONY: unit unit-built
unit: unit-built ## the unit tests
	B=$(B) $(PROVE) --jobs $(JOBS) $(call in_order,$(QUICK_FIRST), \
		$(UNIT_TESTS) $(UNIT_SCRIPTS))

unit-built: $(UNIT_TESTS) $(PROGRAMS)

# `unit` runs these on fewer blocks.
.PHONY: check-corpus
check-corpus: $(UNIT_TESTS) $(PROGRAMS) ## each FIPS engine on the whole corpus: an hour
	VRNG_CORPUS=full B=$(B) $(PROVE) -v $(B)/tests/unit/fips_paths_test \
		tests/unit/rngtest_peer.t tests/unit/neon.t
