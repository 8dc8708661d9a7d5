# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon, rngtest, and the archive of sources, checks and sinks that they
# share with the host side.

LIBVRNG := $(B)/libvrng.a
LIBVRNG_SOURCES := rngd/why.c rngd/crypto.c rngd/number.c \
	rngd/speed.c rngd/stdfds.c rngd/stop.c \
	$(wildcard rngd/sources/*.c) $(wildcard rngd/checks/*.c) \
	$(wildcard rngd/sinks/*.c)
LIBVRNG_LDLIBS := $(shell $(PKG_CONFIG) --libs libgcrypt 2>/dev/null || \
	echo -lgcrypt)

$(LIBVRNG): $(LIBVRNG_SOURCES:%.c=$(B)/%.o)
	rm -f $@
	$(AR) rcs $@ $^

POPT_LDLIBS := $(shell $(PKG_CONFIG) --libs popt 2>/dev/null || echo -lpopt)

PROGRAMS += $(B)/rngd/rngtest

$(B)/rngd/rngtest: $(B)/rngd/rngtest.o $(LIBVRNG)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(POPT_LDLIBS)
