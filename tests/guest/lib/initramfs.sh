# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The guest's files. Two archives follow each other in one initramfs: the base,
# the same for many runs and kept in build/, and what belongs to this run.

BUILD=$(readlink -m "${B:-$TOP/build}")
readonly BUILD

# Where programs of the guest's architecture are built.
guest_build() {
	case $KERNEL_ARCH in
	amd64) printf '%s\n' "$BUILD" ;;
	*) printf '%s/arch/%s\n' "$BUILD" "$KERNEL_ARCH" ;;
	esac
}

guest_init() {
	printf '%s/tests/guest/init\n' "$(guest_build)"
}

# Modules a guest has at hand (not loaded, if not asked for).
# sha3_generic is what jitterentropy_rng asks for by its alias: no dependency.
readonly BASE_MODULES=(virtio_pci virtio_mmio virtio_rng algif_rng sha3_generic
	jitterentropy_rng)

# Our own programs a guest has if they are built.
readonly BASE_PROGRAMS=(rngd/rngd rngd/rngtest rngd/rngctl)

# Raised when the recipe below changes what comes out of it.
readonly BASE_RECIPE=5

kmod_tool() {
	PATH=$PATH:/usr/sbin:/sbin "$@"
}

# The folder below which libraries of the guest's architecture are.
sysroot() {
	[ "$KERNEL_ARCH" = amd64 ] || readlink -f "$KERNEL_ROOT/root"
}

# file_below ROOT PATH: the file there, by links that count from ROOT.
file_below() {
	local root=$1 path=$2 link
	while link=$(readlink "$root$path"); do
		case $link in
		/*) path=$link ;;
		*) path=${path%/*}/$link ;;
		esac
	done
	printf '%s\n' "$root$path"
}

# put ROOT FILE PATH: with what it is linked against, at the same paths there.
put() {
	local root=$1 file=$2 path=$3 library from
	install -D -m "$(stat -L -c %a "$file")" "$file" "$root$path"
	is_elf "$file" || return 0
	case $path in *.ko) return 0 ;; esac
	from=$(sysroot)
	for library in $(libraries_of "$file"); do
		[ -e "$root$library" ] || install -D \
			"$(file_below "$from" "$library")" "$root$library"
	done
}

# A program that is linked statically has none, and ldd says so by its status.
libraries_of() {
	local text
	if [ "$KERNEL_ARCH" != amd64 ]; then
		foreign_libraries_of "$1" "$(sysroot)"
		return
	fi
	text=$(ldd "$1" 2>/dev/null) || return 0
	! grep -q 'not found' <<<"$text" || die "$EX_UNAVAILABLE" \
		"$1: $(grep -m 1 -o '[^[:space:]]* => not found' <<<"$text");" \
		"install that library"
	grep -o '/[^ ]*' <<<"$text"
}

# Prints what ldd would, for a program that does not run here.
foreign_libraries_of() {
	local root=$2 file name path
	local -A seen=()
	local queue=("$1")
	path=$(LC_ALL=C readelf -lW "$1" |
		sed -n 's/.*program interpreter: \(.*\)\]/\1/p')
	[ -n "$path" ] || return 0
	echo "$path"
	while [ ${#queue[@]} -gt 0 ]; do
		file=${queue[0]}
		queue=("${queue[@]:1}")
		for name in $(needed_by "$file"); do
			[ -z "${seen[$name]-}" ] || continue
			seen[$name]=1
			path=$(library_path "$root" "$name") || die \
				"$EX_UNAVAILABLE" "$1: $name is not in $root;" \
				"name its package in packaging/debian/control"
			echo "$path"
			queue+=("$root$path")
		done
	done
}

needed_by() {
	LC_ALL=C readelf -dW "$1" 2>/dev/null |
		sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}

# library_path ROOT NAME: where programs in there find it.
library_path() {
	local root=$1 dir
	for dir in "$root"/usr/lib/*-linux-gnu*; do
		if [ -e "$dir/$2" ] && is_for_guest "$dir/$2"; then
			printf '%s/%s\n' "${dir#"$root"}" "$2"
			return
		fi
	done
	return 1
}

# The tree has libraries of this machine, too: those of its compiler.
is_for_guest() {
	local machine
	machine=$(elf_machine "$1")
	[ "$machine" = "$(elf_machine "$KERNEL_ROOT/busybox")" ]
}

# Class, byte order and machine of its header.
elf_machine() {
	od -A n -t x1 -j 4 -N 2 "$1"
	od -A n -t x1 -j 18 -N 2 "$1"
}

pack() {
	(cd "$1" && find . -mindepth 1 -print0 | sort -z |
		cpio --quiet -0 -o -H newc -R 0:0)
}

module_tree() {
	printf '%s/lib/modules/%s\n' "$KERNEL_ROOT" "$KERNEL_RELEASE"
}

vrng_module() {
	printf '%s/driver/%s/vrng.ko\n' "$(guest_build)" "$KERNEL_RELEASE"
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

base_modules() {
	# shellcheck disable=SC2046 # none, or some
	modules_for "$KERNEL_ROOT" $(channel_modules) "${BASE_MODULES[@]}"
}

base_inputs() {
	local name
	guest_busybox
	guest_init
	[ ! -f "$(vrng_module)" ] || vrng_module
	for name in "${BASE_PROGRAMS[@]}"; do
		name=$(guest_build)/$name
		[ ! -x "$name" ] || echo "$name"
	done
	base_modules | sed "s|^|${KERNEL_ROOT%/}|"
}

guest_busybox() {
	if [ -f "$KERNEL_ROOT/busybox" ]; then
		printf '%s/busybox\n' "$KERNEL_ROOT"
	else
		command -v busybox
	fi
}

# This machine's busybox lists the applets: the guest's may not run here.
put_busybox() {
	local root=$1 applet
	put "$root" "$(guest_busybox)" /bin/busybox
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
	done < <(base_modules)
	[ ! -f "$(vrng_module)" ] || put_vrng "$root$to/updates"
	kmod_tool depmod -b "$root" "$KERNEL_RELEASE"
}

# As packages install it: what is for debuggers takes a guest's time. This
# machine's own strip may not know the other's format.
put_vrng() {
	local dir=$1
	mkdir -p "$dir"
	strip --strip-debug -o "$dir/vrng.ko" "$(vrng_module)" 2>/dev/null ||
		cp "$(vrng_module)" "$dir"
}

# Lists of modules: what is loaded first, and then what each transport and driver
# needs. All transports are there: a machine of this architecture has some of them.
write_load_lists() {
	local dir=$1 root=$2 transport name
	# shellcheck disable=SC2046 # none, or some
	modules_for "$root" $(channel_modules) >"$dir/load-channels"
	for transport in pci mmio ccw; do
		for name in none virtio_rng vrng; do
			# shellcheck disable=SC2046
			modules_for "$root" $(transport_modules "$transport") \
				"${name#none}" >"$dir/load-$transport-$name"
		done
	done
}

# make_base DIR: DIR/cpio, and lists of what is to be loaded.
make_base() {
	local dir=$1 root=$1/root name
	mkdir -p "$root"/{etc,root,run,sbin,usr/bin,usr/sbin,var}
	ln -s ../run "$root/var/run"
	put "$root" "$(guest_init)" /init
	put_busybox "$root"
	put_modules "$root"
	for name in "${BASE_PROGRAMS[@]}"; do
		[ ! -x "$(guest_build)/$name" ] || put "$root" \
			"$(guest_build)/$name" "/usr/local/bin/${name##*/}"
	done
	write_load_lists "$dir" "$root"
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
		mkdir -p "${dir%/*}" && temp=$(mktemp -d "${dir%/*}/tmp.XXXXXX") ||
			die "$EX_UNAVAILABLE" "${dir%/*}: cannot be written, see" \
				"above; build in a folder of your own, by B="
		make_base "$temp"
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

