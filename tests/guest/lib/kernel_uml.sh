# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# User Mode Linux from the distribution's kernel source.

# Raised when the recipe below changes what comes out of it.
readonly UML_RECIPE=4

readonly UML_CONFIG=$HERE/uml.config

uml_source() {
	local found
	found=$(printf '%s\n' /usr/src/linux-source-*.tar.xz | sort -V | tail -n 1)
	[ -f "$found" ] || die "$EX_UNAVAILABLE" \
		"/usr/src/linux-source-*.tar.xz: not there; run 'make deps'"
	printf '%s\n' "$found"
}

# The package's version; a tarball of other origin is known by size and time.
uml_source_version() {
	local package
	package=$(basename "$1" .tar.xz)
	dpkg-query -W -f '${Version}' "$package" 2>/dev/null ||
		stat -c "${package#linux-source-}-%s-%Y" "$1"
}

# What a kernel of this configuration, built by this compiler, is known by.
uml_digest() {
	local digest
	digest=$({
		echo "$UML_RECIPE"
		gcc -dumpfullversion
		cat "$UML_CONFIG"
	} | sha256sum)
	printf '%.12s\n' "$digest"
}

kernel_uml_key() {
	local source
	need_program gcc
	source=$(uml_source)
	printf 'uml-%s-%s\n' "$(uml_source_version "$source")" "$(uml_digest)"
}

# Large parts that are never compiled here: their Makefiles and Kconfigs remain.
uml_unpack() {
	tar -xJf "$1" --strip-components=1 --wildcards \
		--exclude='*/drivers/gpu/*.[ch]' \
		--exclude='*/drivers/media/*.[ch]' \
		--exclude='*/drivers/staging/*.[ch]' \
		--exclude='*/sound/*.[ch]' \
		--exclude='*/Documentation/*.rst' \
		--exclude='*/tools/testing'
}

# Two edits without which the checks are off, or find UML itself at fault:
# 6.1 withholds DEBUG_ATOMIC_SLEEP from architectures that cannot be preempted,
# though all it needs is the preemption count, which UML keeps like any other;
# and each fork walks the process's areas with no lock at all, in a place where
# none that sleeps can be taken, so that lockdep asks for RCU's.
uml_edit_source() {
	sed -i '/^config DEBUG_ATOMIC_SLEEP$/,/^config /{
		/^\tdepends on !ARCH_NO_PREEMPT$/d
	}' lib/Kconfig.debug
	grep -q _read_lock arch/um/kernel/tlb.c ||
		sed -i '/^void force_flush_all(void)$/,/^}/{
			s/^\tfor_each_vma(/\trcu_read_lock();\n&/
			s/^}/\trcu_read_unlock();\n}/
		}' arch/um/kernel/tlb.c
}

# The release names the configuration too: a module is built once for each.
uml_configure() {
	sed "s/^CONFIG_LOCALVERSION=.*/CONFIG_LOCALVERSION=\"-uml-$(uml_digest)\"/" \
		"$UML_CONFIG" >seed.config
	KCONFIG_ALLCONFIG=seed.config make -s ARCH=um allnoconfig || return
	# An option may have been dropped for a dependency: then a check is off.
	local line
	while read -r line; do
		grep -qxF -- "$line" .config && continue
		echo "$UML_CONFIG: '$line' was not accepted"
		return 1
	done < <(grep -E '^(# )?CONFIG_' seed.config)
}

uml_build() {
	make -s ARCH=um -j"$(nproc)" linux modules
}

# What modules are built against, without what only the kernel itself needs.
uml_copy_build_tree() {
	local to=$1
	mkdir -p "$to"
	find Makefile .config Module.symvers include scripts arch/um \
		arch/x86/Makefile.um arch/x86/um arch/x86/include \
		-type f ! -name '*.o' ! -name '*.c' ! -name '*.cmd' \
		! -name '*.a' ! -name '*.dts*' ! -path 'include/dt-bindings/*' \
		-print0 | tar -c --null -T - | tar -x -C "$to"
	# Since 6.12 this is compiled into each module.
	[ ! -f scripts/module-common.c ] ||
		cp --parents scripts/module-common.c "$to"
}

uml_install() {
	local entry=$1 release modules
	release=$(make -s ARCH=um kernelrelease)
	modules=$entry/lib/modules/$release
	make -s ARCH=um INSTALL_MOD_PATH="$entry" modules_install || return
	rm -f "$modules/build" "$modules/source"
	uml_copy_build_tree "$entry/build" || return
	ln -s ../../../build "$modules/build"
	strip --strip-debug -o "$entry/kernel" linux || return
	cp .config "$entry/config"
	echo uml >"$entry/kind"
	echo "$release" >"$entry/release"
}

# uml_make SOURCE ENTRY WORK
uml_make() {
	local source=$1 entry=$2 work=$3 log=$3/build.log step
	# A plain run of steps in one place; each one's failure shows its log.
	export PATH=$PATH:/usr/sbin:/sbin
	cd "$work" || return
	for step in "uml_unpack $source" uml_edit_source \
		uml_configure uml_build "uml_install $entry"; do
		progress "${step%% *} (building takes some minutes)"
		# shellcheck disable=SC2086 # a step and its argument
		run_logged "$log" $step || return
	done
}

# kernel_uml_make ENTRY WORK
kernel_uml_make() {
	uml_make "$(uml_source)" "$@"
}

# Sets SUITE to where the source of version $1 is.
uml_find_source() {
	local suite
	for suite in $(suites_of_kernel "$1"); do
		suite_refresh "$suite" || continue
		SUITE=$suite
		suite_newest "$suite" "linux-source-${1/./\\.}" >/dev/null && return
	done
	die "$EX_UNAVAILABLE" "uml-$1: the mirror has no linux-source-$1 in" \
		"$(suites_of_kernel "$1")"
}

kernel_uml_suite_key() {
	need_program gcc
	uml_find_source "$1"
	printf 'uml-%s-%s\n' "$(suite_version "$SUITE" "linux-source-$1")" \
		"$(uml_digest)"
}

# kernel_uml_suite_make VERSION ENTRY WORK
kernel_uml_suite_make() {
	local source=$3/source package=linux-source-$1
	uml_find_source "$1"
	mkdir "$source" "$3/tree" && cd "$source" || return
	progress "downloading $package of $SUITE"
	suite_download "$SUITE" "$package" && unpack_packages . || return
	uml_make "$source/usr/src/$package.tar.xz" "$2" "$3/tree"
}
