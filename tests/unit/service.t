#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# rngd.service: what may keep it from starting. TAP on stdout.

# shellcheck source=harness.sh
. "$(dirname "$0")/harness.sh"
unit=$top/packaging/systemd/rngd.service

# Without /dev/hwrng, rngd has another source; see rngd(8), -r.
[ "$(grep -E '^(Condition|Assert|ExecCondition)' "$unit")" = \
	'ConditionVirtualization=!container' ]
ok $? "only a container keeps it from starting, no missing device"

done_testing
