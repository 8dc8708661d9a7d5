# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For the cases of packages, which source it: makes packages, makes a system to install
# them in, and prints TAP.

ROOM=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
TOP=$(readlink -f "$ROOM/../..")
HERE=$TOP/tests/guest
# shellcheck source=tests/guest/lib/common.sh
. "$HERE/lib/common.sh"
VERSION=$("$TOP/packaging/dist" --version)
WORK=$(mktemp -d "${TMPDIR:-/var/tmp}/vrng-packages.XXXXXX") || exit
OUT=$WORK/output # the output of the last command
trap 'clean_up' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
TAP_COUNT=0
# The makes that are run here are not part of a calling make.
unset MAKEFLAGS MAKELEVEL MFLAGS

clean_up() {
	rm -rf "$WORK"
}

# check NAME COMMAND...: passes if COMMAND succeeds. Prints the end of its output
# otherwise.
check() {
	local name=$1
	shift
	TAP_COUNT=$((TAP_COUNT + 1))
	if "$@" >"$OUT" 2>&1 </dev/null; then
		echo "ok $TAP_COUNT - $name"
	else
		echo "not ok $TAP_COUNT - $name"
		tail -n 40 "$OUT" | sed 's/^/# /'
	fi
}

# skip REASON NAME
skip() {
	TAP_COUNT=$((TAP_COUNT + 1))
	echo "ok $TAP_COUNT - $2 # SKIP $1"
}

# check_with TOOL NAME COMMAND...: the same, skipped where the tool is not installed.
check_with() {
	local tool=$1
	shift
	if command -v "$tool" >/dev/null; then
		check "$@"
	else
		skip "$tool is not installed" "$1"
	fi
}

# check_in_system NAME COMMAND...: the same, for what needs plain_system.
check_in_system() {
	if [ "$(id -u)" = 0 ]; then
		check_with mmdebstrap "$@"
	else
		skip 'only root can' "$1"
	fi
}

done_testing() {
	echo "1..$TAP_COUNT"
}

# skip_all REASON
skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

# need_or_skip TOOL...: skips the whole file where a tool is not installed.
need_or_skip() {
	local tool
	for tool; do
		command -v "$tool" >/dev/null || skip_all \
			"$tool is not installed; run 'packaging/deps packages'"
	done
}

# packages deb|rpm TO: makes the packages of this tree.
packages() {
	mkdir -p "$2"
	"$TOP/packaging/$1" "$2" "$("$TOP/packaging/dist" "$2")"
}

# billed BILL FILE...: does the bill list each file with its sum, each SPDXID once, and
# no relationship to an unknown one?
billed() {
	local file bill=$1
	shift
	for file; do
		grep -A 4 -F "PackageFileName: ${file##*/}" "$bill" |
			grep -F "SHA256: $(sha256sum "$file" | cut -d ' ' -f 1)" ||
			return
	done
	awk '/^SPDXID/ && known[$2]++ { print "twice:", $2; bad = 1 }
		/^Relationship/ { used[$2]; used[$4] }
		END {
			for (id in used)
				if (!known[id]) { print "unknown:", id; bad = 1 }
			exit bad
		}' "$bill"
}

# Prints the folder of the newest kernel headers.
newest_headers() {
	find /usr/src -maxdepth 1 -name 'linux-headers-[0-9]*' ! -name '*-common*' |
		sort -V | tail -n 1 | grep .
}

# plain_system TO: unpacks a system without kernel.
plain_system() {
	local image
	image=$("$ROOM/image" plain) || return
	mkdir -p "$1" && tar -xf "$image/root.tar" -C "$1"
}

# in_system ROOT COMMAND...: runs COMMAND in such a system.
in_system() {
	local root=$1
	shift
	timeout 120 chroot "$root" env PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		LC_ALL=C "$@"
}

# programs_work ROOT VERSION: do the programs print the version, and do rngd and rngtest
# process bytes?
programs_work() {
	local program
	for program in rngd rngctl rngtest vhost-user-rng egd-server; do
		in_system "$1" "$program" --version | grep -F "$2" || return
	done
	in_system "$1" sh -c '
		rngd -f --control=none -o /tmp/bytes --blocks=40 \
			--source=drbg:seed=$(printf %064d 20261122) &&
			rngtest -c 39 </tmp/bytes || [ $? = 1 ]
		[ "$(wc -c </tmp/bytes)" = 100000 ] && rm /tmp/bytes'
}
