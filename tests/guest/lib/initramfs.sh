# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The guest's files. Two archives follow each other in one initramfs: the base,
# the same for many runs and kept in build/, and what belongs to this run.

BUILD=$(readlink -m "${B:-$TOP/build}")
readonly BUILD
readonly INIT=$BUILD/tests/guest/init

# Modules a guest has at hand (not loaded, if not asked for).
# sha3_generic is what jitterentropy_rng asks for by its alias: no dependency.
readonly BASE_MODULES=(virtio_pci virtio_rng algif_rng sha3_generic
	jitterentropy_rng)

# Our own programs a guest has if they are built.
readonly BASE_PROGRAMS=(rngd/rngd rngd/rngtest rngd/rngctl)

# Raised when the recipe below changes what comes out of it.
readonly BASE_RECIPE=2

kmod_tool() {
	PATH=$PATH:/usr/sbin:/sbin "$@"
}

# put ROOT FILE PATH: with what it is linked against, at the same paths there.
put() {
	local root=$1 file=$2 path=$3 library
	install -D -m "$(stat -L -c %a "$file")" "$file" "$root$path"
	is_elf "$file" || return 0
	case $path in *.ko) return 0 ;; esac
	for library in $(libraries_of "$file"); do
		[ -e "$root$library" ] || install -D "$library" "$root$library"
	done
}

# A program that is linked statically has none, and ldd says so by its status.
libraries_of() {
	local text
	text=$(ldd "$1" 2>/dev/null) || return 0
	! grep -q 'not found' <<<"$text" || die "$EX_UNAVAILABLE" \
		"$1: $(grep -m 1 -o '[^[:space:]]* => not found' <<<"$text");" \
		"install that library"
	grep -o '/[^ ]*' <<<"$text"
}

pack() {
	(cd "$1" && find . -mindepth 1 -print0 | sort -z |
		cpio --quiet -0 -o -H newc -R 0:0)
}

module_tree() {
	printf '%s/lib/modules/%s\n' "$KERNEL_ROOT" "$KERNEL_RELEASE"
}

vrng_module() {
	printf '%s/driver/%s/vrng.ko\n' "$BUILD" "$KERNEL_RELEASE"
}

# modules_for ROOT NAME...: what to load, in order, one path a line.
modules_for() {
	local root=$1 name
	shift
	for name; do
		kmod_tool modprobe -C /dev/null -d "$root" -S "$KERNEL_RELEASE" \
			--show-depends "$name" 2>/dev/null || true
	done | sed -n "s|^insmod $root\([^ ]*\).*|\1|p" | awk '!seen[$0]++'
}

base_inputs() {
	local name
	command -v busybox
	echo "$INIT"
	[ ! -f "$(vrng_module)" ] || vrng_module
	for name in "${BASE_PROGRAMS[@]}"; do
		[ ! -x "$BUILD/$name" ] || echo "$BUILD/$name"
	done
	modules_for "$KERNEL_ROOT" "${BASE_MODULES[@]}" |
		sed "s|^|${KERNEL_ROOT%/}|"
}

