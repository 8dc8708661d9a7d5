# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon, rngtest, and the archive of sources, checks and sinks that they
# share with the host side.

LIBVRNG := $(B)/libvrng.a
LIBVRNG_SOURCES := rngd/why.c rngd/crypto.c \
	$(wildcard rngd/sources/*.c) $(wildcard rngd/checks/*.c) \
	$(wildcard rngd/sinks/*.c)
LIBVRNG_LDLIBS := $(shell $(PKG_CONFIG) --libs libgcrypt 2>/dev/null || \
	echo -lgcrypt)

$(LIBVRNG): $(LIBVRNG_SOURCES:%.c=$(B)/%.o)
	rm -f $@
	$(AR) rcs $@ $^
