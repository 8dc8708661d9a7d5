#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# rngd in a container: root without CAP_SYS_ADMIN, and root of a user namespace that
# has no other user. TAP on stdout.

# shellcheck source=harness.sh
. "$(dirname "$0")/harness.sh"
speaker=rngd
rngd=$(apart_rngd) || exit 1

# without COMMAND...: runs it as root without CAP_SYS_ADMIN.
without() {
	run setpriv --bounding-set=-sys_admin "$@"
}

# mapped COMMAND...: runs it as root of a user namespace. PrivateUsers=yes does the same.
mapped() {
	run unshare --user --map-root-user "$@"
}

fed() {
	[ "$status" = 0 ] && [ "$(wc -c <file)" = 5000 ] && rm file
}

title="without CAP_SYS_ADMIN"
if [ "$(id -u)" = 0 ] && without true && [ "$status" = 0 ]; then
	without "$rngd" -f --source=getrandom
	refused 77 "/dev/random: cannot credit entropy: " \
		"$title the kernel is not fed, and one line says why"
	without "$rngd" -f --source=getrandom -o file --blocks=2
	fed
	ok $? "$title a file is"
else
	skip "$title" "only root can try, with setpriv"
fi

title="in a user namespace with root alone"
mapped true
if [ "$status" = 0 ]; then
	mapped "$rngd" -f --source=getrandom
	refused 77 "/dev/random: cannot credit entropy: " \
		"$title the kernel is not fed, and one line says why"
	mapped "$rngd" -f --source=getrandom -o file --blocks=2
	[ "$status" = 77 ] &&
		grep -q 'cannot become user .*give --drop-privileges' err
	ok $? "$title another user is asked for"
	rm -f file
	mapped "$rngd" -f -D 0:0 --source=getrandom -o file --blocks=2
	fed
	ok $? "$title a file is fed as that user"
else
	skip "$title" "no user namespace here"
fi
done_testing
