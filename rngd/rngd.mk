# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon, rngctl and rngtest. Each room is an archive but for the first five,
# which the host side links, too, as one.

LIBVRNG := $(B)/libvrng.a
LIBVRNG_LDLIBS := $(shell $(PKG_CONFIG) --libs libgcrypt popt 2>/dev/null || \
	echo -lgcrypt -lpopt) -lm

$(eval $(call archive,libvrng,$(wildcard $(addsuffix /*.c,$(addprefix rngd/, \
	base signs sources checks sinks)))))
$(foreach room,feed fork options control process,$(eval \
	$(call archive,rngd/$(room),$(wildcard rngd/$(room)/*.c))))
$(eval $(call archive,rngd/tester,$(wildcard rngd/tester/*.c \
	$(addsuffix /*.c,$(addprefix rngd/tester/,estimate iid evidence)))))

# From the top to the ground, as the linker reads them.
RNGD_ROOMS := $(B)/rngd/tester.a $(B)/rngd/process.a $(B)/rngd/control.a \
	$(B)/rngd/options.a $(B)/rngd/fork.a $(B)/rngd/feed.a $(LIBVRNG)

# What a program does not use, it does not ask for.
RNGD_LDLIBS := -pthread -Wl,--as-needed -ldivsufsort -lbz2 $(LIBVRNG_LDLIBS) \
	$(shell $(PKG_CONFIG) --libs libcap-ng libseccomp json-c 2>/dev/null || \
	echo -lcap-ng -lseccomp -ljson-c)

# Each engine is built for its processor, and used only where that is found.
# Elsewhere its file is empty.
ifeq ($(PROCESSOR),x86_64)
$(OBJ)/rngd/checks/fips_avx2.o: OBJ_CFLAGS := -mavx2
$(OBJ)/rngd/checks/fips_avx512.o: OBJ_CFLAGS := -mavx512f -mavx512vpopcntdq
endif

# Loops over a million samples, for 10,000 shuffles, as vectors.
$(addprefix $(OBJ)/rngd/tester/iid/,coding.o runs.o statistics.o): OBJ_CFLAGS := -O3

RNGD_PROGRAMS := $(addprefix $(B)/rngd/,rngd rngctl rngtest)
PROGRAMS += $(RNGD_PROGRAMS)

$(RNGD_PROGRAMS): $(B)/%: $(OBJ)/%.o $(RNGD_ROOMS)
	$(LINK) -o $@ $^ $(RNGD_LDLIBS)

# rngctl needs the C library alone, and is linked statically where that can be done: the
# dynamic linker is most of what it executes (rngctl.c). Not with sanitizers, and not with
# musl, whose wrapper of gcc accepts the option and links something else. On other
# processors nobody has tried it.
ifeq ($(PROCESSOR),x86_64)
STATIC := $(shell echo 'int main(void) { return __GLIBC__ ? 0 : 1; }' | \
	$(CC) $(CFLAGS) $(LDFLAGS) -include features.h -fPIE -static-pie -x c \
	-o /dev/null - 2>/dev/null && echo -static-pie)
endif
$(B)/rngd/rngctl: RNGD_LDLIBS :=
ifneq ($(STATIC),)
$(B)/rngd/rngctl: HARDEN_LD := $(filter-out -pie,$(HARDEN_LD)) $(STATIC)
endif

LONG ?= 1800
SEED ?= 1

.PHONY: check-rngd-long
check-rngd-long: deps ## rngd for LONG=n (1800) seconds, with sources that fail
	@$(MAKE) programs
	B=$(B) tests/long/rngd $(LONG) $(SEED)

.PHONY: check-evidence
check-evidence: deps ## rngtest beside NIST's programs for SP 800-90B, in NIST=folder
	@$(MAKE) programs
	B=$(B) tests/long/evidence
