# SPDX-License-Identifier: GPL-2.0-or-later
# The host side. Each room is an archive of its own, so that a program links only the
# rooms that it uses. The archive of a program's room has all but main(), for the
# unit tests.

DEVICE_LDLIBS := -pthread -lpopt $(shell $(PKG_CONFIG) --libs libseccomp \
	libcap-ng 2>/dev/null || echo -lseccomp -lcap-ng)

$(foreach room,runtime guest-memory virtqueue vhost-user entropy,$(eval \
	$(call archive,tests/device/$(room),$(wildcard tests/device/$(room)/*.c))))
$(foreach room,vhost-user-rng egd-server,$(eval \
	$(call archive,tests/device/$(room),$(filter-out %/$(room).c,$(wildcard \
	tests/device/$(room)/*.c)))))

# In the order of the linker: a room before those that it uses.
room = $(1:%=$(B)/tests/device/%.a)
VHOST_USER_RNG := $(call room,vhost-user-rng)
EGD_SERVER := $(call room,egd-server)
DEVICE_ROOMS := $(call room,vhost-user virtqueue guest-memory entropy runtime)

PROGRAMS += $(B)/tests/device/vhost-user-rng $(B)/tests/device/egd-server

$(B)/tests/device/vhost-user-rng: \
		$(OBJ)/tests/device/vhost-user-rng/vhost-user-rng.o \
		$(VHOST_USER_RNG) $(DEVICE_ROOMS) $(LIBVRNG)
	$(LINK) -o $@ $^ $(LIBVRNG_LDLIBS) $(DEVICE_LDLIBS)

$(B)/tests/device/egd-server: $(OBJ)/tests/device/egd-server/egd-server.o \
		$(EGD_SERVER) $(call room,entropy runtime) $(LIBVRNG)
	$(LINK) -o $@ $^ $(LIBVRNG_LDLIBS) $(DEVICE_LDLIBS)

# Where QEMU's managers look for vhost-user back-ends.
install: install-device
.PHONY: install-device
install-device:
	install -d $(DESTDIR)$(PREFIX)/share/qemu/vhost-user
	sed '/SPDX/d; s|@bindir@|$(PREFIX)/bin|' tests/device/50-vhost-user-rng.json.in \
		>$(DESTDIR)$(PREFIX)/share/qemu/vhost-user/50-vhost-user-rng.json

# A load of thousands of clients, for tests and for bench.
EGD_LOAD := $(B)/tests/bench/egd_load

$(EGD_LOAD): $(OBJ)/tests/bench/egd_load.o $(LIBVRNG)
	$(LINK) -o $@ $^ $(LIBVRNG_LDLIBS) -pthread

# Guests of a folder of sockets, for tests and for bench.
FLEET := $(B)/tests/bench/fleet

$(FLEET): $(OBJ)/tests/bench/fleet.o $(OBJ)/tests/unit/front.o $(DEVICE_ROOMS) \
		$(LIBVRNG)
	$(LINK) -o $@ $^ $(LIBVRNG_LDLIBS) -pthread

# A service manager that keeps descriptors.
MANAGER := $(B)/tests/unit/manager

$(MANAGER): $(OBJ)/tests/unit/manager.o $(LIBVRNG)
	$(LINK) -o $@ $^ $(LIBVRNG_LDLIBS)

unit-built tests: $(EGD_LOAD) $(FLEET) $(MANAGER)

.PHONY: check-egd-long
check-egd-long: deps ## libgcrypt's own EGD client on egd-server
	@$(MAKE) programs
	B=$(B) prove --timer tests/long/libgcrypt

# Tests of the host side, run under sanitizers, each with a build folder of its own;
# those with threads also under TSan.
SANITIZE_TESTS := backend backend_source device_worker dialer dirty_log egd \
	egd_listen egd_peers egd_server event_fd exporter fault file_helper folder front_ends \
	handover hostile log map prefetch_ring rate_limit scheduler session source_egd \
	source_process stats_file total_limit transcript virtq virtq_packed \
	virtq_packed_traffic
SANITIZE_THREADS := device_worker egd_server prefetch_ring scheduler
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
		$(EGD_LOAD) $(FLEET) $(MANAGER)
	$(PROVE) $(CASES:%=$(B)/tests/unit/%_test)
	B=$(B) prove $(addprefix tests/unit/,device.t egd-server.t fleet.t upgrade.t)
