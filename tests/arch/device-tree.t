#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A device tree shows VM forks, on arm64. QEMU describes its machine in one, which here
# gets a node for a page of the guest's memory. That memory is a file, in which the case
# writes as a hypervisor does that forks the machine.
#
# SIGNS  what the tree has (vmgenid; `make check-arch` also tries vmclock)
# shellcheck source=tests/guest/tap.sh
. "$(dirname "$(readlink -f "$0")")/../guest/tap.sh"
# shellcheck source=tests/arch/lib/table.sh
. "$TOP/tests/arch/lib/table.sh"

readonly SIGNS=${SIGNS:-vmgenid}
readonly OUR_ARCH=arm64
# Seconds for a guest that is emulated on a busy host.
readonly PATIENCE=600
# QEMU's machine "virt" has its memory there. The page is 1 MiB before the end.
readonly MEMORY_AT=0x40000000 MEMORY_MIB=256
readonly PAGE_OFFSET=$(((MEMORY_MIB - 1) << 20))
readonly MEMORY=$WORK/memory

if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null ||
	[ -z "$(arch_others "$OUR_ARCH")" ]; then
	echo "1..0 # SKIP another architecture needs Debian's packages"
	exit
fi

# nodes COMPATIBLE: prints what the tree gets.
nodes() {
	local at
	at=$(printf '%x' $((MEMORY_AT + PAGE_OFFSET)))
	cat <<-END
	/ {
		reserved-memory {
			#address-cells = <2>;
			#size-cells = <2>;
			ranges;
			generation@$at {
				reg = <0 0x$at 0 0x1000>;
				no-map;
			};
		};
		rng@$at {
			compatible = "$1";
			reg = <0 0x$at 0 0x1000>;
			interrupts = <0 100 1>;
		};
	};
	END
}

# guest [OPTION...] -- COMMAND: a guest whose memory is the file.
guest() {
	in_guest --timeout "$PATIENCE" --kernel "debian-$OUR_ARCH" \
		--memory "$MEMORY_MIB" --qemu-arg=-object \
		--qemu-arg="memory-backend-file,id=file,share=on,size=${MEMORY_MIB}M,mem-path=$MEMORY" \
		--qemu-arg=-machine --qemu-arg=memory-backend=file "$@"
}

# make_tree COMPATIBLE: makes $WORK/tree. QEMU ends when it has written its own tree.
make_tree() {
	guest --qemu-arg=-machine --qemu-arg="dumpdtb=$WORK/machine" -- true
	{
		dtc -q -I dtb -O dts "$WORK/machine" && nodes "$1"
	} >"$WORK/source" && dtc -q -I dts -O dtb -o "$WORK/tree" "$WORK/source"
}

# put OFFSET ESCAPES: writes bytes, as printf understands them, into the page.
put() {
	# shellcheck disable=SC2059 # they are a format
	printf "$2" | dd of="$MEMORY" bs=1 seek=$((PAGE_OFFSET + $1)) \
		conv=notrunc status=none
}

# begin_page SIGN: an ID of zeros, or vmclock's magic word, its size, and the flag of a
# counter.
begin_page() {
	rm -f "$MEMORY"
	truncate -s "${MEMORY_MIB}M" "$MEMORY"
	[ "$1" = vmgenid ] || put 0 'VCLK\0\20\0\0'
	[ "$1" = vmgenid ] || put 24 '\0\1'
}

# fork_machine SIGN: writes another ID, or counts up.
fork_machine() {
	case $1 in
	vmgenid) put 0 '\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20' ;;
	vmclock) put 104 '\1' ;;
	esac
}

compatible_of() {
	case $1 in
	vmgenid) echo microsoft,vmgenid ;;
	vmclock) echo amazon,vmclock ;;
	esac
}

# Commands for the guest. A reader finds the fork: nothing else looks at the page.
# shellcheck disable=SC2016 # expanded in there
readonly COMMAND=$UNTIL'
tracing=/sys/kernel/tracing
finds_fork() {
	head -c 64 /dev/hwrng >/dev/null
	grep -q " discard " $tracing/trace
}
has_id() {
	[ "$(cat clone_id)" ]
}
cd /sys/bus/virtio/drivers/vrng/virtio*/vrng
head -c 4096 /dev/hwrng >/dev/null
echo "notice=$(cat fork_notice)"
echo "before=$(cat clone_generation)"
echo "old=$(cat clone_id)"
echo 1 >$tracing/events/vrng/enable
echo ready
until_true finds_fork || exit
sed -n "s/.*discard.* bytes=\([0-9]*\) .*/dropped=\1/p" $tracing/trace | head -n 1
echo "after=$(cat clone_generation)"
until_true has_id || exit
echo "new=$(cat clone_id)"
'

is_ready_or_ended() {
	grep -q '^ready' "$OUT" || is_gone "$1"
}

# forked_guest SIGN: a guest that is forked when it is ready.
forked_guest() {
	local guest
	make_tree "$(compatible_of "$1")" || return
	begin_page "$1"
	: >"$OUT"
	guest --qemu-arg=-dtb --qemu-arg="$WORK/tree" -- "$COMMAND" &
	guest=$!
	soon "$PATIENCE" is_ready_or_ended "$guest"
	fork_machine "$1"
	wait "$guest"
}

# What it drops is 0 if the last request has not been answered yet: its bytes fall later.
is_noticed() {
	prints notice "$1" && holds "before == 0" "after == 1" "dropped >= 0" &&
		[ "$(value new)" != "$(value old)" ]
}

build() {
	"$TOP/tests/arch/build" "$OUR_ARCH" \
		"$(ARCH=$OUR_ARCH arch_build)/tests/guest/init" module >"$ERR" 2>&1
}

check "$OUR_ARCH: the guest's programs and module are built" build || {
	done_testing
	exit 1
}
needs "debian-$OUR_ARCH"
[ -n "$SKIP_REASON" ] || command -v dtc >/dev/null ||
	SKIP_REASON="dtc: not found; run 'make deps'"
for sign in $SIGNS; do
	check "$OUR_ARCH, $sign: a guest whose host changes the page of its device tree" \
		forked_guest "$sign"
	check "$OUR_ARCH, $sign: a reader finds the fork, once" \
		is_noticed "$sign"
done
done_testing
