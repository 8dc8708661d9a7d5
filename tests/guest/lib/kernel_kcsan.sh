# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# An x86_64 kernel with KCSAN, from the distribution's kernel source.

# To be raised when a change below changes the entry.
readonly KCSAN_RECIPE=1

kcsan_config() {
	cat "$HERE/kcsan.config"
}

kcsan_digest() {
	kcsan_config | source_digest "$KCSAN_RECIPE"
}

kernel_kcsan_key() {
	local source
	need_program gcc
	source=$(source_find)
	printf 'kcsan-%s-%s\n' "$(source_version "$source")" "$(kcsan_digest)"
}

# Limits KCSAN to the code that shares data with the driver, and to modules built with
# KCSAN_SANITIZE=y. The rest of the kernel has races that are out of scope, and each
# instrumented access costs an emulated guest time.
kcsan_edit_source() {
	local folder
	# shellcheck disable=SC2016 # make's
	sed -i '/KCSAN_SANITIZE_\$(basetarget)/s/)y)/)n)/' scripts/Makefile.lib
	grep -q 'KCSAN_SANITIZE)n)' scripts/Makefile.lib || return
	for folder in drivers/virtio drivers/char/hw_random; do
		echo 'KCSAN_SANITIZE := y' >>"$folder/Makefile" || return
	done
}

kcsan_install() {
	source_install x86_64 pc "$1" arch/x86 tools/objtool/objtool || return
	strip --strip-debug -o "$1/kernel" vmlinux || return
	cp arch/x86/boot/bzImage "$1/vmlinuz"
}

# kernel_kcsan_make ENTRY WORK
kernel_kcsan_make() {
	source_make "$2" "source_unpack $(source_find)" kcsan_edit_source \
		"source_configure x86_64 kcsan-$(kcsan_digest) kcsan_config" \
		"source_build x86_64 bzImage" "kcsan_install $1"
}
