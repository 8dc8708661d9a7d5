# SPDX-License-Identifier: GPL-2.0-or-later
# vrng: the entropy path of a virtual machine. `make help` lists the targets.
#
# One make builds all rooms. The .mk file of a room adds its programs and targets.

MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:
# Keep the objects of unit tests, which are intermediate files of a pattern rule.
.SECONDARY:
.DEFAULT_GOAL := all

# kbuild splits a name at a space, and its error message does not say so.
ifneq ($(words $(CURDIR)),1)
$(error vrng cannot be built in '$(CURDIR)', a path with a space in it: \
	move the folder)
endif

# Short lines, unless V=1 asks for the commands.
ifneq ($(V),1)
MAKEFLAGS += --silent
endif

B := build
OBJ = $(B)/obj
VERSION := $(shell sed -n 's/^\#define VRNG_VERSION "\(.*\)"/\1/p' \
	include/vrng/version.h)

CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif
CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
PREFIX ?= /usr/local

# The compiler decides which machine is built for, as in
#   make CC=s390x-linux-gnu-gcc PKG_CONFIG=s390x-linux-gnu-pkg-config programs
MACHINE := $(shell $(CC) -dumpmachine 2>/dev/null)
PROCESSOR := $(firstword $(subst -, ,$(MACHINE)))
SIZEOF_LONG := $(shell echo __SIZEOF_LONG__ | $(CC) $(CFLAGS) -E -P -x c - \
	2>/dev/null)
# The other tools of a cross compiler have its prefix. musl-gcc is not one.
CROSS := $(patsubst %gcc,%,$(filter-out musl-gcc,$(filter %-gcc,$(CC))))
ifeq ($(origin AR),default)
AR := $(CROSS)ar
endif
STRIP ?= $(CROSS)strip

WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wpointer-arith -Wformat=2 -Wvla
HARDEN := -fPIE -fstack-protector-strong -fstack-clash-protection
ifneq ($(filter -O%,$(filter-out -O0,$(CFLAGS))),)
HARDEN += -D_FORTIFY_SOURCE=2
endif
ifeq ($(PROCESSOR),x86_64)
HARDEN += -fcf-protection=full
endif
HARDEN_LD := -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack

# Files larger than 2 GiB, and times after 2038.
ifeq ($(SIZEOF_LONG),4)
LARGE := -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
endif

ALL_CFLAGS = -std=gnu11 $(WARNINGS) $(HARDEN) -D_GNU_SOURCE $(LARGE) -Iinclude \
	-I. $(CFLAGS)
ALL_LDFLAGS = $(HARDEN_LD) $(LDFLAGS)
LINK = mkdir -p $(@D) && $(CC) $(ALL_LDFLAGS)

# $(call archive,NAME,SOURCES): build/NAME.a, of these C files.
define archive
$$(B)/$(1).a: $(2:%.c=$$(OBJ)/%.o)
	@mkdir -p $$(@D)
	rm -f $$@
	$$(AR) rcs $$@ $$^

endef

# A room's fragment adds to these:
#   PROGRAMS    what `make` builds for people
#   UNIT_TESTS  cmocka programs, build/tests/unit/NAME, that print TAP
PROGRAMS :=
UNIT_TESTS :=

include rngd/rngd.mk
include tests/device/device.mk
include driver/driver.mk
include tests/unit/unit.mk
include tests/distros/distros.mk
include tests/guest/guest.mk
include tests/guest/tools.mk
include tests/bench/bench.mk
include tests/arch/arch.mk
include tests/coverage.mk
include tests/fuzz/fuzz.mk
include packaging/packages.mk

$(OBJ)/%.o: %.c
	@mkdir -p $(@D)
	@[ "$(V)" = 1 ] || echo '  CC      $<'
	$(CC) $(ALL_CFLAGS) $(OBJ_CFLAGS) -MMD -MP -c -o $@ $<

-include $(shell find $(B) -path $(B)/packages -prune -o \
	-name '*.d' -type f -print 2>/dev/null)

# The commands that compile, for editors and tools: clangd finds them in build/. They
# are what this make would run.
C_FILES := $(filter-out tests/guest/fault.c tests/bench/null_hwrng.c,$(shell \
	find rngd tests -name '*.c')) driver/pool.c
