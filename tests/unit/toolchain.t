#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Which compiler the module and its probes are built with, for make and for dkms:
# the one in the configuration of the kernel, unless LLVM= names another. The
# kernel tree here is a fake whose Makefile tells what it was called with, and the
# compilers are stubs that are never run.

# shellcheck source=harness.sh
. "$(dirname "$0")/harness.sh"
unset LLVM MAKEFLAGS MAKELEVEL MFLAGS

tree=$tmp/tree
log=$tmp/calls.log
mkdir -p "$tree/include/config" bin llvm

# fake_tree: one call a line, as "probe" or "module" and what chooses a compiler.
# Each target appears, so that whoever called goes on.
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

# All programs of this machine, but of compilers only those that a case wants.
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

# Two ways to the module; each takes arguments for make.
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

# The probes and the module, and nothing else, were built so.
built() {
	[ "$status" = 0 ] && grep -q '^probe ' "$log" &&
		grep -q '^module ' "$log" &&
		! grep -vxE "(probe|module) $1" "$log" >&2
}

# One line of ours, and no call of the kernel's make.
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
	ok $? "$by: and so it is where CC= names the programs' compiler"
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
	ok $? "$by: LLVM in the environment wins, too"

	# shellcheck disable=SC2086
	configured .config $clang
	$by
	built 'LLVM=1 CC=clang LD=ld.lld'
	ok $? "$by: a tree that has only .config is understood"
	configured include/config/auto.conf CC_IS_CLANG=y LD_IS_BFD=y
	$by
	built 'LLVM= CC=clang LD=ld'
	ok $? "$by: a clang kernel that the GNU linker linked keeps that"
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
ok $? "by_dkms: what dkms 3.0 adds is understood"
LLVM=-15 by_dkms LLVM=1
built 'LLVM=-15 CC=clang-15 LD=ld.lld-15'
ok $? "by_dkms: LLVM in the environment wins over what dkms 3.2 adds"

done_testing
