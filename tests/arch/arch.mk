# SPDX-License-Identifier: GPL-2.0-or-later
# Other architectures than this machine's. Programs are built in build/arch/ARCH.

.PHONY: check-arch arch-built
check-arch: deps ## programs, unit tests and a guest of each architecture
	@$(MAKE) programs
	prove -v tests/arch/matrix

# What tests/arch/matrix builds in the tree of an architecture.
arch-built: programs $(UNIT_TESTS) $(GUEST_TOOLS)
