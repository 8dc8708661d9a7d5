# SPDX-License-Identifier: GPL-2.0-or-later
# Makes tarballs and packages in build/packages/, and installs system files.

PACKAGES := $(B)/packages

.PHONY: dist
dist: ## build/packages/vrng-VERSION.tar.gz
	@packaging/dist $(PACKAGES)

# The folder where systemd, udev and modprobe look; /lib for Debian 12's
# packages.
SYSLIB ?= /usr/lib
INSTALL_DATA := install -m 644

# For systems without packages: `make install` alone installs programs and
# pages.
.PHONY: install-system
install-system: ## units, rules and other files of a system, into DESTDIR
	for unit in packaging/systemd/*.service packaging/systemd/*.socket \
		packaging/systemd/*.timer packaging/systemd/*.target; do \
		$(INSTALL_DATA) -D $$unit \
			$(DESTDIR)$(SYSLIB)/systemd/system/$${unit##*/} && \
		sed -Ei 's;/usr/(s?bin)/(rng|egd|vhost);$(PREFIX)/\1/\2;' \
			$(DESTDIR)$(SYSLIB)/systemd/system/$${unit##*/} || \
			exit 1; \
	done
	for alias in rng-tools rng-tools-debian; do \
		ln -sf rngd.service \
			$(DESTDIR)$(SYSLIB)/systemd/system/$$alias.service || \
			exit 1; \
	done
	$(INSTALL_DATA) -D -t $(DESTDIR)/usr/lib/systemd/system-preset \
		packaging/systemd/*.preset
	for room in sysusers tmpfiles; do \
		for file in packaging/systemd/*.$$room; do \
			name=$${file##*/}; \
			$(INSTALL_DATA) -D $$file \
				$(DESTDIR)/usr/lib/$$room.d/$${name%.*}.conf || \
				exit 1; \
		done; \
	done
	[ -e $(DESTDIR)/etc/vrng/rngd.conf ] || $(INSTALL_DATA) -D \
		-t $(DESTDIR)/etc/vrng packaging/systemd/rngd.conf
	[ -e $(DESTDIR)/etc/vrng/fork.d/90-target ] || install -D \
		-t $(DESTDIR)/etc/vrng/fork.d packaging/fork.d/90-target
	$(INSTALL_DATA) -D -t $(DESTDIR)$(SYSLIB)/udev/rules.d \
		packaging/udev/*.rules
	install -D -t $(DESTDIR)/usr/libexec/vrng packaging/udev/rebind \
		packaging/udev/choose \
		packaging/migrate
	$(INSTALL_DATA) -D -t $(DESTDIR)$(SYSLIB)/modprobe.d \
		packaging/modprobe/vrng.conf
	install -D -t $(DESTDIR)/usr/share/initramfs-tools/hooks \
		packaging/initramfs-tools/vrng
	install -D -t $(DESTDIR)/usr/lib/dracut/modules.d/90vrng \
		packaging/dracut/90vrng/module-setup.sh

# For those who collect the metrics; nothing uses them by itself.
.PHONY: install-monitoring
install-monitoring: ## alert rules of Prometheus and dashboards of Grafana, into DESTDIR and PREFIX
	$(INSTALL_DATA) -D -t $(DESTDIR)$(PREFIX)/share/vrng/prometheus \
		packaging/prometheus/*.yml
	$(INSTALL_DATA) -D -t $(DESTDIR)$(PREFIX)/share/vrng/grafana \
		packaging/grafana/*.json

# The sources for dkms; `dkms add vrng/VERSION` registers them.
DKMS_SRC = $(DESTDIR)/usr/src/vrng-$(VERSION)
DKMS_FILES := $(filter-out driver/driver.mk driver/kunit/% driver/upstream/%,$(shell \
	find driver -type f ! -name '*.md')) include/vrng/version.h \
	$(wildcard include/vrng/health*.h)

.PHONY: install-dkms
install-dkms: ## the module's source for dkms, into DESTDIR
	for file in $(DKMS_FILES); do \
		install -D -m "$$(test -x $$file && echo 755 || echo 644)" \
			$$file $(DKMS_SRC)/$${file#driver/} || exit 1; \
	done
	$(INSTALL_DATA) -t $(DKMS_SRC) packaging/dkms/Makefile
	sed 's/@VERSION@/$(VERSION)/' packaging/dkms/dkms.conf \
		>$(DKMS_SRC)/dkms.conf

# After dkms's own hook, and before the one that makes the initramfs.
.PHONY: install-kernel-hook
install-kernel-hook:
	install -D packaging/dkms/kernel-hook \
		$(DESTDIR)/etc/kernel/postinst.d/dkms-vrng
	install -D packaging/dkms/kernel-hook \
		$(DESTDIR)/etc/kernel/header_postinst.d/dkms-vrng

.PHONY: deb
deb: ## vrng-dkms, vrng-tools, vrng-host and vrng-dev as .deb, into build/packages/
	@packaging/deps packages
	@packaging/deb $(PACKAGES) "$$(packaging/dist $(PACKAGES))"

.PHONY: rpm
rpm: ## vrng-tools, vrng-host, vrng-devel, dkms-vrng and the akmod's source as .rpm, into build/packages/
	@packaging/deps packages
	@packaging/rpm $(PACKAGES) "$$(packaging/dist $(PACKAGES))"

# The tests build their own packages. Those in a guest take half an hour.
QUICK_PACKAGES := $(addprefix tests/packages/,deb.t metrics.t rpm.t)

.PHONY: check-packages quick-packages
check-packages: deps ## the packages, installed, upgraded and purged in a guest
	@packaging/deps packages
	$(if $(PROBE),@$(MAKE) $(PROBE))
	prove --timer -v tests/packages

quick-packages: ## the tests of packages that need no guest
	prove --timer $(QUICK_PACKAGES)
