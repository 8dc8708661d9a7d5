# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The guest's files: an initramfs of two archives. The base is the same for many runs
# and is kept in build/. The second archive has the files of this run.

# Our programs that every guest has, if they are built.
readonly BASE_PROGRAMS=(rngd/rngd rngd/rngtest rngd/rngctl)

# To be raised when a change below, or in libraries.sh or modules.sh, changes the base.
readonly BASE_RECIPE=5

# Prints the folder in which programs of the guest's architecture are built.
guest_build() {
	if is_own_arch; then
		printf '%s\n' "$BUILD"
	else
		printf '%s/arch/%s\n' "$BUILD" "$KERNEL_ARCH"
	fi
}

guest_init() {
	printf '%s/tests/guest/init\n' "$(guest_build)"
}

pack() {
	(cd "$1" && find . -mindepth 1 -print0 | sort -z |
		cpio --quiet -0 -o -H newc -R 0:0)
}

# Prints the files that the base is made of.
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

# Links the applets of this machine's busybox: the guest's may not run here.
put_busybox() {
	local root=$1 applet
	put "$root" "$(guest_busybox)" /bin/busybox
	busybox --list | while read -r applet; do
		[ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
	done
}

# make_base DIR: makes DIR/cpio, and the lists of modules to load.
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
				"above; build in a folder of your own, with B="
		make_base "$temp"
		# Another run may have made it first; its result is the same.
		mv -T "$temp" "$dir" 2>/dev/null || rm -rf "$temp"
	fi
	printf '%s\n' "$dir"
}

# Quotes words for a shell.
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

check_init() {
	[ -x "$(guest_init)" ] && return
	is_own_arch ||
		die "$EX_UNAVAILABLE" "$(guest_init): not built; run" \
			"'tests/arch/build $KERNEL_ARCH programs'"
	die "$EX_UNAVAILABLE" "$(guest_init): not built; run 'make'"
}

# Makes $RUN/initramfs.
make_initramfs() {
	local base root=$RUN/root item name load
	for name in busybox cpio modprobe modinfo; do
		PATH=$PATH:/usr/sbin:/sbin need_program "$name"
	done
	check_init
	[ -d "$(module_tree)" ] || die "$EX_UNAVAILABLE" \
		"$(module_tree): no modules for this kernel"
	# With set -e, so that an incomplete base is not kept.
	base=$(set -e; base_dir)
	load=$base/load-${OPT[transport]}-${OPT[driver]}
	check_driver "$load"
	check_driver_params "$load"
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