.PHONY: compile_commands.json
compile_commands.json: $(B)/compile_commands.json ## build/compile_commands.json, for clangd and clang-tidy
$(B)/compile_commands.json: $(MAKEFILE_LIST) $(C_FILES)
	@mkdir -p $(@D)
	$(MAKE) -nB V=1 $(C_FILES:%.c=$(OBJ)/%.o) | awk -v directory='$(CURDIR)' ' \
		/ -c -o / { \
			file = $$NF; gsub(/[\\"]/, "\\\\&"); \
			printf "%s{\"directory\": \"%s\", \"file\": \"%s\", \"command\": \"%s\"}", \
				n++ ? ",\n" : "[\n", directory, file, $$0 } \
		END { print "\n]"; exit !n }' >$@

.PHONY: all programs deps run shell check quickcheck lint install clean help
all: programs module ## programs, and the module for the newest kernel headers, into build/
programs: $(PROGRAMS)

deps: ## install what building and testing need (apt or dnf)
	@packaging/deps

# On a fresh machine this make has found neither compiler nor kernel headers. After
# `deps` another make looks for them again.
run: deps ## boot a guest with the module and rngd, and show what flows
	@$(MAKE) demo

check: deps ## all tests that a change must pass, in about 20 minutes
	@packaging/deps packages
	@$(MAKE) tests

shell: deps ## boot the same guest, with a prompt
	@$(MAKE) prompt

# $(call in_order,FIRST,ALL): ALL, of it FIRST first and in that order.
in_order = $(foreach test,$(1),$(filter $(test),$(2))) $(filter-out $(1),$(2))

# How many test files run at the same time. Most of them use one processor or none.
JOBS ?= $(shell nproc)

# Files that take long begin first, so that one does not run alone at the end.
LINT := $(addprefix tests/lint/,tidy.t c.t kernel.t text.t tree.t)
QUICK_FIRST := $(addprefix tests/unit/,processors.t location.t rngd-sources.t \
	egd-server.t) $(LINT) $(addprefix tests/unit/,rngtest-evidence.t rngtest.t device.t \
	toolchain.t cli.t) $(addprefix $(B)/tests/unit/,estimate_test)
LONG := tests/arch/guest.t tests/arch/quick.t tests/guest/no-guest.t \
	tests/packages/deb.t tests/lint/tidy.t tests/kunit/suites.t \
	tests/packages/rpm.t $(addprefix tests/guest/,clone.t snapshot.t harness.t \
	robust.t qemu-page.t examples.t faults.t) tests/unit/processors.t tests/lint/c.t \
	$(addprefix tests/guest/,transports.t device.t rebind.t newer-qemu.t)
FIRST := $(LONG) $(filter-out $(LONG),$(QUICK_FIRST))

# Half of these files wait most of their time.
quickcheck: unit-built ## unit tests, and linters on what changed: within a minute, no root, no network
	LINT=changed VRNG_CORPUS=fewest VRNG_NETWORK=no B=$(B) $(PROVE) --jobs $$((2 * $(JOBS))) \
		--timer $(call in_order,$(QUICK_FIRST),$(UNIT_TESTS) \
		$(UNIT_SCRIPTS) $(LINT))

lint: ## each linter on each file
	B=$(B) $(PROVE) --jobs $(JOBS) --timer $(LINT)

.PHONY: pictures draw
pictures: deps ## draw the pictures of README, with rngctl's output of today
	@$(MAKE) draw

