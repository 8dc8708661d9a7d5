# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A kernel from the distribution's source and the seed of a configuration: what
# those of kernel_uml.sh and kernel_kcsan.sh have in common.

source_find() {
	local found
	found=$(printf '%s\n' /usr/src/linux-source-*.tar.xz | sort -V | tail -n 1)
	[ -f "$found" ] || die "$EX_UNAVAILABLE" \
		"/usr/src/linux-source-*.tar.xz: not there; run 'make deps'"
	printf '%s\n' "$found"
}

# The package's version; a tarball of other origin is known by size and time.
source_version() {
	local package
	package=$(basename "$1" .tar.xz)
	dpkg-query -W -f '${Version}' "$package" 2>/dev/null ||
		stat -c "${package#linux-source-}-%s-%Y" "$1"
}

# source_digest RECIPE <SEED: what a kernel of this configuration, built by this
# compiler, is known by.
source_digest() {
	local digest
	digest=$({
		echo "$1"
		gcc -dumpfullversion
		cat
	} | sha256sum)
	printf '%.12s\n' "$digest"
}

# Large parts that are never compiled here: their Makefiles and Kconfigs remain.
source_unpack() {
	tar -xJf "$1" --strip-components=1 --wildcards \
		--exclude='*/drivers/gpu/*.[ch]' \
		--exclude='*/drivers/media/*.[ch]' \
		--exclude='*/drivers/staging/*.[ch]' \
		--exclude='*/sound/*.[ch]' \
		--exclude='*/Documentation/*.rst' \
		--exclude='*/tools/testing'
}

# source_configure ARCH VERSION SEED: that is a command which prints it. The
# release names the configuration too, so that a module is built once for each.
source_configure() {
	"$3" | sed "s/^CONFIG_LOCALVERSION=.*/CONFIG_LOCALVERSION=\"-$2\"/" \
		>seed.config
	KCONFIG_ALLCONFIG=seed.config make -s ARCH="$1" allnoconfig || return
	# An option may have been dropped for a dependency: then a check is off.
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

# source_copy_build_tree TO FOLDER...: what modules are built against, without
# what only the kernel itself needs.
source_copy_build_tree() {
	local to=$1
	shift
	mkdir -p "$to"
	find Makefile .config Module.symvers include scripts "$@" \
		-type f ! -name '*.o' ! -name '*.c' ! -name '*.cmd' \
		! -name '*.a' ! -name '*.dts*' ! -path 'include/dt-bindings/*' \
		-print0 | tar -c --null -T - | tar -x -C "$to"
	# Since 6.12 this is compiled into each module.
	[ ! -f scripts/module-common.c ] ||
		cp --parents scripts/module-common.c "$to"
}

# source_install ARCH KIND ENTRY FOLDER...: all but what is booted.
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

# source_make WORK STEP...: a plain run of steps in one place; a step is a command
# and its arguments, and each one's failure shows its log.
source_make() {
	local work=$1 step
	shift
	export PATH=$PATH:/usr/sbin:/sbin
	cd "$work" || return
	for step; do
		progress "${step%% *} (building takes some minutes)"
		# shellcheck disable=SC2086 # a step and its arguments
		run_logged "$work/build.log" $step || return
	done
}
