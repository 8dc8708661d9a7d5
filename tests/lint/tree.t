#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tree as a whole: licences, what lies where, who includes whom. These cases
# are quick and check every file each time.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

spdx_on_each() {
	[ -n "$(scripts)" ] || echo "no files are found"
	files | grep -vE '^(LICENSE|\.gitignore|include/vrng/generation\.h|tests/examples/forks/.*)$|\.md$|/seeds/|/vectors/' |
		xargs grep -L 'SPDX-License-Identifier: GPL-2.0'
}

# Programs of any licence include it, and copy the recipes.
reader_is_mit() {
	files | grep -E '^(include/vrng/generation\.h|tests/examples/forks/.*)$' |
		xargs grep -L 'SPDX-License-Identifier: MIT'
	true
}

driver_is_gpl2_only() {
	grep -rL 'SPDX-License-Identifier: GPL-2.0-only' driver |
		grep -v '^driver/driver.mk$'
	true
}

top_level_is_fixed() {
	files | cut -d/ -f1 | sort -u | grep -vxE \
		'Makefile|README.md|LICENSE|CHANGELOG.md|driver|rngd|include|man|tests|packaging|\..*'
	true
}

documents_name_what_is_there() {
	files | tests/lint/paths
}

# make lists a target under "Others" if HELP of the Makefile has not got it.
help_is_whole() {
	make -s help >"$WORK/help" || return
	sed -n '/^Others/,$p' "$WORK/help"
	grep -E '^ +make +[^ ]+ *$' "$WORK/help"
	true
}

# cmocka 1 has only assert_in_range(), and cmocka 2 warns about it: use within.h.
ranges_are_ours() {
	! grep -nE '\bassert_in_range\(' tests/unit/*.c
}

# make pictures draws them.
pictures_are_drawn() {
	local picture
	for picture in man/pictures/*.pic; do
		man/pictures/draw "$picture" | cmp - "${picture%.pic}.svg"
		grep -qF "(${picture%.pic}.svg)" README.md ||
			echo "$picture: README does not show it"
	done
}

# A program or a file that has got another name has it in its page, too.
pictures_name_what_is_there() {
	local name
	# shellcheck disable=SC2016 # backquotes of the pictures
	grep -ho '`[^`]*`' man/pictures/*.pic | tr -d '`' | tr ' ' '\n' | sort -u |
		while read -r name; do
			grep -qF -e "$name" README.md man/*.[1-8] ||
				echo "a picture has $name, README and manual pages have not"
		done
}

# systemd's sets of calls, as of 252, have neither of them. Without Landlock our programs do
# without, and say nothing.
units_let_programs_confine_themselves() {
	local unit call
	grep -l '^SystemCallFilter=.*\<seccomp\>' packaging/systemd/* |
		while read -r unit; do
			for call in create_ruleset add_rule restrict_self; do
				grep -q "^SystemCallFilter=.*\<landlock_$call\>" "$unit" ||
					echo "$unit does not allow landlock_$call"
			done
		done
	grep -q '^SystemCallFilter=.*\<seccomp\>' packaging/systemd/rngd.service ||
		echo "rngd.service does not allow seccomp"
}

clean "each file says its licence" spdx_on_each
clean "units let programs confine themselves" units_let_programs_confine_themselves
clean "the reader of the generation page has the MIT licence" reader_is_mit
clean "the driver's files are GPL-2.0-only" driver_is_gpl2_only
clean "unit tests compare ranges by assert_within()" ranges_are_ours
clean "the top level holds what it is to hold" top_level_is_fixed
clean "rooms include only rooms before them" tests/lint/includes
clean "each change of tests/mutants fits its file" tests/mutants --fits
clean "SECURITY.md names cases that are there" tests/lint/claims
clean "each path that a README names is there" documents_name_what_is_there
clean "each picture is what its description says, and README shows it" pictures_are_drawn
clean "each name in a picture is in README or a manual page" pictures_name_what_is_there
clean "make help has each target in a section, with a text" help_is_whole
done_linting
