# SPDX-License-Identifier: GPL-2.0-or-later
# The host side: a virtio-rng device behind vhost-user. All but main() is in an
# archive, which the unit tests link too.

LIBDEVICE := $(B)/libdevice.a
LIBDEVICE_LDLIBS := -pthread -lpopt $(shell $(PKG_CONFIG) --libs libseccomp \
	libcap-ng 2>/dev/null || echo -lseccomp -lcap-ng)
LIBDEVICE_SOURCES := $(filter-out $(addprefix tests/device/,egd% options.c \
	vhost-user-rng.c),$(wildcard tests/device/*.c))

$(LIBDEVICE): $(LIBDEVICE_SOURCES:%.c=$(B)/%.o)
	rm -f $@
	$(AR) rcs $@ $^

PROGRAMS += $(B)/tests/device/vhost-user-rng

$(B)/tests/device/vhost-user-rng: $(B)/tests/device/vhost-user-rng.o \
		$(B)/tests/device/options.o $(LIBDEVICE) $(LIBVRNG)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBVRNG_LDLIBS) $(LIBDEVICE_LDLIBS)

# Where QEMU and what manages it look for back-ends.
install: install-device
.PHONY: install-device
install-device:
	install -d $(DESTDIR)$(PREFIX)/share/qemu/vhost-user
	sed '/SPDX/d; s|@bindir@|$(PREFIX)/bin|' tests/device/50-vhost-user-rng.json.in \
		>$(DESTDIR)$(PREFIX)/share/qemu/vhost-user/50-vhost-user-rng.json

# Under sanitizers, in build folders of their own. Threads are what TSan is for.
SANITIZE_TESTS := $(filter $(patsubst tests/unit/%_test.c,%,$(wildcard \
	tests/unit/*_test.c)),dealer dirty egd exporter fault guest hostile limit \
	memmap rng source_egd stats_file tank vhost_user virtq virtq_packed)
SANITIZE_THREADS := $(filter dealer egd guest tank,$(SANITIZE_TESTS))
ASAN := -fsanitize=address,undefined -fno-sanitize-recover=all
TSAN := -fsanitize=thread

.PHONY: check-sanitize sanitize sanitize-cases
check-sanitize: deps ## the host side's tests under ASan, UBSan and TSan
	@$(MAKE) sanitize

sanitize:
	@$(MAKE) B=$(B)/asan CFLAGS="-O1 -g -fno-omit-frame-pointer $(ASAN)" \
		LDFLAGS="$(ASAN)" CASES="$(SANITIZE_TESTS)" sanitize-cases
	@$(MAKE) B=$(B)/tsan CFLAGS="-O1 -g $(TSAN)" LDFLAGS="$(TSAN)" \
		CASES="$(SANITIZE_THREADS)" sanitize-cases

sanitize-cases: $(CASES:%=$(B)/tests/unit/%_test) \
		$(B)/tests/device/vhost-user-rng $(B)/tests/device/egd-server \
		$(B)/tests/bench/egd_load
	$(PROVE) $(CASES:%=$(B)/tests/unit/%_test)
	B=$(B) prove tests/unit/device.t tests/unit/egd-server.t
