#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest without a device: vrng-tools is installed at once, rngd.service is active and
# waits, and it feeds the kernel when a device is plugged in, again and again.
# Seconds are those of a guest that executes 10^9 instructions in each.
set -uo pipefail
# shellcheck source=tests/packages/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/packages/ram.sh
. "$(dirname "$0")/ram.sh"
need_or_skip dpkg-buildpackage dh_dkms fakeroot

# Prints what runs in the guest. It asks for a device by a line, and waits for it
# without sleep, because the guest's clock stands still then for the host.
probe() {
	cat <<-'END'
	#!/bin/sh
	export PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C
	state() {
		for name in ActiveState NRestarts StatusText; do
			systemctl show -P "$name" rngd.service
		done | tr '\n' ' '
	}
	seconds() {
		cut -d. -f1 /proc/uptime
	}
	# within SECONDS COMMAND...
	within() {
		due=$(($(seconds) + $1))
		shift
		until "$@"; do
			[ "$(seconds)" -lt "$due" ] || return
		done
	}
	devices() {
		[ "$(ls /sys/bus/virtio/devices | wc -l)" = "$1" ]
	}
	fed() {
		rngctl status -j | grep -q '"blocks_good": [1-9]'
	}
	# The blocks of the source so far.
	blocks() {
		rngctl status -j | sed -n 's/.*"blocks_good": \([0-9]*\).*/\1/p' | head -n 1
	}
	more() {
		[ "$(blocks)" -gt "$1" ]
	}
	for module in $(cat /modules/order); do
		/modules/busybox insmod "/modules/$module.ko" || echo "no $module"
	done
	systemctl is-system-running --wait >/dev/null
	echo "current $(cat /sys/class/misc/hw_random/rng_current)"
	began=$(seconds)
	dpkg -i /root/vrng-tools.deb
	echo "installed $? $(($(seconds) - began))"
	echo "is-active $(systemctl is-active rngd)"
	sleep 200
	echo "waiting $(state)"
	rngd --list; echo "list $?"
	rngd --test-config --config=/etc/vrng/rngd.conf; echo "test $?"
	echo plug
	within 600 devices 1
	within 10 fed
	echo "fed $? $(state)"
	cat /dev/hwrng >/dev/null &
	reader=$!
	echo unplug
	within 600 devices 0
	echo "unplugged $? $(state)"
	sleep 100
	echo "left $(state)"
	kill $reader 2>/dev/null
	before=$(blocks)
	systemctl kill -s USR1 rngd
	echo plug
	within 600 devices 1
	rngctl reseed >/dev/null 2>&1 &
	within 70 more "$before"
	echo "again $? $(state)"
	journalctl -q -u rngd.service --no-pager -o cat | sed 's/^/log /'
	echo end
	systemctl poweroff -f -f
	END
}

furnish() {
	unpack vrng && packages deb "$WORK/debs" &&
		cp "$WORK"/debs/vrng-tools_*.deb "$ROOT/root/vrng-tools.deb" || return
	probe >"$WORK/probe"
	pack "$WORK/probe"
}

# Plugs the device in and out as the guest's lines say.
plug() {
	local word
	tail -n +1 -s 0.2 -F "$WORK/lines" 2>/dev/null | sed -u 's/\r$//' |
		while read -r word; do
			case $word in
			plug) echo 'device_add virtio-rng-pci,rng=host,id=plugged' ;;
			unplug) echo 'device_del plugged' ;;
			end) break ;;
			esac
		done >"$WORK/monitor.in"
}

run_guest() {
	mkfifo "$WORK/monitor.in" "$WORK/monitor.out"
	exec 8<>"$WORK/monitor.in" 9<>"$WORK/monitor.out"
	: >"$WORK/lines"
	plug &
	SHIFT=0 machine -object rng-random,id=host,filename=/dev/urandom \
		-chardev "pipe,id=monitor,path=$WORK/monitor" -mon chardev=monitor
	kill $! 2>/dev/null
	exec 8>&- 9>&-
	cat "$WORK/lines"
	grep -q '^end' "$WORK/lines"
}

has() {
	cat "$WORK/lines"
	tr -d '\r' <"$WORK/lines" | grep -Eq "$1"
}

check 'programs, module and kernel are there' build
check 'a system with the package is made' furnish
check 'the guest ends' run_guest
sed -n 's/^installed [0-9]* \([0-9]*\).*/# installed in \1 s/p' "$WORK/lines"
check '/dev/hwrng has no generator' has '^current none$'
check 'dpkg installs vrng-tools within 5 seconds' has '^installed 0 [0-5]$'
check 'systemctl is-active rngd passes' has '^is-active active$'
check 'the service waits, and was never restarted' has '^waiting active 0 waiting'
check '--list and --test-config say that /dev/hwrng gives nothing' \
	has 'file:/dev/hwrng: cannot read: No such device'
check 'it is fed within 10 seconds of a hot-plug' has '^fed 0 active 0 '
check 'a hot-unplug under a reader leaves it active' has '^unplugged 0 active 0 '
check 'it goes on to wait' has '^left active 0 '
check 'a second hot-plug feeds it again' has '^again 0 active 0 '
done_testing
