# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Builds a kernel from the distribution's source and the seed of a configuration. For
# kernel_uml.sh and kernel_kcsan.sh.

source_find() {
	local found
	found=$(printf '%s\n' /usr/src/linux-source-*.tar.xz | sort -V | tail -n 1)
	[ -f "$found" ] || die "$EX_UNAVAILABLE" \
		"/usr/src/linux-source-*.tar.xz: not there; run 'make deps'"
	printf '%s\n' "$found"
}

# Prints the package's version, or size and time of a tarball of other origin.
source_version() {
	local package
	package=$(basename "$1" .tar.xz)
	dpkg-query -W -f '${Version}' "$package" 2>/dev/null ||
		stat -c "${package#linux-source-}-%s-%Y" "$1"
}

# source_digest RECIPE <SEED: prints a digest of the recipe, the configuration and the
# compiler.
source_digest() {
	local digest
	digest=$({
		echo "$1"
		gcc -dumpfullversion
		cat
	} | sha256sum)
	printf '%.12s\n' "$digest"
}

# Leaves out large parts that are never compiled here, except Makefiles and Kconfigs.
source_unpack() {
	tar -xJf "$1" --strip-components=1 --wildcards \
		--exclude='*/drivers/gpu/*.[ch]' \
		--exclude='*/drivers/media/*.[ch]' \
		--exclude='*/drivers/staging/*.[ch]' \
		--exclude='*/sound/*.[ch]' \
		--exclude='*/Documentation/*.rst' \
		--exclude='*/tools/testing'
}

# source_configure ARCH VERSION SEED: SEED is a command that prints the seed. VERSION
# goes into the release, so that modules of two configurations have separate folders.
source_configure() {
	"$3" | sed "s/^CONFIG_LOCALVERSION=.*/CONFIG_LOCALVERSION=\"-$2\"/" \
		>seed.config
	KCONFIG_ALLCONFIG=seed.config make -s ARCH="$1" allnoconfig || return
	# An option whose dependency is missing was dropped, and its check would be off.
	local line
	while read -r line; do
		grep -qxF -- "$line" .config && continue
		echo "$3: '$line' was not accepted"
		return 1
	done < <(grep -E '^(# )?CONFIG_' seed.config)
}

# source_build ARCH TARGET...
source_build() {
	make -s ARCH="$1" -j"$(nproc)" "${@:2}" modules
}

# source_copy_build_tree TO FOLDER...: copies what modules are built against, without
# what only the kernel itself needs.
source_copy_build_tree() {
	local to=$1
	shift
	mkdir -p "$to"
	find Makefile .config Module.symvers include scripts "$@" \
		-type f ! -name '*.o' ! -name '*.c' ! -name '*.cmd' \
		! -name '*.a' ! -name '*.dts*' ! -path 'include/dt-bindings/*' \
		-print0 | tar -c --null -T - | tar -x -C "$to"
	# Since 6.12 this file is compiled into each module.
	[ ! -f scripts/module-common.c ] ||
		cp --parents scripts/module-common.c "$to"
}

# source_install ARCH KIND ENTRY FOLDER...: fills the entry, except the file "kernel".
source_install() {
	local arch=$1 kind=$2 entry=$3 release modules
	shift 3
	release=$(make -s ARCH="$arch" kernelrelease)
	modules=$entry/lib/modules/$release
	make -s ARCH="$arch" INSTALL_MOD_PATH="$entry" modules_install || return
	rm -f "$modules/build" "$modules/source"
	source_copy_build_tree "$entry/build" "$@" || return
	ln -s ../../../build "$modules/build"
	cp .config "$entry/config"
	echo "$kind" >"$entry/kind"
	echo "$release" >"$entry/release"
}

# source_make WORK STEP...: runs the steps in the folder WORK. A step is a command and
# its arguments. The end of its log is printed if it fails.
source_make() {
	local work=$1 step n=0
	shift
	export PATH=$PATH:/usr/sbin:/sbin
	cd "$work" || return
	progress "building a kernel; this takes some minutes"
	for step; do
		n=$((n + 1))
		progress "step $n of $#: ${step%% *}"
		# shellcheck disable=SC2086 # a step and its arguments
		run_logged "$work/build.log" $step || return
	done
}
