# SPDX-License-Identifier: GPL-2.0-or-later
# Comparisons, ours and each peer's in one run.

BENCH_TOOLS := $(B)/tests/bench/lag $(B)/tests/bench/front_rate

$(B)/tests/bench/lag: $(B)/tests/bench/lag.o
	$(CC) $(ALL_LDFLAGS) -o $@ $^

$(B)/tests/bench/front_rate: $(B)/tests/bench/front_rate.o $(LIBDEVICE)
	$(CC) $(ALL_LDFLAGS) -o $@ $^

.PHONY: bench-driver bench-built
bench-driver: deps ## the driver beside the in-tree one and a bare copy
	@$(MAKE) bench-built

bench-built: programs $(GUEST_TOOLS) $(BENCH_TOOLS) module module-uml
	@tests/bench/driver

.PHONY: bench-device bench-device-built
bench-device: deps ## the device alone beside getrandom() without it
	@$(MAKE) bench-device-built

bench-device-built: programs $(BENCH_TOOLS)
	@B=$(B) tests/bench/device

.PHONY: bench-checks bench-checks-built
bench-checks: deps ## rngtest beside the distribution's, with each engine
	@$(MAKE) bench-checks-built

bench-checks-built: programs
	@B=$(B) tests/bench/checks
