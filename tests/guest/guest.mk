# SPDX-License-Identifier: GPL-2.0-or-later
# What guests need that is compiled: their first process, alone in there and so
# without libraries, and the tiny guest that tries KVM.

PROGRAMS += $(B)/tests/guest/init $(B)/tests/guest/probe.bin

$(B)/tests/guest/init: $(B)/tests/guest/init.o
	$(CC) $(ALL_CFLAGS) $(filter-out -pie,$(ALL_LDFLAGS)) -static-pie -s \
		-o $@ $^

$(B)/tests/guest/probe.bin: tests/guest/probe.S
	@mkdir -p $(@D)
	$(CC) -nostdlib -static -Wl,--build-id=none -Wl,-e,_start \
		-Wl,-Ttext=0,--oformat=binary -o $@ $<
