#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How the other test files report guests that do not run. Two files that are not kernels
# replace uml and debian, so that no guest reaches its first process. The test files use
# a build folder of links to the real one.
. "$(dirname "$0")/tap.sh"

readonly RELEASE=0.0-broken
readonly FAKE_BUILD=$WORK/build

# Prints the test files, except this one and the one that downloads a QEMU first.
files() {
	find "$HERE" "$TOP/tests/kunit" -name '*.t' ! -name no-guest.t \
		! -name newer-qemu.t ! -name kinds.t | sort
}

# make_kernel KIND: makes a directory like those that `kernel` prints.
make_kernel() {
	local dir=$WORK/$1 modules=$WORK/$1/lib/modules/$RELEASE
	mkdir -p "$modules"
	touch "$modules"/modules.{order,builtin,builtin.modinfo} "$dir/kernel"
	ln "$dir/kernel" "$dir/vmlinuz"
	echo "$1" >"$dir/kind"
	echo "$RELEASE" >"$dir/release"
}

make_kernels() {
	make_kernel pc
	make_kernel uml
	printf '#!/bin/sh\necho "this is no kernel" >&2\nexit 134\n' \
		>"$WORK/uml/kernel"
	chmod 755 "$WORK/uml/kernel"
}

make_build() {
	local module file
	module=$(find "$BUILD/driver" -name vrng.ko | head -n 1)
	mkdir -p "$FAKE_BUILD/tests/guest" "$FAKE_BUILD/driver/$RELEASE"
	cp "$module" "$FAKE_BUILD/driver/$RELEASE/vrng.ko" &&
		cp "$module" "$FAKE_BUILD/driver/$RELEASE/vrng_kunit.ko" &&
		ln -s "$BUILD/rngd" "$FAKE_BUILD" &&
		ln -s "$BUILD"/tests/{device,bench,unit} "$FAKE_BUILD/tests" ||
		return
	for file in "$BUILD"/tests/guest/*; do
		[ ! -f "$file" ] || ln -s "$file" "$FAKE_BUILD/tests/guest"
	done
}

# run_file RUN FILE: runs a test file, with all its output on stdout. RUN is the value of
# GUEST_RUN, or empty.
run_file() {
	GUEST_RUN=$1 B=$FAKE_BUILD KERNEL_DEBIAN=$WORK/pc KERNEL_UML=$WORK/uml \
		ONLY=man/rngctl timeout 300 "$2" 2>&1 </dev/null
}

# is_whole FILE: does the output have a result for each planned case, and no error of a
# shell or of a program that misses a file, except QEMU's about the empty kernel?
is_whole() {
	local plan
	plan=$(sed -n 's/^1\.\.//p' "$1")
	[ "$plan" = "$(grep -cE '^(not )?ok ' "$1")" ] || {
		echo "# it planned ${plan:-nothing}"
		return 1
	}
	! grep -E ': line [0-9]+: |^[^ ]*: [0-9]+: |No such file|Bail out' "$1" |
		grep -v 'qemu: could not load kernel'
}

# fails_once FILE: does it fail once for each kernel that it needed, and for no other
# reason?
fails_once() {
	local kernel count
	for kernel in debian uml; do
		count=$(grep -c "^not ok .* - $kernel guests run here$" "$1")
		! grep -q "# SKIP $kernel guests do not run" "$1" ||
			[ "$count" = 1 ] || return
	done
	grep -q '^not ok' "$1" && ! grep '^not ok' "$1" | grep -v 'run here$'
}

file_fails_once() {
	run_file '' "$1" >"$OUT"
	cp "$OUT" "$WORK/${1##*/}.alone"
	is_whole "$OUT" && fails_once "$OUT"
}

run_fails_once() {
	local file
	{
		run_file one "$HERE/kinds.t"
		while read -r file; do
			run_file one "$file"
		done < <(files)
	} >"$OUT"
	[ "$(grep -c '^not ok' "$OUT")" = 2 ] &&
		[ "$(grep -c '^not ok .* guests run here$' "$OUT")" = 2 ]
}

# Records that both kinds of guests run, as if found at the begin of a run.
pretend_that_they_run() {
	local kernel
	for kernel in debian uml; do
		printf '%s\n' two key '' >"$FAKE_BUILD/tests/guest/kinds/$kernel"
	done
}

passed() {
	sed -n '/# SKIP/d; s/^ok [0-9]* - //p' "$1"
}

# none_passes FILE: no case passes with a guest that dies if the case is skipped where
# guests do not run.
none_passes() {
	local alone=$WORK/${1##*/}.alone
	run_file two "$1" >"$OUT"
	is_whole "$OUT" && ! grep 'do not run here' "$OUT" &&
		! passed "$OUT" | grep -vxF -f <(passed "$alone")
}

# complains LINE COMMAND...: does COMMAND fail with LINE, for what a guest printed?
complains() {
	local line=$1
	shift
	echo 'bytes=5 state=odd' >"$OUT"
	[ "$("$@")" = "$line" ] && ! "$@" >"$WORK/line"
}

check "a number that was not printed is not taken for 0" complains \
	'# short: the guest did not print it' holds "bytes == 5" "short == 0"
check "a word is not taken for a number" complains \
	'# state: the guest printed odd, which is no number' holds "state == 0"
check "a word that was not printed is reported" complains \
	'# current: the guest did not print it' prints current virtio
check "a word other than the expected one is reported" complains \
	'# state: the guest printed odd, not even' prints state even

# Without a cache there is no kernel, and no guest.
foreign_passes_nothing() {
	XDG_CACHE_HOME=/dev/null "$HERE/../arch/guest" --quick arm64 \
		>"$OUT" 2>"$ERR"
	grep -q '^not ok' "$OUT" && ! grep '^ok' "$OUT"
}

check "no case passes with a foreign guest that does not start" \
	foreign_passes_nothing

make_kernels
check "a build folder of links is made" make_build
while read -r file; do
	check "${file##*/} alone fails once for each kernel" \
		file_fails_once "$file"
done < <(files)
check "all files in one run fail once for each kernel" run_fails_once
pretend_that_they_run
# harness.t is left out: it tests guests that fail.
while read -r file; do
	check "${file##*/}: no case passes with guests that die" \
		none_passes "$file"
done < <(files | grep -v '/harness\.t$')
done_testing
