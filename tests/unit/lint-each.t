#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Which files tests/lint/each runs a linter on, and what it records. The linter here
# is a stub that notes its files and refuses each file with the word "bad". TAP on
# stdout.

# shellcheck source=harness.sh
. "$(dirname "$0")/harness.sh"
each=$top/tests/lint/each
unset LINT # make sets it
export LINT_STAMPS="$tmp/stamps" LINT_JOBS=2
mkdir -p include/vrng sub lib
cat >linter <<'E2'
#!/bin/sh
for file; do
	[ ! -e "$file" ] || echo "$file" >>seen
done
! grep -l bad "$@" 2>/dev/null
E2
chmod 755 linter
printf '#include "sub/b.h"\n#include <vrng/c.h>\n' >a.c
echo '#include "own.h"' >sub/b.h
echo 1 | tee sub/own.h >include/vrng/c.h
echo 1 >d.c
# shellcheck disable=SC2016 # for the script that has it
echo '. "$(dirname "$0")/lib/e.sh"' >e.t
echo 1 >lib/e.sh

# lint WORD...: each on three files; which of them the linter saw is in $seen.
lint() {
	rm -f seen
	printf '%s\n' a.c d.c e.t | "$each" stub "$@" >out 2>err
	status=$?
	seen=$(sort seen 2>/dev/null | tr '\n' ' ')
}

# saw FILES DESCRIPTION: the linter, with status 0.
saw() {
	[ "$status" = 0 ] && [ "$seen" = "$1" ]
	ok $? "$2"
	[ "$seen" = "$1" ] || echo "# seen: $seen"
}

lint -- ./linter
saw "a.c d.c e.t " "without records each file is checked"
lint -- ./linter
saw "a.c d.c e.t " "all files are checked without LINT=changed"
LINT=changed
export LINT
lint -- ./linter
saw "" "with LINT=changed a file that passed is not checked again"
echo 2 >>d.c
lint -- ./linter
saw "d.c " "a file that changed is checked"
for header in sub/b.h sub/own.h include/vrng/c.h; do
	echo 2 >>$header
	lint -- ./linter
	saw "a.c " "a file is checked when $header changed, which it includes"
done
echo 2 >>lib/e.sh
lint -- ./linter
saw "e.t " "a script is checked when a file that it sources changed"
lint -- ./linter -x
saw "a.c d.c e.t " "other flags are another verdict"
lint --key 2 -- ./linter -x
saw "a.c d.c e.t " "so is another version"
lint --key 2 --input config -- ./linter -x
saw "" "a file that is not there changes nothing"
echo 1 >config
lint --key 2 --input config -- ./linter -x
saw "a.c d.c e.t " "a linter's configuration is part of the verdict"

lint --batch 8 -- ./linter
echo bad >>d.c
lint -- ./linter
[ "$status" = 1 ] && [ "$seen" = "d.c " ] && grep -qx d.c out
ok $? "what the linter prints is printed, and the status is 1"
lint -- ./linter
[ "$status" = 1 ] && [ "$seen" = "d.c " ]
ok $? "a file that failed is checked again"
lint --batch 8 --key 3 -- ./linter
lint --batch 8 --key 3 -- ./linter
[ "$status" = 1 ] && [ "$seen" = "a.c d.c e.t " ]
ok $? "a batch that failed is checked again, all of it"
# shellcheck disable=SC2016 # for that shell
lint -- sh -c 'kill -9 $$'
[ "$status" = 1 ] && grep -q 'sh: signal 9 on ' out
ok $? "a linter that is killed has not passed"
lint -- ./missing
[ "$status" = 1 ] && grep -q 'cannot run ./missing' out
ok $? "a linter that is not there has not passed"
[ -z "$(find stamps -name '.log*')" ]
ok $? "no file but the records is left"
done_testing
