#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The compiler for the module and its probes is the one that the kernel was configured
# for, unless LLVM= names another; with make and with dkms. The kernel tree here is a
# fake whose Makefile prints what it was called with. The compilers are stubs that
# are never run.

# shellcheck source=harness.sh
. "$(dirname "$0")/harness.sh"
unset LLVM MAKEFLAGS MAKELEVEL MFLAGS

tree=$tmp/tree
log=$tmp/calls.log
mkdir -p "$tree/include/config" bin llvm

# The log has one line for each call: "probe" or "module", and the variables that choose
# a compiler. Each target is made, so that the caller goes on.
cat >"$tree/Makefile" <<END
tell = echo '\$1 LLVM=\$(LLVM) CC=\$(CC) LD=\$(LD)' >>$log
CC = gcc
LD = ld
%.o:
	@\$(call tell,probe)
	@touch \$(M)/\$@
modules:
	@\$(call tell,module)
	@touch \$(M)/vrng.ko
END

# A PATH with all programs of this machine but clang and lld, which each case adds as it
# needs them.
ln -s /usr/bin/* bin
rm -f bin/*clang* bin/*ld.lld*
PATH=$tmp/bin

# compilers NAME...: makes these the only programs of LLVM.
compilers() {
	rm -f bin/*clang* bin/*ld.lld* llvm/*
	for compiler; do
		ln -s /bin/false "$compiler"
	done
}

# configured FILE OPTION...: writes the configuration of the kernel in the tree.
configured() {
	rm -f "$tree/.config" "$tree/include/config/auto.conf"
	file=$tree/$1
	shift
	printf 'CONFIG_%s\n' "$@" >"$file"
}

# by_make and by_dkms build the module. Both pass their arguments to make.
# shellcheck disable=SC2317 # called by its name
by_make() {
	rm -rf "$log" "$tmp/built"
	run make -C "$top" module KVER=fake KDIR="$tree" KOUT="$tmp/built" "$@"
}

# shellcheck disable=SC2317
by_dkms() {
	rm -rf "$log"
	make -s -C "$source" clean
	# shellcheck disable=SC2016 # that shell's
	run bash -c 'cd "$0" && kernel_source_dir=$1 && . ./dkms.conf && shift &&
		eval "${MAKE[0]} $*"' "$source" "$tree" "$@"
}

make -s -C "$top" install-dkms DESTDIR="$tmp/dkms" >/dev/null 2>err
source=$(echo "$tmp"/dkms/usr/src/vrng-*)

# built VARIABLES: the probes and the module were built with these, and nothing else.
built() {
	[ "$status" = 0 ] && grep -q '^probe ' "$log" &&
		grep -q '^module ' "$log" &&
		! grep -vxE "(probe|module) $1" "$log" >&2
}

# refused_for PROGRAM HINT: one line of ours, and the kernel's make was not called.
refused_for() {
	[ "$status" != 0 ] && [ ! -e "$log" ] &&
		[ "$(grep -c '^vrng: ' err)" = 1 ] &&
		grep -q "^vrng: $1: not found.*install clang.*$2" err
}

clang='CC_IS_CLANG=y LD_IS_LLD=y CLANG_VERSION=190107'
for by in by_make by_dkms; do
	compilers bin/clang bin/ld.lld bin/clang-15 bin/ld.lld-15 \
		llvm/clang llvm/ld.lld
	configured include/config/auto.conf CC_IS_GCC=y LD_IS_BFD=y
	$by
	built 'LLVM= CC=gcc LD=ld'
	ok $? "$by: a gcc kernel's module is built by gcc"

	# shellcheck disable=SC2086 # an option a word
	configured include/config/auto.conf $clang
	$by
	built 'LLVM=1 CC=clang LD=ld.lld'
	ok $? "$by: a clang kernel's module is built by LLVM"
	$by CC=gcc
	built 'LLVM=1 CC=clang LD=ld.lld'
	ok $? "$by: CC= of the programs does not change that"
	$by LLVM=-15 CC=clang LD=ld.lld
	built 'LLVM=-15 CC=clang-15 LD=ld.lld-15'
	ok $? "$by: LLVM=-15 wins"
	$by LLVM="$tmp/llvm/"
	built "LLVM=$tmp/llvm/ CC=$tmp/llvm/clang LD=$tmp/llvm/ld.lld"
	ok $? "$by: LLVM=FOLDER/ wins"
	$by LLVM=
	built 'LLVM= CC=gcc LD=ld'
	ok $? "$by: an empty LLVM= is gcc"
	LLVM=-15 $by
	built 'LLVM=-15 CC=clang-15 LD=ld.lld-15'
	ok $? "$by: LLVM in the environment wins"

	# shellcheck disable=SC2086
	configured .config $clang
	$by
	built 'LLVM=1 CC=clang LD=ld.lld'
	ok $? "$by: a tree that has only .config will do"
	configured include/config/auto.conf CC_IS_CLANG=y LD_IS_BFD=y
	$by
	built 'LLVM= CC=clang LD=ld'
	ok $? "$by: a clang kernel linked by GNU ld gets a module linked by it"
	configured include/config/auto.conf CC_IS_GCC=y
	$by LLVM=1
	built 'LLVM=1 CC=clang LD=ld.lld'
	ok $? "$by: LLVM=1 wins over a gcc kernel's configuration"

	compilers bin/ld.lld
	# shellcheck disable=SC2086
	configured include/config/auto.conf $clang
	$by
	refused_for clang 'LLVM=-19'
	ok $? "$by: a missing clang is named, and the version that built it"
	$by LLVM=-15
	refused_for clang-15 'LLVM=/PATH/bin/'
	ok $? "$by: a missing clang of LLVM= is named"
	compilers bin/clang
	$by
	refused_for ld.lld 'LLVM=-19'
	ok $? "$by: a missing linker is named"
done

# shellcheck disable=SC2086
configured include/config/auto.conf $clang
compilers bin/clang bin/ld.lld bin/clang-15 bin/ld.lld-15
by_dkms CC=clang LD=ld.lld
built 'LLVM=1 CC=clang LD=ld.lld'
ok $? "by_dkms: the arguments that dkms 3.0 adds change nothing"
LLVM=-15 by_dkms LLVM=1
built 'LLVM=-15 CC=clang-15 LD=ld.lld-15'
ok $? "by_dkms: LLVM in the environment wins over the LLVM=1 that dkms 3.2 adds"

# The warning of the kernel's make is on its standard error, or in the log of the probes.
configured .config CC_IS_GCC=y
by_make -j2
[ "$status" = 0 ] && ! cat err built/probes/log | grep jobserver
ok $? "with -j the kernel's make shares the jobs"
run make -n -j2 -C "$top" module KVER=fake KDIR="$tree" KOUT="$tmp/unbuilt"
[ "$status" = 0 ] && [ ! -e unbuilt ]
ok $? "with -n nothing is built"

done_testing
