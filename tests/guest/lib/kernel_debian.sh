# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Debian's kernel image for the installed headers, unpacked and never installed.

# To be raised when a change below changes the entry.
readonly DEBIAN_RECIPE=3

# The modules that guests can use. The rest is left out to keep boots short.
readonly DEBIAN_MODULES=(
	kernel/drivers/virtio
	kernel/drivers/char/hw_random
	kernel/drivers/char/virtio_console.ko
	kernel/drivers/block/virtio_blk.ko
	kernel/drivers/net/virtio_net.ko
	kernel/drivers/net/net_failover.ko
	kernel/drivers/ptp/ptp_vmclock.ko
	kernel/net/core/failover.ko
	kernel/net/9p
	kernel/fs/9p
	kernel/fs/netfs
	kernel/fs/fscache
	kernel/crypto
)

# Prints the newest release whose headers are installed: modules can be built for it.
debian_release() {
	local config
	for config in /usr/src/linux-headers-*/.config; do
		[ ! -f "$config" ] || basename "${config%/.config}"
	done | sed 's/^linux-headers-//' | sort -V | tail -n 1
}

debian_version() {
	dpkg-query -W -f '${Version}' "linux-headers-$1"
}

kernel_debian_key() {
	local release
	command -v dpkg-deb >/dev/null || die "$EX_UNAVAILABLE" \
		"debian: needs dpkg and apt-get;" \
		"give a kernel by its path on this system"
	release=$(debian_release)
	[ -n "$release" ] || die "$EX_UNAVAILABLE" \
		"/usr/src: no kernel headers installed; run 'make deps'"
	printf 'debian-%s-%s-%s\n' "$DEBIAN_RECIPE" "$release" "$(debian_version "$release")"
}

# Downloads into the current directory. The machine's package lists may be old or
# absent, so they are downloaded if the first attempt fails.
debian_download() {
	local get=(apt-get -qq download "$1")
	[ "$(id -u)" != 0 ] || get+=(-o APT::Sandbox::User=root)
	announce_size "${get[@]}"
	apt_show "${get[@]}" && return
	"$HERE/../../packaging/deps" --refresh || return
	apt_fetch "${get[@]}"
}

debian_keep_modules() {
	local from=$1 to=$2 item
	mkdir -p "$to"
	cp -p "$from"/modules.{order,builtin,builtin.modinfo} "$to"
	# Since Debian 13 a module has a second suffix.
	for item in "${DEBIAN_MODULES[@]}" "${DEBIAN_MODULES[@]/%/.xz}"; do
		[ ! -e "$from/$item" ] || (cd "$from" && cp -p -r --parents "$item" "$to")
	done
}

# Prints the kernel inside a bzImage, which QEMU starts directly (PVH): unpacking it in
# an emulated guest takes longer than the rest of the boot. The offsets are those of
# the x86 boot protocol. The last 4 bytes of the payload are its length.
debian_unpack_image() {
	local image=$1 setup offset length
	[ "$(od -A n -c -j $((0x202)) -N 4 "$image" | tr -d ' ')" = HdrS ] || return
	setup=$(od -A n -t u1 -j $((0x1f1)) -N 1 "$image")
	offset=$(od -A n -t u4 -j $((0x248)) -N 4 "$image")
	length=$(od -A n -t u4 -j $((0x24c)) -N 4 "$image")
	dd if="$image" bs=1M iflag=skip_bytes,count_bytes status=none \
		skip=$(((setup + 1) * 512 + offset)) count=$((length - 4)) \
		of=payload || return
	case $(od -A n -t x1 -N 4 payload) in
	' fd 37 7a 58') xz -dc payload ;;
	' 28 b5 2f fd') zstd -dcq payload ;;
	*) return 1 ;;
	esac
}

# first_of PATH...: prints the first that exists.
first_of() {
	local path
	for path; do
		[ -e "$path" ] || continue
		printf '%s\n' "$path"
		return
	done
	complain "the kernel's packages have none of: $*"
	return 1
}

# debian_install_image ENTRY RELEASE: fills ENTRY from the packages that are unpacked
# in the current directory. Depending on the suite, the kernel and its configuration
# are in boot/ or beside the modules, and the modules are below lib/ or usr/lib/.
debian_install_image() {
	local entry=$1 release=$2 modules vmlinuz config
	modules=$(first_of {,usr/}lib/modules/"$release"/modules.order) || return
	modules=${modules%/modules.order}
	vmlinuz=$(first_of boot/vmlinu{z,x}-"$release" "$modules/vmlinuz") || return
	config=$(first_of "boot/config-$release" "$modules/config") || return
	cp "$vmlinuz" "$entry/vmlinuz" || return
	cp "$config" "$entry/config" || return
	debian_unpack_image "$entry/vmlinuz" >"$entry/kernel" ||
		cp "$entry/vmlinuz" "$entry/kernel" || return
	debian_keep_modules "$PWD/$modules" "$entry/lib/modules/$release" ||
		return
	# busybox and init load no compressed modules.
	find "$entry/lib/modules" -name '*.ko.xz' -exec xz -d {} + || return
	# depmod is not in an ordinary user's path.
	PATH=$PATH:/usr/sbin:/sbin depmod -b "$entry" "$release" || return
	echo pc >"$entry/kind"
	echo "$release" >"$entry/release"
}

# kernel_debian_make ENTRY WORK
kernel_debian_make() {
	local entry=$1 work=$2 release image
	release=$(debian_release)
	image=linux-image-$release=$(debian_version "$release")
	progress "getting $image"
	cd "$work" && debian_download "$image" || return
	dpkg-deb -x ./*.deb . && rm -- *.deb || return
	debian_install_image "$entry" "$release"
}
