#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vrng-tools takes the place of each of the three rng-tools: Debian's rng-tools-debian and
# rng-tools5, and a package with the unit and settings of rng-tools 6.17. The system in
# which rng-tools-debian was replaced is then booted, with a generator on a serial line.
#
# BOUND=SECONDS  for the guest (600)
# DEBS=FOLDER    with packages that are built already
set -uo pipefail
# shellcheck source=tests/packages/lib.sh
. "$(dirname "$0")/lib.sh"
for part in entry suite; do
	# shellcheck source=/dev/null
	. "$HERE/lib/$part.sh"
done
QEMU=${QEMU:-qemu-system-x86_64}
readonly BOUND=${BOUND:-600}
need_or_skip dpkg-buildpackage dh_dkms fakeroot mmdebstrap cpio busybox perl "$QEMU"
[ "$(id -u)" = 0 ] || skip_all 'only root can unpack a system'
DEBS=${DEBS:-$WORK/debs}
readonly PEERS=$WORK/peers

ours() {
	compgen -G "$DEBS/vrng-tools_*.deb" >/dev/null || packages deb "$DEBS"
}

# A stand-in for rng-tools 6.17, which Debian 12 does not have.
six() {
	local tree=$WORK/six
	mkdir -p "$tree/DEBIAN" "$tree/etc/sysconfig" "$tree/lib/systemd/system" \
		"$tree/usr/sbin"
	printf '%s\n' 'Package: rng-tools' 'Version: 6.17-1' 'Architecture: all' \
		'Maintainer: nobody <nobody@localhost>' \
		'Description: stand-in for rng-tools 6.17' >"$tree/DEBIAN/control"
	echo /etc/sysconfig/rngd >"$tree/DEBIAN/conffiles"
	echo 'RNGD_ARGS="-x pkcs11 -x nist -x 2 -D daemon:daemon -R 300"' \
		>"$tree/etc/sysconfig/rngd"
	# shellcheck disable=SC2016 # systemd expands it
	printf '%s\n' '[Service]' 'EnvironmentFile=/etc/sysconfig/rngd' \
		'ExecStart=/usr/sbin/rngd -f $RNGD_ARGS' '[Install]' \
		'WantedBy=multi-user.target' >"$tree/lib/systemd/system/rngd.service"
	printf '#!/bin/sh\nexec sleep 1000\n' >"$tree/usr/sbin/rngd"
	chmod 755 "$tree/usr/sbin/rngd"
	dpkg-deb --root-owner-group -b "$tree" "$PEERS/rng-tools_6.17-1_all.deb"
}

peers() {
	mkdir -p "$PEERS" && suite_refresh bookworm &&
		(cd "$PEERS" && suite_download bookworm rng-tools-debian rng-tools5) &&
		six
}

# system PEER: a system with that package. Its dependencies play no part, and there is no
# systemd to start it.
system() {
	ROOT=$WORK/root
	rm -rf "$ROOT"
	plain_system "$ROOT" && cp "$PEERS/$1"_*.deb "$ROOT/tmp/peer.deb" &&
		printf '#!/bin/sh\nexit 101\n' >"$ROOT/usr/sbin/policy-rc.d" &&
		chmod 755 "$ROOT/usr/sbin/policy-rc.d" &&
		in_system "$ROOT" dpkg --force-depends -i /tmp/peer.deb
}

# replace: installs vrng-tools as apt does, which removes what conflicts with it. The
# lines of the migration are in $WORK/said.
replace() {
	cp "$DEBS"/vrng-tools_*.deb "$ROOT/tmp/vrng-tools.deb"
	in_system "$ROOT" dpkg --auto-deconfigure --force-depends \
		-i /tmp/vrng-tools.deb >"$WORK/dpkg" 2>&1
	local status=$?
	cat "$WORK/dpkg"
	grep '^vrng-tools: ' "$WORK/dpkg" >"$WORK/said"
	[ "$status" = 0 ]
}

# is_config_files PACKAGE
is_config_files() {
	# shellcheck disable=SC2016 # dpkg-query expands it
	[ "$(in_system "$ROOT" dpkg-query -W -f '${db:Status-Status}' "$1")" = \
		config-files ]
}

# settings LINE...: are these the settings of rngd.conf, and does rngd take them?
settings() {
	local status=0
	diff <(printf '%s\n' "$@") \
		<(grep -v '^#' "$ROOT/etc/vrng/rngd.conf" | grep .) || return
	in_system "$ROOT" rngd --test-config --config=/etc/vrng/rngd.conf || status=$?
	[ "$status" != 64 ]
}

said() {
	cat "$WORK/said"
	grep -qF -e "$1" "$WORK/said"
}

from_debian() {
	system rng-tools-debian || return
	cat >>"$ROOT/etc/default/rng-tools-debian" <<-'END'
	HRNGDEVICE=/dev/ttyS2
	RNGDOPTIONS="--hrng=viakernel --fill-watermark=90% --feed-interval=10 -H 0.9"
	END
	replace && is_config_files rng-tools-debian &&
		settings 'source = tty:/dev/ttyS2' 'fill-watermark = 90%' \
			'feed-interval = 10' 'rng-entropy = 0.9' &&
		said '--hrng=viakernel: not taken over' &&
		said '-H 0.9: blocks are conditioned' &&
		said 'rng-tools.conf: allows rngd.service the device' &&
		[ -x "$ROOT/etc/init.d/rng-tools-debian" ]
}