# What builds the module for this kernel.
module_advice() {
	case $KERNEL_ARCH in
	amd64) echo "make module KVER=$KERNEL_RELEASE" ;;
	*) echo "tests/arch/build $KERNEL_ARCH module" ;;
	esac
}

check_driver() {
	local list=$1 driver=${OPT[driver]}
	case $driver in
	none) return 0 ;;
	vrng) [ -f "$(vrng_module)" ] || die "$EX_UNAVAILABLE" \
		"$(vrng_module): not built; run '$(module_advice)'" ;;
	esac
	# A driver in the kernel itself needs no loading.
	grep -q "/${driver/_/[_-]}\.ko" "$list" ||
		grep -q "/${driver/_/[_-]}\.ko" "$(module_tree)/modules.builtin" ||
		die "$EX_UNAVAILABLE" "$driver: kernel $KERNEL_RELEASE has no" \
			"such module below $KERNEL_ROOT"
}

check_init() {
	[ -x "$(guest_init)" ] && return
	[ "$KERNEL_ARCH" = amd64 ] ||
		die "$EX_UNAVAILABLE" "$(guest_init): not built; run" \
			"'tests/arch/build $KERNEL_ARCH programs'"
	die "$EX_UNAVAILABLE" "$(guest_init): not built; run 'make'"
}

# Makes $RUN/initramfs.
make_initramfs() {
	local base root=$RUN/root item name load
	for name in busybox cpio modprobe; do
		PATH=$PATH:/usr/sbin:/sbin need_program "$name"
	done
	check_init
	[ -d "$(module_tree)" ] || die "$EX_UNAVAILABLE" \
		"$(module_tree): no modules for this kernel"
	# A base that is made in part must not be kept.
	base=$(set -e; base_dir)
	load=$base/load-${OPT[transport]}-${OPT[driver]}
	check_driver "$load"
	mkdir -p "$root/etc/guest"
	cp "$base/load-channels" "$root/etc/guest/channels"
	sed "\$s/\$/ ${DRIVER_PARAMS[*]//\//\\/}/" "$load" \
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
