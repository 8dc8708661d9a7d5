# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# User Mode Linux from the distribution's kernel source.

# Raised when the recipe below changes what comes out of it.
readonly UML_RECIPE=5

# For a kernel that has more than all checks on: lines beyond those of the file.
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

# Before 6.13 UML keeps a process's floating-point state in a buffer of 2,696 bytes,
# and on a processor with AMX ptrace takes no less than 11,008 (CPUID leaf 0xD).
# Where the host's state is smaller, ptrace takes as much of the buffer as it needs.
# The buffer lies on the kernel's stacks: uml.config makes them larger.
uml_widen_fp_state() {
	local file=arch/x86/um/user-offsets.c
	grep -q 'HOST_FP_SIZE, 2696' "$file" || return 0
	sed -i 's/HOST_FP_SIZE, 2696/HOST_FP_SIZE, 11520/' "$file"
}

# 6.1 withholds DEBUG_ATOMIC_SLEEP from architectures that cannot be preempted. The
# check needs the preemption count only, and UML keeps that.
uml_allow_atomic_sleep() {
	sed -i '/^config DEBUG_ATOMIC_SLEEP$/,/^config /{
		/^\tdepends on !ARCH_NO_PREEMPT$/d
	}' lib/Kconfig.debug
}

# Each fork walks the process's areas without a lock, in a place where no lock that
# sleeps can be taken. RCU's read lock keeps lockdep quiet there.
uml_lock_area_walk() {
	local file=arch/um/kernel/tlb.c
	! grep -q _read_lock "$file" || return 0
	sed -i '/^void force_flush_all(void)$/,/^}/{
		s/^\tfor_each_vma(/\trcu_read_lock();\n&/
		s/^}/\trcu_read_unlock();\n}/
	}' "$file"
}

# Without these edits UML does not run on every host, some checks are off, and
# others report UML itself.
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

# The same, where modules can count which of their lines are run.
kernel_uml_gcov_key() {
	UML_MORE=CONFIG_GCOV_KERNEL=y kernel_uml_key
}

kernel_uml_gcov_make() {
	UML_MORE=CONFIG_GCOV_KERNEL=y kernel_uml_make "$@"
}

# Sets SUITE and PACKAGE to where the source of the kernel of this name is.
uml_find_source() {
	local name=$1 suite
	suite_need_apt
	kernel_name_parse "$name"
	PACKAGE=linux-source-$KERNEL_VERSION
	for suite in $(suites_of_kernel "$name"); do
		suite_refresh "$suite" || continue
		SUITE=$suite
		suite_newest "$suite" "${PACKAGE/./\\.}" >/dev/null && return
	done
	die "$EX_UNAVAILABLE" "uml-$name: the mirror has no $PACKAGE in" \
		"$(suites_of_kernel "$name")"
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
	progress "downloading $PACKAGE of $SUITE"
	suite_download "$SUITE" "$PACKAGE" && unpack_packages . || return
	uml_make "$source/usr/src/$PACKAGE.tar.xz" "$2" "$3/tree"
}