from_5() {
	system rng-tools5 || return
	echo 'DAEMON_ARGS="-d 1 -s 128"' >"$ROOT/etc/default/rngd"
	replace && is_config_files rng-tools5 &&
		settings 'exclude = rdrand' 'random-step = 128'
}

from_6() {
	system rng-tools && replace && is_config_files rng-tools &&
		settings 'exclude = rdrand' 'force-reseed = 300' &&
		said '-x pkcs11: is so: rngd has no such source' &&
		said '-D daemon:daemon: not taken over'
}

# The owner's change is kept, and nothing is taken over again.
upgrades() {
	sed -i 's/^feed-interval = .*/feed-interval = 11/' \
		"$ROOT/etc/vrng/rngd.conf" || return
	cp "$ROOT/etc/vrng/rngd.conf" "$WORK/before"
	replace && [ ! -s "$WORK/said" ] &&
		cmp "$ROOT/etc/vrng/rngd.conf" "$WORK/before"
}

# Prints what runs in the guest.
probe() {
	cat <<-'END'
	#!/bin/sh
	links() {
		for name in rng-tools rng-tools-debian; do
			systemctl show -P Id "$name.service"
		done | tr '\n' ' '
	}
	# The others of one daemon have other names.
	daemons() {
		cat /proc/[0-9]*/comm | grep -cx rngd
	}
	tries=300
	until rngctl status 2>/dev/null | grep -q 'flows' || [ $tries = 0 ]; do
		tries=$((tries - 1))
		sleep 1
	done
	echo "rngd $(systemctl is-active rngd.service)"
	echo "links $(links)"
	echo "daemons $(daemons)"
	echo "generated $(ls /run/systemd/generator.late | grep -c rng)"
	systemctl start rng-tools-debian.service
	echo "daemons again $(daemons)"
	rngctl sources | sed 's/^/source /'
	journalctl -q -u rngd.service --no-pager -o cat | sed 's/^/log /'
	dpkg --purge vrng-tools >/run/purge 2>&1
	echo "purged $?"
	ls -d /etc/systemd/system/rngd.service.d /etc/vrng \
		/lib/systemd/system/rng-tools*.service 2>/dev/null | sed 's/^/left /'
	echo end
	systemctl poweroff -f -f
	END
}

boot() {
	KERNEL=$("$HERE/kernel" debian) || return
	rm -rf "$ROOT"/usr/share/{doc,man,locale} "$ROOT/var/lib/apt/lists" \
		"$ROOT"/tmp/*.deb "$ROOT/usr/sbin/policy-rc.d"
	probe >"$ROOT/usr/sbin/probe"
	chmod 755 "$ROOT/usr/sbin/probe"
	cat >"$ROOT/etc/systemd/system/probe.service" <<-'END'
	[Unit]
	After=multi-user.target
	[Service]
	ExecStart=/bin/sh -c 'exec /usr/sbin/probe >/dev/ttyS1 2>&1'
	END
	ln -s ../probe.service "$ROOT/etc/systemd/system/multi-user.target.wants/"
	(cd "$ROOT" && find . | cpio -o -H newc --quiet | gzip -1) >"$WORK/initramfs"
	# A generator that gives the same bytes in each run.
	mkfifo "$WORK/line.in" "$WORK/line.out"
	perl -e 'srand 7; print map { chr int rand 256 } 1 .. 4096 while 1' \
		>"$WORK/line.in" &
	cat "$WORK/line.out" >/dev/null &
	: >"$WORK/lines"
	timeout "$BOUND" "$QEMU" -nodefaults -no-user-config -display none -no-reboot \
		-machine pc -accel tcg,tb-size=256 -m 1024 -smp 1 \
		-kernel "$KERNEL/vmlinuz" -initrd "$WORK/initramfs" \
		-append "console=ttyS0 loglevel=4 panic=-1 mitigations=off \
no_timer_check rdinit=/lib/systemd/systemd" \
		-serial "file:$WORK/console" -serial "file:$WORK/lines" \
		-chardev "pipe,id=line,path=$WORK/line" -serial chardev:line
	cat "$WORK/lines"
	grep -q '^end' "$WORK/lines" || {
		tail -n 20 "$WORK/console"
		return 1
	}
}

# shows LINE: is it one of the guest's?
shows() {
	cat "$WORK/lines"
	tr -d '\r' <"$WORK/lines" | grep -q -e "$1"
}

check 'vrng-tools is built' ours
check 'the packages of rng-tools are there' peers
check 'rng-tools5: replaced, and its arguments taken over' from_5
check 'rng-tools 6.17: replaced, and its arguments taken over' from_6
check 'rng-tools-debian: replaced, and its device and options taken over' from_debian
check 'an upgrade keeps what the owner has changed' upgrades
check 'the system boots' boot
check 'rngd.service is active' shows '^rngd active'
check 'it reads the serial line' shows '^source tty:/dev/ttyS2 .*flows'
check 'both units of rng-tools are rngd.service' \
	shows '^links rngd.service rngd.service'
check 'systemd makes no unit of the init script' shows '^generated 0'
check 'one rngd runs' shows '^daemons 1$'
check 'and no second one after a start of rng-tools-debian' shows '^daemons again 1$'
check 'a purge succeeds' shows '^purged 0'
nothing_left() {
	! shows '^left '
}
check 'and leaves no drop-in, settings or links' nothing_left
done_testing
