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

# What a target wants is over before the target is, but without this.
! grep -q '^DefaultDependencies=no' "$top/packaging/systemd/vrng-fork.target"
ok $? "vrng-fork.target waits for what it wants"

# A stand-in for systemctl says what it was told to start, and that b has failed if
# there is a file of that name.
mkdir bin
cat >bin/systemctl <<END
#!/bin/sh
case \$1 in
start) echo "\$2" >>$tmp/told ;;
show) echo a.service b.service ;;
--quiet) [ "\$2 \$3" = "is-failed b.service" ] && [ -e $tmp/b ] ;;
esac
END
chmod 755 bin/systemctl
hook=$top/packaging/fork.d/90-target
PATH=$tmp/bin:$PATH VRNG_REASON=request VRNG_FRESH=yes "$hook" &&
	PATH=$tmp/bin:$PATH VRNG_REASON=fork VRNG_FRESH=no "$hook" && [ ! -e told ]
ok $? "neither a request nor a fork without fresh entropy starts vrng-fork.target"

# The hook asks whether systemd runs: there is a folder in /run.
with_systemd() {
	if [ "$(id -u)" = 0 ]; then set -- "" "$@"; else set -- --map-root-user "$@"; fi
	# shellcheck disable=SC2016,SC2086 # expanded in there; no option is no word
	unshare --mount $1 sh -c 'shift
		mount -t tmpfs none /run && mkdir -p /run/systemd/system && exec "$@"' \
		sh "$@"
}
after_fork() {
	PATH=$tmp/bin:$PATH VRNG_REASON=fork VRNG_FRESH=yes with_systemd "$hook" \
		2>err
}
if with_systemd true 2>/dev/null; then
	after_fork && [ "$(cat told)" = vrng-fork.target ]
	ok $? "a fork does, when fresh entropy was credited"
	touch b
	! after_fork && grep -q "b.service has failed" err
	ok $? "the hook fails if a unit of the target has failed"
else
	skip "a fork does, when fresh entropy was credited" "mount namespaces"
	skip "the hook fails if a unit of the target has failed" "mount namespaces"
fi

done_testing
