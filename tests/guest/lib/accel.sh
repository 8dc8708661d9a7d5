# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Chooses how QEMU runs a guest. On some hosts /dev/kvm opens and yet guests hang, so a
# tiny guest (probe.S) is tried, once per boot of the host. BUILD and QEMU are set
# before.

readonly PROBE=$BUILD/tests/guest/probe.bin
readonly PROBE_SECONDS=2
# QEMU's status when the probe reached its end.
readonly PROBE_WORKED=33

readonly KVM_OPTIONS='-accel kvm -cpu host'
# The buffer is large enough to hold a kernel's boot translated.
readonly TCG_OPTIONS='-accel tcg,tb-size=256'

try_kvm() {
	local status=0
	[ -w /dev/kvm ] && [ -f "$PROBE" ] || return 1
	# shellcheck disable=SC2086 # several words
	timeout --kill-after=1 "$PROBE_SECONDS" "$QEMU" -nodefaults \
		-no-user-config -display none -no-reboot -machine pc \
		$KVM_OPTIONS -m 16 -bios "$PROBE" \
		-device isa-debug-exit,iobase=0x501,iosize=1 \
		</dev/null >/dev/null 2>&1 || status=$?
	[ "$status" = "$PROBE_WORKED" ]
}

# Guests that start at the same time may all try KVM, with the same result. None deletes
# the file while another reads it.
kvm_works() {
	local file old
	file=$(cache_dir)/kvm-$(id -u)-$(</proc/sys/kernel/random/boot_id)
	if [ ! -f "$file" ]; then
		for old in "${file%/*}/kvm-$(id -u)-"*; do
			[[ $old == "$file"* ]] || rm -f "$old"
		done
		if try_kvm; then echo yes; else echo no; fi >"$file.$$"
		mv "$file.$$" "$file"
	fi
	[ "$(<"$file")" = yes ]
}

# choose_accel auto|kvm|tcg: prints QEMU's options.
choose_accel() {
	case $1 in
	tcg) echo "$TCG_OPTIONS -cpu $CPU" ;;
	kvm)
		kvm_works || die "$EX_UNAVAILABLE" "/dev/kvm: runs no guest" \
			"on this machine; use --accel tcg"
		echo "$KVM_OPTIONS"
		;;
	auto)
		if kvm_works; then
			echo "$KVM_OPTIONS"
		else
			echo "$TCG_OPTIONS -cpu $CPU"
		fi
		;;
	esac
}
