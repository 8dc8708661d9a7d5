#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Scripts and manual pages.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

with_shellcheck() {
	scripts | each shellcheck --batch 8 \
		--key "$(version_of shellcheck)" -- \
		shellcheck -x --source-path=SCRIPTDIR
}

with_perl() {
	# shellcheck disable=SC2016 # that shell's
	files | xargs grep -l '^#!/usr/bin/perl' | each perl \
		--key "$(version_of perl)" -- sh -c \
		'perl -wc "$1" 2>&1 | grep -v " syntax OK$" || true' perl
}

# groff warns of what mandoc accepts, and mandoc of what groff accepts.
with_man() {
	# shellcheck disable=SC2016 # that shell's
	files 'man/*.[1-8]' | each man --key "$(version_of man)" -- \
		env LC_ALL=C.UTF-8 MANWIDTH=80 sh -c 'man --warnings -l -E UTF-8 \
			-Tutf8 -Z "$1" 2>&1 >/dev/null' man
}

with_mandoc() {
	files 'man/*.[1-8]' | each mandoc -- mandoc -T lint -W warning
}

clean "shellcheck is quiet" with_shellcheck
clean "perl -w is quiet" with_perl
clean "man --warnings is quiet" with_man
clean "mandoc is quiet" with_mandoc
done_linting
