#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vrng-tools and vrng-host, installed in a guest with systemd and a device: the cases of
# autopkgtest, what security scanners look for, a fork while the source is dead, and the
# unit with PrivateUsers=yes. Seconds are those of a guest that executes 10^9
# instructions in each.
set -uo pipefail
# Lynis starts thousands of programs.
BOUND=${BOUND:-1800}
# shellcheck source=tests/packages/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/packages/ram.sh
. "$(dirname "$0")/ram.sh"
need_or_skip dpkg-buildpackage dh_dkms fakeroot

# Prints what runs in the guest.
probe() {
	cat <<-'END'
	#!/bin/sh
	export PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C
	state() {
		for name in ActiveState NRestarts; do
			systemctl show -P "$name" rngd.service
		done | tr '\n' ' '
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
	fed() {
		rngctl status -j | grep -q '"blocks_good": [1-9]'
	}
	# drop_in LINE...: restarts rngd with these settings of the unit.
	drop_in() {
		mkdir -p /run/systemd/system/rngd.service.d
		printf '%s\n' '[Service]' "$@" \
			>/run/systemd/system/rngd.service.d/test.conf
		systemctl daemon-reload
		systemctl restart rngd.service
	}
	for module in $(cat /modules/order); do
		/modules/busybox insmod "/modules/$module.ko" || echo "no $module"
	done
	systemctl is-system-running --wait >/dev/null
	dpkg -i /root/*.deb
	echo "installed $?"
	within 60 fed
	echo "fed $? $(state)"
	for name in tools host; do
		# Words on standard error are a failure for autopkgtest.
		"/root/$name" 2>/root/words
		echo "autopkgtest $name $? $(wc -c </root/words)"
		cat /root/words
	done
	echo "is-active $(systemctl is-active rngd)"
	timeout 3000 lynis audit system --tests CRYP-8004 --quick --no-colors \
		--skip-plugins >/root/audit 2>&1
	echo "audit $?"
	grep '^rng_found=' /var/log/lynis-report.dat

	# A source that gave a block, and gives no more.
	printf '#!/bin/sh\necho "$VRNG_REASON $VRNG_FRESH" >>/run/hooks\n' \
		>/etc/vrng/fork.d/noted
	chmod 755 /etc/vrng/fork.d/noted
	mkfifo -m 644 /run/rngd-source
	exec 4<>/run/rngd-source
	head -c 3000 /dev/urandom >&4
	drop_in 'ExecStart=' \
		'ExecStart=/usr/sbin/rngd --foreground --source=file:/run/rngd-source'
	within 60 fed
	echo "before $? $(state)"
	timeout 60 rngctl reseed --fork
	echo "dead $? $(state)"
	cat /run/hooks
	exec 4>&-

	drop_in 'PrivateUsers=yes'
	sleep 60
	echo "private $(state)"
	journalctl -q -u rngd.service --no-pager -o cat | sed 's/^/log /'
	rm -r /run/systemd/system/rngd.service.d
	systemctl daemon-reload
	systemctl restart rngd.service
	within 60 fed
	echo "again $? $(state)"
	echo end
	systemctl poweroff -f -f
	END
}

furnish() {
	unpack vrng && packages deb "$WORK/debs" &&
		cp "$WORK"/debs/vrng-{tools,host}_*.deb \
			"$TOP"/packaging/debian/tests/{tools,host} "$ROOT/root" ||
		return
	probe >"$WORK/probe"
	pack "$WORK/probe"
}

run_guest() {
	: >"$WORK/lines"
	SHIFT=0 machine -object rng-random,id=host,filename=/dev/urandom \
		-device virtio-rng-pci,rng=host
	cat "$WORK/lines"
	grep -q '^end' "$WORK/lines"
}

has() {
	cat "$WORK/lines"
	tr -d '\r' <"$WORK/lines" | grep -Eq -e "$1"
}

check 'programs, module and kernel are there' build
check 'a system with the packages is made' furnish
check 'the guest ends' run_guest
check 'dpkg installs vrng-tools and vrng-host' has '^installed 0$'
check 'rngd.service feeds the kernel' has '^fed 0 active 0 $'
check 'autopkgtest: the case "tools" passes' has '^autopkgtest tools 0 0$'
check 'autopkgtest: the case "host" passes' has '^autopkgtest host 0 0$'
check 'STIG: systemctl is-active rngd passes' has '^is-active active$'
check 'Lynis finds a hardware generator, and rngd' has '^rng_found=1$'
check 'a source that has fallen silent has fed before' has '^before 0 active 0 $'
check 'reseed --fork says that nothing is fresh, and rngd goes on' \
	has '^dead 75 active 0 $'
check 'the fork hooks are told so' has '^fork no$'
check 'PrivateUsers=yes: it ends, and is not started again' \
	has '^private failed 0 $'
check 'PrivateUsers=yes: the log says that it cannot credit' \
	has '^log .*/dev/random: cannot credit entropy'
check 'without it, rngd.service feeds again' has '^again 0 active 0 $'
done_testing
