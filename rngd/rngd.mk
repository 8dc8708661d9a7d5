# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon, rngtest, and the archive of sources, checks and sinks that they
# share with the host side.

LIBVRNG := $(B)/libvrng.a
LIBVRNG_SOURCES := rngd/why.c rngd/crypto.c rngd/number.c rngd/options.c \
	rngd/option_paths.c rngd/option_table.c rngd/option_values.c \
	rngd/names.c rngd/config.c rngd/speed.c rngd/stdfds.c rngd/stop.c \
	rngd/hooks.c rngd/probation.c rngd/vmfork.c rngd/ours.c rngd/listener.c \
	rngd/control/server.c rngd/sandbox.c rngd/worker.c \
	$(wildcard rngd/base/*.c) \
	$(wildcard rngd/sources/*.c) $(wildcard rngd/checks/*.c) \
	$(wildcard rngd/checks/estimate/*.c) \
	$(wildcard rngd/sinks/*.c)
LIBVRNG_LDLIBS := $(shell $(PKG_CONFIG) --libs libgcrypt popt 2>/dev/null || \
	echo -lgcrypt -lpopt)
# The estimators' own: programs without these do not ask for them.
LIBVRNG_LDLIBS += -Wl,--push-state,--as-needed -ldivsufsort -lm \
	-Wl,--pop-state

$(LIBVRNG): $(LIBVRNG_SOURCES:%.c=$(B)/%.o)
	rm -f $@
	$(AR) rcs $@ $^

# Each engine is built for its processor, and used only where that is found.
# Elsewhere its file is empty.
ifeq ($(PROCESSOR),x86_64)
$(B)/rngd/checks/fips_avx2.o: OBJ_CFLAGS := -mavx2
$(B)/rngd/checks/fips_avx512.o: OBJ_CFLAGS := -mavx512f -mavx512vpopcntdq
endif

PROGRAMS += $(B)/rngd/rngtest

RNGTEST_SOURCES := rngd/rngtest.c $(wildcard rngd/tester/*.c)

$(B)/rngd/rngtest: $(RNGTEST_SOURCES:%.c=$(B)/%.o) $(LIBVRNG)
	$(CC) $(ALL_LDFLAGS) -pthread -o $@ $^ -Wl,--as-needed $(LIBVRNG_LDLIBS)

RNGCTL_SOURCES := rngd/control/client.c rngd/control/metrics.c
JSON_LDLIBS := $(shell $(PKG_CONFIG) --libs json-c 2>/dev/null || echo -ljson-c)

PROGRAMS += $(B)/rngd/rngctl

$(B)/rngd/rngctl: $(B)/rngd/rngctl.o $(RNGCTL_SOURCES:%.c=$(B)/%.o) $(LIBVRNG)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ -Wl,--as-needed $(LIBVRNG_LDLIBS) \
		$(JSON_LDLIBS)

# Of the daemon alone: all but what has a main() or is in the archive.
RNGD_SOURCES := $(filter-out $(LIBVRNG_SOURCES) rngd/rngtest.c \
	rngd/rngctl.c $(RNGCTL_SOURCES),$(wildcard rngd/*.c rngd/control/*.c))
RNGD_LDLIBS := $(shell $(PKG_CONFIG) --libs libcap-ng libseccomp 2>/dev/null || \
	echo -lcap-ng -lseccomp)

PROGRAMS += $(B)/rngd/rngd

# open(2) is wrapped: what the daemon may not open, its helper does. Its name is
# open64 where files may be large.
$(B)/rngd/rngd: $(RNGD_SOURCES:%.c=$(B)/%.o) $(LIBVRNG)
	$(CC) $(ALL_LDFLAGS) -pthread \
		-Wl,--wrap=open,--wrap=open64,--wrap=__open_2,--wrap=__open64_2 -o $@ $^ \
		$(LIBVRNG_LDLIBS) $(RNGD_LDLIBS)

LONG ?= 1800
SEED ?= 1

.PHONY: check-rngd-long
check-rngd-long: deps ## rngd for LONG=n (1800) seconds, with sources that fail
	@$(MAKE) programs
	B=$(B) tests/long/rngd $(LONG) $(SEED)
