# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A tree of packages that builds and runs programs of another architecture. Needs
# userland.sh.

# To be raised when a change below changes the entry.
readonly TREE_RECIPE=1

# What make and its recipes use. These run on this machine.
readonly TREE_TOOLS=(make bash dash coreutils sed grep mawk findutils diffutils
	pkgconf base-passwd qemu-user)

# Documentation is a third of the packages' size, and nothing uses it.
readonly TREE_LEAVE_OUT=(./usr/share/doc ./usr/share/man ./usr/share/info
	./usr/share/locale)

tree_suite() {
	printf '%s\n' "${ARCH_SUITE:-$(suite_of_machine)}"
}

# Prints the libraries that our packages and tests are built with.
tree_libraries() {
	sed -n '/^Build-Depends:/,/^[^ B]/p' "$TOP/packaging/debian/control" |
		grep -oE 'lib[a-z0-9-]+-dev'
	echo libc6-dev
	echo libcmocka-dev
}

# Prints all packages except the kernel's headers, whose dependencies include a native
# compiler.
tree_packages() {
	printf '%s\n' "${TREE_TOOLS[@]}" "gcc-${ARCH_COMPILER//_/-}"
	tree_libraries | sed "s/\$/:$ARCH/"
}

# Prints a digest of what the tree has to contain. /etc/os-release stands for the
# suite: asking apt takes a second.
tree_digest() {
	local digest
	digest=$({
		echo "$TREE_RECIPE $ARCH_SUITE"
		tree_packages
		cat /etc/os-release
	} | sha256sum)
	printf '%.12s\n' "$digest"
}

# tree_headers SUITE: prints the packages of the kernel's headers and of the programs
# that kbuild runs, one a line.
tree_headers() {
	local suite=$1 newest
	newest=$(tree_depends "$suite" "$ARCH_HEADERS:$ARCH" |
		grep -E '^linux-headers-[0-9]+\.') || return
	echo "$newest:$ARCH"
	tree_depends "$suite" "$newest:$ARCH" |
		grep -E '^linux-(headers-.*-common|kbuild-)'
}

tree_depends() {
	suite_apt "$1" apt-cache depends --no-recommends --no-suggests \
		--no-conflicts --no-breaks --no-replaces --no-enhances "$2" |
		sed -n 's/^ *Depends: <\?\([^: >]*\).*/\1/p'
}

# Prints the key of the tree, with a digest of the versions of all packages.
tree_ask_key() {
	local suite packages headers digest
	suite=$(tree_suite)
	suite_need "$suite"
	mapfile -t packages < <(tree_packages)
	headers=$(tree_headers "$suite") || {
		complain "$ARCH: $suite has no $ARCH_HEADERS"
		return 1
	}
	digest=$({
		tree_digest
		echo "$headers"
		suite_apt "$suite" apt-get -s --no-install-recommends install \
			"${packages[@]}" | grep '^Inst ' | sort
	} | sha256sum) || {
		complain "$ARCH: $suite does not have all that is needed:" \
			"${packages[*]}"
		return 1
	}
	printf 'arch-%s-%.12s\n' "$ARCH" "$digest"
}

# Adds what the packages lack, and removes what nothing uses.
tree_finish() {
	local root=$1
	userland_finish "$root" || return
	# The emulators of all other architectures.
	find "$root/usr/bin" -name 'qemu-*' ! -name "$ARCH_EMULATOR" -delete
	cat >"$root/usr/bin/$ARCH_COMPILER-pkg-config" <<-END
	#!/bin/sh
	# Knows the libraries of $ARCH and no others.
	PKG_CONFIG_LIBDIR=/usr/lib/$ARCH_LIBRARIES/pkgconfig:/usr/share/pkgconfig
	export PKG_CONFIG_LIBDIR
	exec pkgconf "\$@"
	END
	chmod +x "$root/usr/bin/$ARCH_COMPILER-pkg-config"
}

# tree_make ENTRY WORK
tree_make() {
	local entry=$1 work=$2 suite packages headers release
	suite=$(tree_suite)
	mapfile -t packages < <(tree_packages)
	mapfile -t headers < <(tree_headers "$suite")
	release=${headers[0]#linux-headers-}
	progress "getting compiler, libraries and headers for $ARCH, of $suite"
	cd "$work" || return
	# kbuild's programs need the libraries that its package depends on.
	suite_download_all "$suite" "${packages[@]}" \
		"$(printf '%s\n' "${headers[@]}" | grep ^linux-kbuild-)" || return
	suite_download "$suite" "${headers[@]}" || return
	userland_unpack "$entry/root" "${TREE_LEAVE_OUT[@]/#/--exclude=}" ||
		return
	tree_finish "$entry/root" || return
	echo "$suite" >"$entry/suite"
	echo "$ARCH_COMPILER" >"$entry/compiler"
	echo "${release%:*}" >"$entry/release"
}
