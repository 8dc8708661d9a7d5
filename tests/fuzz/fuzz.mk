# SPDX-License-Identifier: GPL-2.0-or-later
# Fuzzing. A target is a file NAME.c and a folder seeds/NAME; it needs no line
# here. See fuzz.h.
#
# Targets and all that they link are compiled by clang with libFuzzer and the
# sanitizers, below $(B)/fuzz.

FUZZ_NAMES := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
FUZZ_TARGETS := $(FUZZ_NAMES:%=$(B)/tests/fuzz/%)
FUZZ_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
SECONDS ?= 10

# UNIT_LIBS is defined by a makefile that is included before this one.
$(B)/tests/fuzz/%: $(OBJ)/tests/fuzz/%.o $(UNIT_LIBS)
	$(LINK) -fsanitize=fuzzer -o $@ $^ $(RNGD_LDLIBS) \
		$(DEVICE_LDLIBS)

.PHONY: fuzz fuzz-built
fuzz: deps ## each fuzz target for SECONDS=n (10)
	@$(MAKE) B=$(B)/fuzz CC=clang HARDEN= HARDEN_LD= \
		CFLAGS="-O1 -g -fno-omit-frame-pointer $(FUZZ_SANITIZE) \
		-fsanitize=fuzzer-no-link" LDFLAGS="$(FUZZ_SANITIZE)" fuzz-built

fuzz-built: $(FUZZ_TARGETS)
	@tests/fuzz/run $(B)/tests/fuzz $(SECONDS) $(FUZZ)
