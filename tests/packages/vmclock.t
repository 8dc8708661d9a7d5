#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rngd.service and vmclock: the module for it is loaded when rngd runs. udev starts rngd
# again, which opens the device then, and a fork that it shows is handled.
#
# QEMU's vmclock has no counter of generations. A loader sets the flags, and the guest
# itself writes another number, as a hypervisor would. This QEMU does not notify of it,
# so wait-fresh has rngd look.
set -uo pipefail
# shellcheck source=tests/packages/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/packages/ram.sh
. "$(dirname "$0")/ram.sh"

# The kernel has virtio built in, and vmclock as a module.
readonly NAME=debian-7.3
readonly PAGE=$((0xfeffb000))
readonly FLAGS=$((PAGE + 24)) GENERATION=$((PAGE + 104))
# The counter is there (1 << 8), and changes are notified (1 << 9).
readonly BOTH=0x300

tools() {
	make -C "$TOP" "B=$BUILD" programs && KERNEL=$("$HERE/kernel" "$NAME") &&
		QEMU=$("$HERE/qemu")
}

# Prints what runs in the guest.
probe() {
	echo '#!/bin/sh'
	echo "generation=$GENERATION"
	cat <<-'END'
	export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
	insmod() {
		/modules/busybox insmod "/modules/$1.ko" || echo "no $1"
	}
	# within SECONDS COMMAND...
	within() {
		tries=$(($1 * 5))
		shift
		until "$@"; do
			tries=$((tries - 1))
			[ $tries -gt 0 ] || return
			sleep 0.2
		done
	}
	signs() {
		rngctl status | sed -n 's/^  VM forks are noticed by //p
			s/^  nothing shows VM forks:.*/nothing/p'
	}
	# The process: another one, if the service was started again.
	main() {
		systemctl show -P MainPID rngd.service
	}
	fed() {
		rngctl wait-fresh --timeout=1 >/dev/null
	}
	noticed() {
		signs | grep -q vmclock
	}
	insmod virtio-rng
	systemctl is-system-running --wait >/dev/null
	within 60 fed
	echo "before $? $(signs)"
	first=$(main)
	insmod ptp_vmclock
	within 60 noticed
	echo "after $? $(signs)"
	[ "$(main)" = "$first" ] || echo "another process"
	within 60 fed
	echo "fresh $? $(systemctl show -P NRestarts rngd.service)"
	/modules/busybox devmem $generation 32 1
	rngctl wait-fresh --timeout=60
	echo "forked $?"
	journalctl -q -u rngd.service --no-pager -o cat | sed 's/^/log /'
	echo end
	systemctl poweroff -f -f
	END
}

furnish() {
	unpack_system virtio-rng ptp_vmclock && service_files || return
	probe >"$WORK/probe"
	pack "$WORK/probe"
}

run_guest() {
	: >"$WORK/lines"
	LINE=iomem=relaxed machine -device virtio-rng-pci -device vmclock \
		-device "loader,addr=$FLAGS,data=$BOTH,data-len=8"
	cat "$WORK/lines"
	grep -q '^end' "$WORK/lines"
}

has() {
	cat "$WORK/lines"
	tr -d '\r' <"$WORK/lines" | grep -Eq "$1"
}

check 'programs, a kernel and a QEMU that know vmclock are there' tools
check 'a system with rngd.service is made' furnish
check 'the guest ends' run_guest
check 'without the module nothing shows forks' has '^before 0 nothing$'
check 'udev has rngd watch vmclock when the module is loaded' has '^after 0 vmclock$'
check 'it started rngd again, which systemd does not count as a failure' \
	has '^fresh 0 0$'
check 'a fork that vmclock shows is handled before wait-fresh ends' has '^forked 0$'
check 'and rngd says so' has '^log .*VM fork: noticed by vmclock$'
done_testing
