# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Debian's own kernel image, unpacked and never installed.

# Raised when the recipe below changes what comes out of it.
readonly DEBIAN_RECIPE=3

# What guests can use of its modules; the rest is left out to keep boots short.
readonly DEBIAN_MODULES=(
	kernel/drivers/virtio
	kernel/drivers/char/hw_random
	kernel/drivers/char/virtio_console.ko
	kernel/drivers/block/virtio_blk.ko
	kernel/drivers/net/virtio_net.ko
	kernel/drivers/net/net_failover.ko
	kernel/net/core/failover.ko
	kernel/net/9p
	kernel/fs/9p
	kernel/fs/netfs
	kernel/fs/fscache
	kernel/crypto
)

# The newest kernel whose headers are installed, so that modules can be built.
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

# Downloads into the current directory. Lists of packages may be old or absent.
debian_download() {
	local package=$1
	local get=(apt-get -qq download)
	[ "$(id -u)" != 0 ] || get+=(-o APT::Sandbox::User=root)
	"${get[@]}" "$package" >download.log 2>&1 </dev/null && return
	"$HERE/../../packaging/deps" --refresh || return
	run_logged download.log "${get[@]}" "$package"
}

debian_keep_modules() {
	local from=$1 to=$2 item
	mkdir -p "$to"
	cp -p "$from"/modules.{order,builtin,builtin.modinfo} "$to"
	for item in "${DEBIAN_MODULES[@]}"; do
		[ ! -e "$from/$item" ] || (cd "$from" && cp -p -r --parents "$item" "$to")
	done
}

# The kernel inside a bzImage, which QEMU starts directly (PVH): unpacking it in
# an emulated guest takes longer than all the rest of the boot. Offsets are those
# of the x86 boot protocol; the payload ends in 4 bytes that are its length.
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

# first_of PATH...: the first that is there.
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

# debian_install_image ENTRY RELEASE: from the packages that are unpacked in the
# current directory. The kernel and its configuration are in boot/ or beside the
# modules; the modules are below lib/ or usr/lib/. Each suite mixes these.
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
	# Neither busybox nor init load what is compressed.
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
	progress "downloading $image"
	cd "$work" && debian_download "$image" || return
	dpkg-deb -x ./*.deb . && rm -- *.deb || return
	debian_install_image "$entry" "$release"
}
