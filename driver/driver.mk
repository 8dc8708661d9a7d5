# SPDX-License-Identifier: GPL-2.0-or-later
# The module, for the kernel whose headers are in KDIR, as
# build/driver/KVER/vrng.ko. By default that of the newest headers installed.
#
#   make module KVER=6.1.0-1-amd64
#   make module KDIR=/path/to/tree KARGS=ARCH=um KVER=6.1.100 VRNG_KUNIT=1
#
# KMAKE replaces make for the kernel's own build. The compiler is the one that the
# kernel was configured for; LLVM= chooses another.

ifeq ($(origin KVER),undefined)
KVER := $(notdir $(patsubst %/build,%,$(lastword $(shell \
	ls -d /lib/modules/*/build/Makefile 2>/dev/null | \
	sed 's|/Makefile$$||' | sort -V))))
endif
KDIR ?= /lib/modules/$(KVER)/build
# KDIR may come from the command line or the environment.
KDIR_ADVICE = $(if $(filter file,$(origin KDIR)),install them \
	(on Debian linux-headers-$(KVER)) or name an installed kernel with KVER=,give KDIR= the folder of a kernel's headers or \
	of a configured and built kernel tree)
CHECK_KDIR = test -n "$(KVER)" && test -e $(KDIR)/Makefile || { \
	echo "vrng: no kernel headers in $(KDIR): $(KDIR_ADVICE)" >&2; exit 1; }
KMAKE ?= $(MAKE)
KOUT := $(B)/driver/$(KVER)

# A recipe that runs make by another name than $(MAKE) passes the job server on, except
# with -n, which would run it.
RECURSES = $(if $(findstring n,$(firstword -$(MAKEFLAGS))),,+)

# BTF of a module is made from the kernel's vmlinux. Without that kbuild skips it, with a
# line for each module, unless it is not asked for.
BTF = $(if $(wildcard $(KDIR)/vmlinux),,CONFIG_DEBUG_INFO_BTF_MODULES=)

DRIVER_SOURCES := $(shell find driver -name '*.[ch]' -o -name Kbuild) \
	include/vrng/version.h $(wildcard include/vrng/health*.h)
DRIVER_PROBES := $(wildcard driver/probes/*) driver/toolchain

.PHONY: module
module: $(KOUT)/vrng.ko ## build/driver/KVER/vrng.ko; KVER= and KDIR= choose the kernel

$(KOUT)/vrng.ko: $(DRIVER_SOURCES) $(KOUT)/config.h
	@cd driver && find . -path ./probes -prune -o \
		\( -name '*.[ch]' -o -name Kbuild \) -print | \
		while read -r file; do \
			mkdir -p "$(abspath $(KOUT))/$$(dirname "$$file")"; \
			ln -sf "$(CURDIR)/driver/$$file" \
				"$(abspath $(KOUT))/$$file"; \
		done
	@ln -sfn $(CURDIR)/include $(KOUT)/include
	@$(CHECK_KDIR)
	$(RECURSES)toolchain=$$(driver/toolchain $(KDIR)) && \
	$(KMAKE) -C $(KDIR) M=$(abspath $(KOUT)) $$toolchain $(KARGS) $(BTF) \
		VRNG_KUNIT=$(VRNG_KUNIT) modules
	@touch $@

.PHONY: install-module
install-module: module ## the module, where modprobe finds it
	install -d $(DESTDIR)/lib/modules/$(KVER)/updates
	$(STRIP) --strip-debug -o \
		$(DESTDIR)/lib/modules/$(KVER)/updates/vrng.ko $(KOUT)/vrng.ko
	[ -n "$(DESTDIR)" ] || depmod $(KVER)

$(KOUT)/config.h: $(DRIVER_PROBES)
	@$(CHECK_KDIR)
	$(RECURSES)toolchain=$$(driver/toolchain $(KDIR)) && MAKE="$(KMAKE)" \
		driver/probes/run $(KDIR) $(KOUT) $$toolchain $(KARGS)

# The same for a kernel that tests/guest/kernel knows by this name. Kernels made
# for tests get the KUnit suites. Modules of another architecture go to the folder
# where tests/arch/build puts its programs.
module-%: MODULE_ARGS = $(if $(filter uml%,$*),KARGS=ARCH=um VRNG_KUNIT=1)
module-kcsan: MODULE_ARGS = KARGS=KCSAN_SANITIZE=y VRNG_KUNIT=1
module-%:
	@dir=$$(tests/guest/kernel $*) && $(MAKE) module \
		B=$$(test -f $$dir/arch && echo $(B)/arch/$$(cat $$dir/arch) || \
			echo $(B)) \
		KDIR=$$(test -d $$dir/build && echo $$dir/build || \
			echo /lib/modules/$$(cat $$dir/release)/build) \
		KMAKE="$$(ls $$dir/kbuild 2>/dev/null || echo $(MAKE))" \
		KVER=$$(cat $$dir/release) $(MODULE_ARGS)

# The pure files, for userspace: unit tests and fuzzers link them.
LIBPOOL := $(B)/libpool.a
$(LIBPOOL): $(OBJ)/driver/pool.o
	$(AR) rcs $@ $^
