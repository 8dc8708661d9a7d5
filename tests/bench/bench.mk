# SPDX-License-Identifier: GPL-2.0-or-later
# Benches: they measure ours and each peer's in one run.

BENCH_TOOLS := $(addprefix $(B)/tests/bench/,flow lag first front_rate getrandom \
	ring checking nopool.so)

$(addprefix $(B)/tests/bench/,flow lag first): $(B)/%: $(OBJ)/%.o
	$(LINK) -o $@ $^

# forkwatch runs in clones, and uses the I/O ports of x86.
FORK_TOOLS := $(addprefix $(B)/tests/bench/,forkwatch stamp)

$(B)/tests/bench/stamp: $(OBJ)/tests/bench/stamp.o
	$(LINK) -o $@ $^

$(B)/tests/bench/forkwatch: $(OBJ)/tests/bench/forkwatch.o \
		$(OBJ)/tests/guest/fork_marker.o
	$(LINK) -o $@ $^ -pthread

$(addprefix $(B)/tests/bench/,front_rate ring): $(B)/%: $(OBJ)/%.o \
		$(OBJ)/tests/unit/front.o $(DEVICE_ROOMS) $(LIBVRNG)
	$(LINK) -o $@ $^ $(LIBVRNG_LDLIBS)

$(B)/tests/bench/health: $(OBJ)/tests/bench/health.o $(LIBVRNG)
	$(LINK) -o $@ $^ $(LIBVRNG_LDLIBS)

.PHONY: bench bench-built
bench: deps ## all comparisons, into build/bench/report.md; QUICK=1 takes a fifth of the time
	@$(MAKE) bench-built

bench-built: programs $(GUEST_TOOLS) $(BENCH_TOOLS) $(EGD_LOAD) module module-uml
	@B=$(B) QUICK=$(QUICK) tests/bench/all

.PHONY: bench-driver bench-driver-built
bench-driver: deps ## the driver beside the in-tree one and a bare copy
	@$(MAKE) bench-driver-built

bench-driver-built: programs $(GUEST_TOOLS) $(BENCH_TOOLS) module module-uml
	@tests/bench/driver

.PHONY: bench-device bench-device-built
bench-device: deps ## the device alone, and beside QEMU's in a guest
	@$(MAKE) bench-device-built

bench-device-built: programs $(GUEST_TOOLS) $(BENCH_TOOLS) module
	@B=$(B) tests/bench/device

.PHONY: bench-guests bench-guests-built
bench-guests: deps ## many guests, in one process and in one each: memory, waits
	@$(MAKE) bench-guests-built

bench-guests-built: programs $(FLEET)
	@B=$(B) tests/bench/guests

.PHONY: bench-egd bench-egd-built
bench-egd: deps ## EGD with a cache and without, 1,000 clients, guests
	@$(MAKE) bench-egd-built

bench-egd-built: programs $(GUEST_TOOLS) $(BENCH_TOOLS) $(EGD_LOAD) module
	@B=$(B) tests/bench/egd

.PHONY: bench-checks bench-checks-built
bench-checks: deps ## rngtest with each engine, beside the distribution's
	@$(MAKE) bench-checks-built

bench-checks-built: programs $(B)/tests/bench/checking
	@B=$(B) tests/bench/checks

$(addprefix $(B)/tests/bench/,getrandom checking): $(B)/%: $(OBJ)/%.o \
		$(LIBVRNG)
	$(LINK) -o $@ $^ $(LIBVRNG_LDLIBS)

$(B)/tests/bench/nopool.so: tests/bench/nopool.c
	@mkdir -p $(@D)
	$(CC) $(filter-out -fPIE,$(ALL_CFLAGS)) -fPIC -shared -o $@ $<

.PHONY: bench-rngd bench-rngd-built
bench-rngd: deps ## rngd idle, at speed and at its end, beside the distribution's
	@$(MAKE) bench-rngd-built

bench-rngd-built: programs $(GUEST_TOOLS) $(BENCH_TOOLS) module
	@B=$(B) tests/bench/rngd

.PHONY: bench-forks bench-forks-built
bench-forks: deps ## clones of one snapshot, into build/bench/forks.md; CLONES=n of them (8)
	@$(MAKE) bench-forks-built

bench-forks-built: programs $(FORK_TOOLS) module
	@B=$(B) tests/bench/forks

.PHONY: bench-health bench-health-built
bench-health: deps ## the continuous health tests, GB/s
	@$(MAKE) bench-health-built

bench-health-built: $(B)/tests/bench/health
	@$<
