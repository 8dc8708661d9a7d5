# SPDX-License-Identifier: GPL-2.0-or-later
# egd-server: the sources for whoever speaks the protocol of EGD. All but main()
# is in an archive, which the unit tests link too.

LIBEGD := $(B)/libegd.a
LIBEGD_SOURCES := $(wildcard tests/device/egd_*.c)

$(LIBEGD): $(LIBEGD_SOURCES:%.c=$(B)/%.o)
	rm -f $@
	$(AR) rcs $@ $^

PROGRAMS += $(B)/tests/device/egd-server

$(B)/tests/device/egd-server: $(B)/tests/device/egd-server.o $(LIBEGD) \
		$(LIBDEVICE) $(LIBVRNG)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBVRNG_LDLIBS) $(LIBDEVICE_LDLIBS)

# Clients by the thousand, for the tests and for the figures.
EGD_LOAD := $(B)/tests/bench/egd_load

$(EGD_LOAD): $(B)/tests/bench/egd_load.o $(LIBVRNG)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBVRNG_LDLIBS) -pthread

unit tests: $(EGD_LOAD)

.PHONY: check-egd-long
check-egd-long: deps ## libgcrypt's own EGD client, which is built for it, on egd-server
	@$(MAKE) programs
	B=$(B) prove --timer tests/long/libgcrypt
