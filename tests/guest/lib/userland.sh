# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Userlands of packages that are unpacked and never installed: their maintainer scripts
# are not run. pipefail is set before.

# userland_unpack ROOT [OPTION-OF-TAR]...: unpacks the packages in the current directory.
# /bin and the like are links into /usr, so that packages may have their files in either
# place.
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

# userland_finish ROOT: does what an installation would have done, as far as builds and
# tests need it.
userland_finish() {
	local root=$1 masters=$1/usr/share/base-passwd name
	[ -e "$root/bin/sh" ] || ln -s dash "$root/bin/sh"
	[ -e "$root/usr/bin/awk" ] || ln -s mawk "$root/usr/bin/awk"
	mkdir -p "$root"/{dev,etc,proc,run,sys,tmp,var/tmp}
	for name in passwd group; do
		[ ! -e "$masters/$name.master" ] ||
			cp "$masters/$name.master" "$root/etc/$name"
	done
	# With vmlinux there, modules get BTF, which takes longer than the rest of
	# their build.
	rm -f "$root"/usr/src/linux-headers-*/vmlinux
}
