# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Userlands of packages that are unpacked and never installed: none of their scripts
# is run. pipefail is set before.

# userland_unpack ROOT [OPTION-OF-TAR]...: the packages in the current directory. /bin
# and its like lead into /usr, whichever place a package has for its files.
userland_unpack() {
	local root=$1 dir package
	shift
	for dir in bin sbin lib lib32 lib64 libx32; do
		mkdir -p "$root/usr/$dir"
		ln -s "usr/$dir" "$root/$dir"
	done
	for package in ./*.deb; do
		dpkg-deb --fsys-tarfile "$package" | tar -x -C "$root" \
			--keep-directory-symlink --no-same-owner "$@" || return
		rm "$package"
	done
}

# userland_finish ROOT: what installing would have done, as far as builds and tests
# need it.
userland_finish() {
	local root=$1 masters=$1/usr/share/base-passwd name
	[ -e "$root/bin/sh" ] || ln -s dash "$root/bin/sh"
	[ -e "$root/usr/bin/awk" ] || ln -s mawk "$root/usr/bin/awk"
	mkdir -p "$root"/{dev,etc,proc,run,sys,tmp,var/tmp}
	for name in passwd group; do
		[ ! -e "$masters/$name.master" ] ||
			cp "$masters/$name.master" "$root/etc/$name"
	done
	# With it at hand, modules would get BTF, and that takes longer than the
	# rest of them.
	rm -f "$root"/usr/src/linux-headers-*/vmlinux
}
