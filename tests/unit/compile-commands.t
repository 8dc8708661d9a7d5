#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# build/compile_commands.json has make's own commands, and clang-tidy and clangd
# work with it. TAP on stdout.

# shellcheck source=harness.sh
. "$(dirname "$0")/harness.sh"
unset MAKEFLAGS MAKELEVEL MFLAGS

run make -s -C "$top" B="$tmp/built" CC=gcc compile_commands.json
[ "$status" = 0 ] && perl -MJSON::PP -e '
	local $/;
	my %seen;
	for (@{ decode_json(<>) }) {
		die "$_->{file}: twice\n" if $seen{ $_->{file} }++;
		-f "$_->{directory}/$_->{file}" or die "$_->{file}: no file\n";
		print "$_->{file} $_->{command}\n";
	}' built/compile_commands.json >commands 2>err
ok $? "make compile_commands.json writes JSON that names each file once"

(cd "$top" && find rngd tests/device tests/unit -name '*.c') | sort >want
cut -d' ' -f1 commands | sort >out
[ -s want ] && comm -23 want out >missing && [ ! -s missing ]
ok $? "it has the programs' files and the tests'"

# make removes intermediate files, and would compile them again the next time. With -n it
# prints that as well.
run make -n -C "$top" V=1 B="$tmp/built" CC=gcc unit-built
[ "$status" = 0 ] && grep -q 'obj/tests/unit/fips_test\.o' out &&
	! grep '^ *rm .*\.o' out >err
ok $? "the objects of unit tests are kept"

grep '^rngd/base/number.c gcc .*-I\. .*-c -o .* rngd/base/number.c$' commands >out
ok $? "a command is what make runs"
case $(gcc -dumpmachine) in
x86_64-*) grep -q '^rngd/checks/fips_avx2.c .* -mavx2 ' commands ;;
*) ! grep -q -e ' -mavx2 ' commands ;;
esac
ok $? "a file with flags of its own has them"

# Files that an editor shows as full of errors without the right flags. One check of
# clang-tidy is enough to see that it can read them.
for file in rngd/checks/fips_avx2.c tests/unit/fips_test.c; do
	if command -v clang-tidy >/dev/null; then
		run clang-tidy --quiet --checks=-*,bugprone-sizeof-expression \
			-p built "$top/$file"
		[ "$status" = 0 ] && [ ! -s out ]
		ok $? "clang-tidy understands $file"
	else
		skip "clang-tidy understands $file" "clang-tidy is not installed"
	fi
	if command -v clangd >/dev/null; then
		run clangd --check="$top/$file" --compile-commands-dir=built
		grep -q 'Compile command from CDB' err &&
			grep -q 'All checks completed, 0 errors' err
		ok $? "clangd understands $file"
	else
		skip "clangd understands $file" "clangd is not installed"
	fi
done
done_testing
