#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# rngd.service: where it is skipped, and that nothing else than its ExecCondition= skips
# it. The condition runs on files of this test. TAP on stdout.

# shellcheck source=harness.sh
. "$(dirname "$0")/harness.sh"
unit=$top/packaging/systemd/rngd.service

# The command between the single quotes, in one line, for the files hwrng and conf.
sed -n "/^ExecCondition=/,/'\$/p" "$unit" | tr -d '\\\\\n' |
	sed "s|^ExecCondition=/bin/sh -c '\\(.*\\)'\$|\\1|;
		s|/dev/hwrng|hwrng|; s|/etc/vrng/rngd.conf|conf|" >condition

# runs DESCRIPTION, skips DESCRIPTION: whether the service would run now.
runs() {
	run sh condition
	[ "$status" = 0 ] && [ ! -s err ]
	ok $? "$1"
}

skips() {
	run sh condition
	# Status 255 is an error to systemd.
	[ "$status" -ge 1 ] && [ "$status" -le 254 ] && [ ! -s err ]
	ok $? "$1"
}

grep -q 'test -e hwrng' condition && grep -q '[[:blank:]]conf$' condition
ok $? "the condition is found"
[ "$(grep '^Condition' "$unit")" = 'ConditionVirtualization=!container' ]
ok $? "no other condition depends on a device"

rm -f conf hwrng
skips "it is skipped without a device and without settings"
cp "$top/packaging/systemd/rngd.conf" conf
skips "the settings that are installed name no source"
printf 'feed-interval = 5\n  # source = jitter\n' >conf
skips "other settings and comments are no source"
: >hwrng
runs "it runs where there is a device"
rm hwrng
for line in 'source = jitter,entropy=1' '	source=tty:/dev/ttyUSB0' \
	'include = rdrand' 'rng-device = /dev/other'; do
	printf 'feed-interval = 5\n%s\n' "$line" >conf
	runs "it runs with the setting \"$line\""
done

done_testing