put_busybox() {
	local root=$1 applet
	put "$root" "$(command -v busybox)" /bin/busybox
	busybox --list | while read -r applet; do
		[ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
	done
}

put_modules() {
	local root=$1 to=/lib/modules/$KERNEL_RELEASE module
	mkdir -p "$root$to"
	cp "$(module_tree)"/modules.{order,builtin,builtin.modinfo} "$root$to"
	while read -r module; do
		put "$root" "${KERNEL_ROOT%/}$module" "$module"
	done < <(modules_for "$KERNEL_ROOT" "${BASE_MODULES[@]}")
	# As packages install it: what is for debuggers takes a guest's time.
	[ ! -f "$(vrng_module)" ] || {
		mkdir -p "$root$to/updates"
		strip --strip-debug -o "$root$to/updates/vrng.ko" \
			"$(vrng_module)"
	}
	kmod_tool depmod -b "$root" "$KERNEL_RELEASE"
}

# make_base DIR: DIR/cpio, and DIR/load-DRIVER for each driver there is.
make_base() {
	local dir=$1 root=$1/root name
	mkdir -p "$root"/{etc,root,sbin,usr/bin,usr/sbin}
	put "$root" "$INIT" /init
	put_busybox "$root"
	put_modules "$root"
	for name in "${BASE_PROGRAMS[@]}"; do
		[ ! -x "$BUILD/$name" ] ||
			put "$root" "$BUILD/$name" "/usr/local/bin/${name##*/}"
	done
	for name in none virtio_rng vrng; do
		modules_for "$root" virtio_pci "${name#none}" >"$dir/load-$name"
	done
	pack "$root" >"$dir/cpio"
	rm -rf "$root"
}

# Prints the directory of the base for this kernel and these programs.
base_dir() {
	local inputs key dir temp
	inputs=$(base_inputs)
	key=$({
		echo "$BASE_RECIPE $KERNEL_RELEASE"
		xargs -d '\n' sha256sum <<<"$inputs"
	} | sha256sum)
	dir=$BUILD/tests/guest/initramfs/${key%% *}
	if [ ! -d "$dir" ]; then
		mkdir -p "${dir%/*}"
		temp=$(mktemp -d "${dir%/*}/tmp.XXXXXX")
		make_base "$temp" || return
		# Another run may have been faster; its result is the same.
		mv -T "$temp" "$dir" 2>/dev/null || rm -rf "$temp"
	fi
	printf '%s\n' "$dir"
}

# A shell's words that come out as they went in.
quoted() {
	local word
	for word; do
		printf "'%s' " "${word//\'/\'\\\'\'}"
	done
	echo
}

write_command() {
	case ${#COMMAND[@]} in
	0) ;;
	1) printf '%s\n' "${COMMAND[0]}" ;;
	*) quoted "${COMMAND[@]}" ;;
	esac
}

put_file() {
	local root=$1 host=${2%%:*} guest=
	[[ $2 != *:* ]] || guest=${2#*:}
	if [ ! -r "$host" ] || [ -d "$host" ]; then
		die "$EX_UNAVAILABLE" "$host: not a file that can be read;" \
			"--file takes HOST[:GUEST]"
	fi
	if [ -z "$guest" ] && [ -x "$host" ]; then
		guest=/usr/local/bin/${host##*/}
	fi
	put "$root" "$host" "/${guest:-${host##*/}}"
}

# put_module ROOT 'PATH [PARAMETER]...'
put_module() {
	local root=$1 path parameters guest
	read -r path parameters <<<"$2"
	guest=/etc/guest/${path##*/}
	[ -f "$path" ] || die "$EX_UNAVAILABLE" "$path: no such module; build it"
	put "$root" "$path" "$guest"
	echo "$guest $parameters" >>"$root/etc/guest/modules"
}

check_driver() {
	local list=$1 driver=${OPT[driver]}
	case $driver in
	none) return 0 ;;
	vrng) [ -f "$(vrng_module)" ] || die "$EX_UNAVAILABLE" \
		"$(vrng_module): not built; run 'make module' for this kernel" ;;
	esac
	# A driver in the kernel itself needs no loading.
	grep -q "/${driver/_/[_-]}\.ko" "$list" ||
		grep -q "/${driver/_/[_-]}\.ko" "$(module_tree)/modules.builtin" ||
		die "$EX_UNAVAILABLE" "$driver: kernel $KERNEL_RELEASE has no" \
			"such module below $KERNEL_ROOT"
}

# Makes $RUN/initramfs.
make_initramfs() {
	local base root=$RUN/root item name
	for name in busybox cpio modprobe; do
		PATH=$PATH:/usr/sbin:/sbin need_program "$name"
	done
	[ -x "$INIT" ] || die "$EX_UNAVAILABLE" "$INIT: not built; run 'make'"
	[ -d "$(module_tree)" ] || die "$EX_UNAVAILABLE" \
		"$(module_tree): no modules for this kernel"
	base=$(base_dir)
	check_driver "$base/load-${OPT[driver]}"
	mkdir -p "$root/etc/guest"
	sed "\$s/\$/ ${DRIVER_PARAMS[*]//\//\\/}/" "$base/load-${OPT[driver]}" \
		>"$root/etc/guest/modules"
	write_command >"$root/etc/guest/command"
	for item in ${MODULES[@]+"${MODULES[@]}"}; do
		put_module "$root" "$item"
	done
	for item in ${FILES[@]+"${FILES[@]}"}; do
		put_file "$root" "$item"
	done
	{ cat "$base/cpio" && pack "$root"; } >"$RUN/initramfs"
}
