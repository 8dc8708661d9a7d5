# SPDX-License-Identifier: GPL-2.0-or-later
# The host side: a virtio-rng device behind vhost-user. All but main() is in an
# archive, which the unit tests link too.

LIBDEVICE := $(B)/libdevice.a
LIBDEVICE_LDLIBS := -pthread -lpopt
LIBDEVICE_SOURCES := $(addprefix tests/device/,dealer.c fault.c feed.c fetch.c \
	front.c guest.c journal.c limit.c loop.c memmap.c report.c rng.c say.c \
	secret.c server.c sigbus.c stats.c supply.c tank.c vhost_user.c virtq.c)

$(LIBDEVICE): $(LIBDEVICE_SOURCES:%.c=$(B)/%.o)
	rm -f $@
	$(AR) rcs $@ $^

PROGRAMS += $(B)/tests/device/vhost-user-rng

$(B)/tests/device/vhost-user-rng: $(B)/tests/device/vhost-user-rng.o \
		$(B)/tests/device/options.o $(LIBDEVICE) $(LIBVRNG)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBVRNG_LDLIBS) $(LIBDEVICE_LDLIBS)
