# SPDX-License-Identifier: GPL-2.0-or-later
# What guests need that is compiled: their first process, alone in there and so
# without libraries.

PROGRAMS += $(B)/tests/guest/init

$(B)/tests/guest/init: $(B)/tests/guest/init.o
	$(CC) $(ALL_CFLAGS) $(filter-out -pie,$(ALL_LDFLAGS)) -static-pie -s \
		-o $@ $^

# Run inside by the cases.
GUEST_TOOLS := $(B)/tests/guest/rate $(B)/tests/guest/streamcheck

$(B)/tests/guest/rate: $(B)/tests/guest/rate.o
	$(CC) $(ALL_LDFLAGS) -o $@ $^

$(B)/tests/guest/streamcheck: $(B)/tests/guest/streamcheck.o $(LIBVRNG)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBVRNG_LDLIBS)
