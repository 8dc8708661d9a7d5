# SPDX-License-Identifier: GPL-2.0-or-later
# Tarballs and packages, into build/packages/.

PACKAGES := $(B)/packages

.PHONY: dist
dist: ## build/packages/vrng-VERSION.tar.gz
	@packaging/dist $(PACKAGES)
