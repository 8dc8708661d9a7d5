# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The guest's kernel modules: those that it has, those that it loads, and their
# parameters.

# Modules that every guest has. They are loaded on request only. sha3_generic is here
# because jitterentropy_rng asks for it by an alias, not as a dependency.
readonly BASE_MODULES=(virtio_pci virtio_mmio virtio_rng algif_rng sha3_generic
	jitterentropy_rng)

# Parameters that the kernel itself takes for each module.
readonly COMMON_PARAMETERS='dyndbg async_probe'

# kmod_tool COMMAND...: an ordinary user's path does not have modprobe and the others.
kmod_tool() {
	PATH=$PATH:/usr/sbin:/sbin "$@"
}

module_tree() {
	printf '%s/lib/modules/%s\n' "$KERNEL_ROOT" "$KERNEL_RELEASE"
}

vrng_module() {
	printf '%s/driver/%s/vrng.ko\n' "$(guest_build)" "$KERNEL_RELEASE"
}

# modules_for ROOT NAME...: prints the modules to load, in order, one path a line.
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

# Strips debug information, as packages do: loading it takes time. This machine's strip
# may not know the format of another architecture.
put_vrng() {
	local dir=$1
	mkdir -p "$dir"
	strip --strip-debug -o "$dir/vrng.ko" "$(vrng_module)" 2>/dev/null ||
		cp "$(vrng_module)" "$dir"
}

# Writes lists of the modules to load: load-channels for what is loaded first, and
# load-TRANSPORT-DRIVER for each transport and driver.
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

# put_module ROOT 'PATH [PARAMETER]...'
put_module() {
	local root=$1 path parameters guest
	read -r path parameters <<<"$2"
	guest=/etc/guest/${path##*/}
	[ -f "$path" ] || die "$EX_UNAVAILABLE" "$path: no such module; build it"
	# shellcheck disable=SC2086 # words
	check_parameters --module "$path" $parameters
	put "$root" "$path" "$guest"
	echo "$guest $parameters" >>"$root/etc/guest/modules"
}

# Prints the command that builds the module for the kernel of --kernel.
module_advice() {
	local name=${OPT[kernel]}
	[[ ! -e $name ]] || name=./$name
	case $name in
	debian) echo "make module" ;;
	*/*) echo "make module KDIR=TREE KVER=$KERNEL_RELEASE" ;;
	"debian-$MACHINE_ARCH") echo "make module-$name" ;;
	debian-[a-z]*) echo "tests/arch/build ${name#*-} programs module" ;;
	*) echo "make module-$name" ;;
	esac
}

# Prints the folder of the modules for a kernel of that name.
named_build() {
	case $1 in
	"debian-$MACHINE_ARCH") printf '%s/driver\n' "$BUILD" ;;
	debian-[a-z]*) printf '%s/arch/%s/driver\n' "$BUILD" "${1#*-}" ;;
	*) printf '%s/driver\n' "$BUILD" ;;
	esac
}

# has_module NAME: may the module for the kernel NAME be there? The releases of a version
# of Debian's have a known form. For other names any module could be the right one.
has_module() {
	local name=$1 releases='.*' module
	case $name in
	debian-[0-9]*)
		releases=$(releases_of_kernel "${name#*-}" "$MACHINE_ARCH") ||
			return 0
		;;
	esac
	for module in "$(named_build "$name")"/*/vrng.ko; do
		[ -f "$module" ] || continue
		module=${module%/vrng.ko}
		[[ ! ${module##*/} =~ ^($releases)$ ]] || return 0
	done
	return 1
}

# is_arch NAME: is it one of the matrix of architectures?
is_arch() (
	# shellcheck source=../../arch/lib/table.sh
	. "$TOP/tests/arch/lib/table.sh"
	[[ " ${ARCHES[*]} " == *" $1 "* ]]
)

# Refuses a guest without its module before a kernel of hundreds of MB is downloaded for
# it. check_driver is exact, but needs that kernel.
check_module_early() {
	local name=${OPT[kernel]} given
	given=${name^^}
	given=KERNEL_${given//[-.@]/_}
	[ "${OPT[driver]}" = vrng ] || return 0
	[[ $name != */* && ! -e $name ]] || return 0
	[[ $given =~ ^[A-Z0-9_]+$ && -z ${!given-} ]] || return 0
	case $name in
	debian | uml | uml-gcov | kcsan | debian-[0-9]* | uml-[0-9]*) ;;
	debian-*) is_arch "${name#*-}" || return 0 ;;
	*) return 0 ;; # find_kernel refuses it, and what is not known above
	esac
	has_module "$name" || die "$EX_UNAVAILABLE" "$name: the module is not" \
		"built; run '$(module_advice)'"
}

# check_driver LIST: is the driver there? A driver that is built into the kernel needs
# no loading.
check_driver() {
	local list=$1 driver=${OPT[driver]}
	case $driver in
	none) return 0 ;;
	vrng) [ -f "$(vrng_module)" ] || die "$EX_UNAVAILABLE" \
		"$(vrng_module): not built; run '$(module_advice)'" ;;
	esac
	grep -q "/${driver/_/[_-]}\.ko" "$list" ||
		grep -q "/${driver/_/[_-]}\.ko" "$(module_tree)/modules.builtin" ||
		die "$EX_UNAVAILABLE" "$driver: kernel $KERNEL_RELEASE has no" \
			"such module below $KERNEL_ROOT"
}

# check_parameters OPTION MODULE [NAME=VALUE]...: refuses parameters that the module does
# not have. The kernel would ignore them, with a line in its log.
check_parameters() {
	local option=$1 file=$2 known word name
	shift 2
	[ $# -gt 0 ] || return 0
	known=$(kmod_tool modinfo -F parmtype "$file" | sed 's/:.*//' | sort |
		paste -s -d ' ')
	for word; do
		name=${word%%=*}
		[[ " $known $COMMON_PARAMETERS " == *" ${name//-/_} "* ]] ||
			wrong_usage "$option $word: ${file##*/} has no parameter" \
				"$name; it has: ${known:-none}"
	done
}

# check_driver_params LIST: checks --driver-param. The driver is the last of LIST,
# unless it is built into the kernel.
check_driver_params() {
	local driver=${OPT[driver]} file
	[ ${#DRIVER_PARAMS[@]} -gt 0 ] || return 0
	file=$(tail -n 1 "$1")
	case ${driver},${file##*/} in
	none,*) wrong_usage "--driver-param: needs a driver" ;;
	vrng,*) file=$(vrng_module) ;;
	virtio_rng,virtio[_-]rng.ko) file=${KERNEL_ROOT%/}$file ;;
	*) wrong_usage "--driver-param: $driver is built into this kernel; use" \
		"--append $driver.NAME=VALUE" ;;
	esac
	check_parameters --driver-param "$file" "${DRIVER_PARAMS[@]}"
}
