# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Puts programs into the guest, with the libraries that they need.

# Prints the folder below which libraries of the guest's architecture are, or nothing
# for this machine's own.
sysroot() {
	is_own_arch || readlink -f "$KERNEL_ROOT/root"
}

# file_below ROOT PATH: prints the file that PATH leads to, with ROOT as the root of
# absolute links.
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

# put ROOT FILE PATH: copies FILE to PATH below ROOT, and the libraries that it is linked
# against to their own paths.
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

# Prints the paths of a program's libraries. ldd fails for a static program.
libraries_of() {
	local text
	if ! is_own_arch; then
		foreign_libraries_of "$1" "$(sysroot)"
		return
	fi
	text=$(ldd "$1" 2>/dev/null) || return 0
	! grep -q 'not found' <<<"$text" || die "$EX_UNAVAILABLE" \
		"$1: $(grep -m 1 -o '[^[:space:]]* => not found' <<<"$text");" \
		"install that library"
	grep -o '/[^ ]*' <<<"$text"
}

# foreign_libraries_of FILE ROOT: does the same for a program that does not run here.
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

# Prints the names of the libraries that a file needs itself.
needed_by() {
	LC_ALL=C readelf -dW "$1" 2>/dev/null |
		sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}

# library_path ROOT NAME: prints where programs below ROOT find the library.
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

# Is it of the guest's architecture? The tree also has this machine's libraries, for
# its compiler.
is_for_guest() {
	local machine
	machine=$(elf_machine "$1")
	[ "$machine" = "$(elf_machine "$KERNEL_ROOT/busybox")" ]
}

# Prints class, byte order and machine from the header.
elf_machine() {
	od -A n -t x1 -j 4 -N 2 "$1"
	od -A n -t x1 -j 18 -N 2 "$1"
}
