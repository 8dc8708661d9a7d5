# SPDX-License-Identifier: GPL-2.0-or-later
# Programs that guests need: their first process, linked statically since it starts
# without libraries, and the tiny guest that tries KVM.

PROGRAMS += $(B)/tests/guest/init

# Position-independent, where the C library supports it.
STATIC = $(if $(findstring /,$(shell $(CC) $(CFLAGS) -print-file-name=rcrt1.o)),\
	-static-pie,-static)

$(B)/tests/guest/init: $(OBJ)/tests/guest/init.o
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(filter-out -pie,$(ALL_LDFLAGS)) $(STATIC) -s \
		-o $@ $^

# The probe is x86 code. On other processors KVM is not tried.
ifneq ($(filter x86_64 i%86,$(PROCESSOR)),)
PROBE := $(B)/tests/guest/probe.bin
PROGRAMS += $(PROBE)
endif

$(B)/tests/guest/probe.bin: tests/guest/probe.S
	@mkdir -p $(@D)
	$(CC) -nostdlib -static -Wl,--build-id=none -Wl,-e,_start \
		-Wl,-Ttext=0,--oformat=binary -o $@ $<

# If there is no UML kernel, tests/guest/kinds.t reports it, and the tests that do not
# need it still run.
.PHONY: guest-modules
guest-modules: module
	@! tests/guest/kernel uml >/dev/null || $(MAKE) module-uml

# Runs the cases often enough to find rare faults. A part runs even if one before it
# failed.
.PHONY: check-driver-long
check-driver-long: deps ## check-driver with full counts, and tests/mutants
	@$(MAKE) programs $(GUEST_TOOLS) guest-modules module-kcsan
	@$(MAKE) module-debian-5.10 module-debian-7.2
	status=0; export $(AS_ONE_RUN); \
	PAIRS=20 prove --timer tests/guest/clone.t || status=1; \
	PAIRS=20 PEERS=yes KERNELS="debian debian-5.10 debian-7.2" \
		prove --timer tests/guest/snapshot.t || status=1; \
	ROUNDS=50 prove --timer tests/guest/suspend.t tests/guest/hibernate.t \
		|| status=1; \
	ROUNDS=1000 PLUGS=200 prove --timer tests/guest/robust.t || status=1; \
	COMPLETIONS=10000 KUNIT_TIMEOUT=3600 prove --timer \
		tests/kunit/suites.t tests/kunit/kcsan || status=1; \
	prove --timer tests/guest/faults.t tests/mutants || status=1; \
	exit $$status

.PHONY: check-device-long
check-device-long: deps ## the device replaced and killed, and QEMU killed, a hundred times each, under readers
	@$(MAKE) programs $(GUEST_TOOLS) guest-modules \
		$(B)/tests/unit/hostile_test $(MANAGER)
	$(AS_ONE_RUN) KILLS=100 QEMU_KILLS=100 UPGRADES=100 \
		UPGRADED="connects listens uml" NESTED=uml prove --timer \
		$(B)/tests/unit/hostile_test tests/guest/device.t \
		tests/guest/jitter.t

.PHONY: check-forks-long
check-forks-long: deps ## recipes for programs in clones, Java among them, and hosts that are clones
	@$(MAKE) programs $(GUEST_TOOLS) guest-modules
	$(AS_ONE_RUN) RECIPES=all CLONES=8 prove --timer tests/guest/recipes.t \
		tests/guest/host-clone.t

.PHONY: check-kcsan kcsan-cases
check-kcsan: deps ## KUnit suites under KCSAN, and DMA-API checks, in QEMU
	@$(MAKE) kcsan-cases

kcsan-cases: programs module-kcsan
	prove --timer tests/kunit/kcsan
