#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rngd.service under systemd for an hour, with hosts of 192 bytes in 300 s and of 16
# bytes a second, and with a silent one: it is ready, its watchdog is content, and
# systemd never restarts it. Then the service without a device.
#
# The hour is the guest's.
set -uo pipefail
# shellcheck source=tests/packages/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/packages/ram.sh
. "$(dirname "$0")/ram.sh"

# Prints what runs in the guest. A line of the unit's state every 150 s.
probe() {
	cat <<-'END'
	#!/bin/sh
	state() {
		for name in ActiveState NRestarts Result StatusText; do
			systemctl show -P "$name" rngd.service
		done | tr '\n' ' '
	}
	for module in $(cat /modules/order); do
		/modules/busybox insmod "/modules/$module.ko" || echo "no $module"
	done
	until [ "$(cut -d. -f1 /proc/uptime)" -gt 3700 ]; do
		sleep 150
		echo "sample $(state)"
	done
	echo "fed $(rngctl status -j | grep -c '"blocks_good": [1-9]')"
	journalctl -q -u rngd.service --no-pager -o cat | sed 's/^/log /'

	mkdir -p /run/systemd/system/rngd.service.d
	printf '[Service]\nPrivateDevices=yes\n' \
		>/run/systemd/system/rngd.service.d/test.conf
	systemctl daemon-reload
	systemctl restart rngd.service
	echo "hidden $(state)"
	echo 'source = jitter,entropy=1' >>/etc/vrng/rngd.conf
	systemctl restart rngd.service
	echo "configured $(state)"
	rm -r /run/systemd/system/rngd.service.d
	systemctl daemon-reload
	systemctl stop rngd.service
	echo "stopped $(state)"
	echo add >/sys/class/misc/hw_random/uevent
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		systemctl is-active -q rngd.service || sleep 1
	done
	echo "appeared $(state)"
	echo end
	systemctl poweroff -f -f
	END
}

# furnish DRIVER: makes the initramfs of a system with that driver.
furnish() {
	unpack "$1" || return
	service_files
	probe >"$WORK/probe"
	pack "$WORK/probe"
}

# hour DRIVER OPTION...: runs a guest with that driver and these options of QEMU. Its
# lines are in $WORK/lines.
hour() {
	furnish "$1" || return
	shift
	: >"$WORK/lines"
	machine "$@"
	cat "$WORK/lines"
	grep -q '^end' "$WORK/lines"
}

# never_restarted [STATUS]: at least 23 samples, and all of them of a unit that was never
# restarted, with that status.
never_restarted() {
	cat "$WORK/lines"
	[ "$(grep -c '^sample' "$WORK/lines")" -ge 23 ] &&
		! grep '^sample' "$WORK/lines" |
			grep -v "^sample active 0 success ${1-}"
}

# says COUNT TEXT: does the log have at most COUNT lines with TEXT?
says() {
	[ "$(grep -c "^log .*$2" "$WORK/lines")" -le "$1" ]
}

# The beginning of the first silence, and once more an hour later.
one_line_an_hour() {
	cat "$WORK/lines"
	says 2 'stalled\|gives bytes again'
}

state_is() {
	cat "$WORK/lines"
	grep -q "^$1 $2" "$WORK/lines"
}

check 'programs, module and kernel are there' build
check 'a host of 192 bytes in 300 s: the guest runs for an hour' hour vrng \
	-object rng-random,id=host,filename=/dev/urandom \
	-device virtio-rng-pci,rng=host,max-bytes=192,period=300000
check 'rngd.service is never restarted' never_restarted 'waiting for the host: '
check 'there is at most one line an hour about silence' one_line_an_hour
check 'it is active where no device is there and no source configured' \
	state_is hidden 'active 0 success'
check 'it is active where a source is configured' \
	state_is configured 'active 0 success'
check 'udev starts it when a device appears' state_is appeared 'active 0 success'
check 'a host of 16 bytes a second: the guest runs for an hour' hour vrng \
	-object rng-random,id=host,filename=/dev/urandom \
	-device virtio-rng-pci,rng=host,max-bytes=16,period=1000
check 'rngd.service is never restarted' never_restarted
check 'there is at most one line an hour about silence' one_line_an_hour
check 'it feeds the kernel' state_is fed '[1-9]'
check 'a silent host, and the driver in the tree: the guest runs for an hour' \
	hour virtio-rng -chardev null,id=silent \
	-object rng-egd,id=host,chardev=silent -device virtio-rng-pci,rng=host
check 'rngd.service is never restarted' never_restarted 'waiting for the host: '
check 'there is at most one line an hour about silence' one_line_an_hour
done_testing
