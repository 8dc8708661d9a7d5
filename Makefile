# SPDX-License-Identifier: GPL-2.0-or-later
# vrng: the entropy path of a virtual machine. `make help` lists what there is.
#
# One make for all rooms: each room's .mk says what it adds, and nothing here
# recurses but into the kernel's own build system.

MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

B := build
VERSION := $(shell sed -n 's/^\#define VRNG_VERSION "\(.*\)"/\1/p' \
	include/vrng/version.h)

CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif
CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
PREFIX ?= /usr/local

WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wpointer-arith -Wformat=2 -Wvla
HARDEN := -fPIE -fstack-protector-strong -fstack-clash-protection
ifneq ($(filter -O%,$(filter-out -O0,$(CFLAGS))),)
HARDEN += -D_FORTIFY_SOURCE=2
endif
ifeq ($(shell uname -m),x86_64)
HARDEN += -fcf-protection=full
endif
HARDEN_LD := -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack

ALL_CFLAGS = -std=gnu11 $(WARNINGS) $(HARDEN) -D_GNU_SOURCE -Iinclude -I. \
	$(CFLAGS)
ALL_LDFLAGS = $(HARDEN_LD) $(LDFLAGS)

# A room's fragment adds to these:
#   PROGRAMS    what `make` builds for people
#   UNIT_TESTS  cmocka programs, build/tests/unit/NAME, that print TAP
PROGRAMS :=
UNIT_TESTS :=

include rngd/rngd.mk
include tests/device/device.mk
include driver/driver.mk
include tests/unit/unit.mk
include tests/guest/guest.mk

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(OBJ_CFLAGS) -MMD -MP -c -o $@ $<

-include $(shell find $(B) -name '*.d' 2>/dev/null)

.PHONY: all programs clean
all: programs module ## build the programs, and the module for KVER
programs: $(PROGRAMS)

clean: ## remove build/
	rm -rf $(B)
