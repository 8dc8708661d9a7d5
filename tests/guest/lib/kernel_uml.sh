# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# User Mode Linux, from the distribution's kernel source or a suite's.

# To be raised when a change below changes the entry.
readonly UML_RECIPE=5

# Lines to add to those of uml.config.
UML_MORE=

uml_config() {
	cat "$HERE/uml.config"
	[ -z "$UML_MORE" ] || echo "$UML_MORE"
}

uml_digest() {
	uml_config | source_digest "$UML_RECIPE"
}

kernel_uml_key() {
	local source
	need_program gcc
	source=$(source_find)
	printf 'uml-%s-%s\n' "$(source_version "$source")" "$(uml_digest)"
}

# Enlarges UML's buffer for a process's floating-point state. Before 6.13 it has 2,696
# bytes, and on a processor with AMX ptrace needs at least 11,008 (CPUID leaf 0xD).
# Where the host's state is smaller, ptrace uses a part of the buffer. The buffer is on
# the kernel's stacks, which uml.config makes larger.
uml_widen_fp_state() {
	local file=arch/x86/um/user-offsets.c
	grep -q 'HOST_FP_SIZE, 2696' "$file" || return 0
	sed -i 's/HOST_FP_SIZE, 2696/HOST_FP_SIZE, 11520/' "$file"
}

# Allows DEBUG_ATOMIC_SLEEP, which 6.1 does not offer on architectures without
# preemption. The check needs only the preemption count, which UML keeps.
uml_allow_atomic_sleep() {
	sed -i '/^config DEBUG_ATOMIC_SLEEP$/,/^config /{
		/^\tdepends on !ARCH_NO_PREEMPT$/d
	}' lib/Kconfig.debug
}

# Takes RCU's read lock where a fork walks the process's memory areas. UML takes no
# lock there, which lockdep reports, and a lock that sleeps is not possible.
uml_lock_area_walk() {
	local file=arch/um/kernel/tlb.c
	! grep -q _read_lock "$file" || return 0
	sed -i '/^void force_flush_all(void)$/,/^}/{
		s/^\tfor_each_vma(/\trcu_read_lock();\n&/
		s/^}/\trcu_read_unlock();\n}/
	}' "$file"
}

# Without these edits UML does not run on every host, some checks are off, and others
# report faults of UML itself.
uml_edit_source() {
	uml_widen_fp_state && uml_allow_atomic_sleep && uml_lock_area_walk
}

uml_install() {
	source_install um uml "$1" arch/um arch/x86/Makefile.um arch/x86/um \
		arch/x86/include || return
	strip --strip-debug -o "$1/kernel" linux
}

# uml_make SOURCE ENTRY WORK
uml_make() {
	source_make "$3" "source_unpack $1" uml_edit_source \
		"source_configure um uml-$(uml_digest) uml_config" \
		"source_build um linux" "uml_install $2"
}

# kernel_uml_make ENTRY WORK
kernel_uml_make() {
	uml_make "$(source_find)" "$@"
}

# The same kernel, in which modules can count executed lines.
kernel_uml_gcov_key() {
	UML_MORE=CONFIG_GCOV_KERNEL=y kernel_uml_key
}

kernel_uml_gcov_make() {
	UML_MORE=CONFIG_GCOV_KERNEL=y kernel_uml_make "$@"
}

# Sets SUITE and PACKAGE of the source of the kernel of this name.
uml_find_source() {
	local name=$1 suite
	suite_need_apt
	kernel_name_parse "$name"
	PACKAGE=linux-source-$KERNEL_VERSION
	for suite in $(suites_of_kernel "$name"); do
		suite_try "$suite" || continue
		SUITE=$suite
		suite_newest "$suite" "${PACKAGE/./\\.}" >/dev/null && return
	done
	die "$EX_UNAVAILABLE" "uml-$name: the mirror has no $PACKAGE;" \
		"looked in: $(suites_of_kernel "$name")"
}

kernel_uml_suite_key() {
	need_program gcc
	uml_find_source "$1"
	printf 'uml-%s-%s\n' "$(suite_version "$SUITE" "$PACKAGE")" \
		"$(uml_digest)"
}

# kernel_uml_suite_make NAME ENTRY WORK
kernel_uml_suite_make() {
	local source=$3/source
	uml_find_source "$1"
	mkdir "$source" "$3/tree" && cd "$source" || return
	progress "getting $PACKAGE of $SUITE"
	suite_download "$SUITE" "$PACKAGE" && unpack_packages . || return
	uml_make "$source/usr/src/$PACKAGE.tar.xz" "$2" "$3/tree"
}
