# SPDX-License-Identifier: GPL-2.0-or-later
# Other C libraries and compilers than this machine's, in separate userlands.

.PHONY: check-distros
check-distros: deps ## programs and unit tests with newer glibc, gcc and clang, and with musl
	prove -v --timer tests/distros/matrix
