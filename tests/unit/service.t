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

# The privileged process learns of VM forks from the kernel's log.
! grep -q '^ProtectKernelLogs=yes' "$unit" &&
	grep -q '^CapabilityBoundingSet=.*CAP_SYSLOG' "$unit" &&
	grep -q '^DeviceAllow=/dev/kmsg r$' "$unit" &&
	grep -q '^DeviceAllow=/dev/vmclock0 r$' "$unit"
ok $? "it lets rngd open what shows VM forks"

# A stand-in for systemctl says what it was told.
mkdir bin
printf '#!/bin/sh\necho "$@" >>%s/told\n' "$tmp" >bin/systemctl
chmod 755 bin/systemctl
hook=$top/packaging/fork.d/90-target
PATH=$tmp/bin:$PATH VRNG_REASON=request VRNG_FRESH=yes "$hook" &&
	PATH=$tmp/bin:$PATH VRNG_REASON=fork VRNG_FRESH=no "$hook" && [ ! -e told ]
ok $? "neither a request nor a fork without fresh entropy starts vrng-fork.target"
if [ -d /run/systemd/system ]; then
	PATH=$tmp/bin:$PATH VRNG_REASON=fork VRNG_FRESH=yes "$hook" &&
		[ "$(cat told)" = "start vrng-fork.target" ]
	ok $? "a fork does, when fresh entropy was credited"
else
	skip "a fork does, when fresh entropy was credited" systemd
fi

done_testing
