#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The cache of kernels. An entry appears complete or not at all, and a kernel that was
# built here becomes an entry only after it ran. Makers and trials are stubs. TAP on
# stdout.
# shellcheck disable=SC2317 # ok calls functions by name
set -uo pipefail

top=$(readlink -f "$(dirname "$0")/../..")
work=$(mktemp -d "${TMPDIR:-/tmp}/vrng-cache.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
status=0
CASE_OUT=$work/out
# shellcheck source=cases.sh
. "$(dirname "$0")/cases.sh"

explain() {
	echo "status $status; in the cache: $(ls "$work/cache")"
	cat "$work/err"
}

# The stubs run in a shell of their own, as tests/guest/kernel does. The maker counts
# its runs.
# shellcheck disable=SC2016 # expanded there
readonly STUBS='
set -euo pipefail
. "$1/tests/guest/lib/common.sh"
. "$1/tests/guest/lib/entry.sh"
maker() {
	echo made >>"$3/../../made"
	echo kernel >"$2/kernel"
	[ "$1" != broken ]
}
runs() {
	[ "$(cat "$1/kernel")" = kernel ]
}
runs_not() {
	complain "stub: does not run"
	return 1
}
'

# in_cache FUNCTION ARGUMENT...
in_cache() {
	bash -c "$STUBS"' cd "$2"; shift 2; "$@"' kernel "$top" "$work/cache" \
		"$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
}

times_made() {
	[ "$(wc -l <"$work/cache/made")" = "$1" ]
}

refused() {
	[ "$status" = 69 ] && grep -q "$1" "$work/err"
}

mkdir "$work/cache"
entry=$work/cache/uml

in_cache make_entry "$entry" maker broken
ok "a maker that fails is reported" refused 'uml: could not be made'
ok "a maker that fails leaves no entry" [ ! -e "$entry" ]
ok "a maker that fails leaves no other file" [ -z "$(find "$work/cache" -name 'uml.tmp*')" ]

in_cache make_tried_entry "$entry" runs_not maker good
ok "a kernel that does not run is reported" refused 'stub: does not run'
ok "a kernel that does not run is no entry" [ ! -e "$entry" ]

rm "$work/cache/made"
touch "$work/cache/made"
in_cache make_tried_entry "$entry" runs_not maker good
ok "the next time it is tried again" refused 'stub: does not run'
ok "it is not made again for that" times_made 0

in_cache make_tried_entry "$entry" runs maker good
ok "a kernel that runs is an entry" [ "$status,$(cat "$entry/kernel")" = 0,kernel ]
ok "a kernel that was kept is not made again" times_made 0
ok "the copy to be tried is gone then" [ ! -e "$entry.untried" ]

in_cache make_tried_entry "$entry" runs_not maker good
ok "an entry is not tried again" [ "$status" = 0 ]

end_cases
