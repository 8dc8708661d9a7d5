# SPDX-License-Identifier: GPL-2.0-or-later
# Other architectures than this machine's. What is built for one of them goes to
# build/arch/ARCH.

.PHONY: check-arch arch-built
check-arch: deps ## programs, unit tests and a guest of every architecture
	@$(MAKE) programs
	prove -v tests/arch/matrix

# What tests/arch/matrix asks for inside the tree of an architecture.
arch-built: programs $(UNIT_TESTS) $(GUEST_TOOLS)