# The output is captured first, so that a failure leaves the old picture.
PICTURES := $(wildcard man/pictures/*.pic)
draw: programs module
	B=$(B) man/pictures/capture >$(B)/watch.pic
	mv $(B)/watch.pic man/pictures/watch.pic
	for picture in $(PICTURES:.pic=); do \
		man/pictures/draw $$picture.pic >$$picture.svg || exit 1; \
	done

.PHONY: demo tests prompt
demo: programs $(GUEST_TOOLS) module
	@tests/guest/demo

prompt: programs $(GUEST_TOOLS) module
	@tests/guest/guest --device vhost-user

# If a kind of guest does not run, only the first test file of a run reports it.
AS_ONE_RUN := GUEST_RUN=$$(date +%s%N)

# Clones, hibernation and hosts that lie.
DRIVER_CASES := $(wildcard $(addprefix tests/guest/,snapshot.t clone.t \
	hibernate.t suspend.t faults.t robust.t))
# The first file finds out which guests run here.
TESTS := $(call in_order,tests/guest/kinds.t $(FIRST),$(UNIT_TESTS) \
	$(UNIT_SCRIPTS) $(LINT) $(wildcard tests/kunit/*.t tests/guest/*.t \
	tests/arch/*.t) $(QUICK_PACKAGES))

tests: programs $(UNIT_TESTS) $(GUEST_TOOLS) guest-modules
	@rm -f $(B)/failures
	@$(AS_ONE_RUN) TAP_FAILURES=$(B)/failures $(PROVE) --jobs $(JOBS) --timer \
		--directives $(TESTS) || { \
		echo "make: what failed, again ($(B)/failures has all of it):" && \
		grep -B 8 -A 15 ': not ok ' $(B)/failures | tail -n 80; exit 1; }

.PHONY: check-driver driver-cases
check-driver: deps ## the part of check about clones, hibernation and hosts that lie
	@$(MAKE) driver-cases

driver-cases: programs $(GUEST_TOOLS) guest-modules
	$(AS_ONE_RUN) prove --timer $(DRIVER_CASES)

.PHONY: check-kernels
check-kernels: deps ## the guest tests on each kernel, 5.10 to 7.3
	@$(MAKE) programs $(GUEST_TOOLS)
	prove -v tests/guest/matrix

install: programs install-monitoring ## programs, manual pages, alert rules and dashboards, into DESTDIR and PREFIX
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/include/vrng \
		include/vrng/generation.h
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/vrng/tmpfiles \
		packaging/tmpfiles/vmclock0.conf
	install -D -t $(DESTDIR)$(PREFIX)/sbin $(B)/rngd/rngd $(B)/rngd/rngctl
	install -D -t $(DESTDIR)$(PREFIX)/bin $(B)/rngd/rngtest \
		$(B)/tests/device/vhost-user-rng $(B)/tests/device/egd-server
	for page in man/*.[1-8]; do \
		install -D -m 644 -t \
			$(DESTDIR)$(PREFIX)/share/man/man$${page##*.} $$page || \
			exit 1; \
	done

clean: ## remove build/
	rm -rf $(B)

# A target whose line has "## TEXT" is described; a comment can do so for a pattern.
# module-uml: ## the module for the user-mode Linux of the tests; module-debian-7.3 and so on
define HELP
Build and try: all run shell deps module module-uml pictures clean help
While you work: quickcheck unit lint compile_commands.json
Before you push: check
Parts of it, and longer tests: check-driver check-kernels check-arch check-distros \
check-packages quick-packages check-sanitize check-kcsan check-corpus check-driver-long \
check-forks-long check-device-long check-rngd-long check-egd-long check-evidence fuzz \
coverage coverage-driver
Measure: bench bench-driver bench-device bench-guests bench-egd bench-checks bench-rngd bench-health bench-forks
Package and install: dist deb rpm install install-monitoring install-system install-module install-dkms
endef
export HELP

help: ## this list
	@awk ' \
		function print_all(title, names, n,	i, name) { \
			printf "%s%s\n", printed++ ? "\n" : "", title; \
			for (i = 1; i <= n; i++) { \
				name = names[i]; \
				printf "  make %-22s %s\n", name, text[name]; \
				delete text[name] } } \
		match($$0, /^(\# )?[a-z_.-]+:.*\#\# /) { \
			name = $$0; sub(/^\# /, "", name); sub(/:.*/, "", name); \
			text[name] = substr($$0, RLENGTH + 1) } \
		END { \
			gsub(/\\\n/, " ", ENVIRON["HELP"]); \
			count = split(ENVIRON["HELP"], section, "\n"); \
			for (s = 1; s <= count; s++) { \
				split(section[s], part, ": "); \
				print_all(part[1], names, split(part[2], names, " ")) } \
			for (name in text) rest[++left] = name; \
			if (left) print_all("Others", rest, left) }' $(MAKEFILE_LIST)
