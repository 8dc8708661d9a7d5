# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Fetches programs of the distribution for comparison. They are unpacked into
# the cache and not installed.

# peer_package PACKAGE: unpacks its newest version and prints the folder. Fails
# with a reason on stderr if the package cannot be fetched in a minute, or, with
# VRNG_NETWORK=no, if it is not in the cache.
peer_package() {
	local package=$1 version dir work
	if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
		echo "$package: packages of Debian are needed" >&2
		return 1
	fi
	version=$(LC_ALL=C apt-cache policy "$package" 2>/dev/null |
		sed -n 's/^ *Candidate: *//p')
	if [ "${version:-(none)}" = "(none)" ]; then
		echo "$package: no such package here (apt-get update?)" >&2
		return 1
	fi
	dir=${XDG_CACHE_HOME:-$HOME/.cache}/vrng/peer-$package-$version
	if [ ! -d "$dir" ]; then
		if [ "${VRNG_NETWORK-}" = no ]; then
			echo "$package: not in the cache; make unit downloads it" >&2
			return 1
		fi
		mkdir -p "${dir%/*}"
		work=$(mktemp -d "$dir.XXXXXX") || return
		if ! (cd "$work" && timeout 60 apt-get -q \
			-o Acquire::Retries=1 -o Acquire::http::Timeout=15 \
			-o APT::Sandbox::User="$(id -un)" \
			download "$package" && dpkg -x ./*.deb . &&
			rm ./*.deb) >"$work.log" 2>&1; then
			tail -n 1 "$work.log" >&2
			rm -rf "$work" "$work.log"
			return 1
		fi
		rm -f "$work.log"
		mv -T "$work" "$dir" 2>/dev/null || rm -rf "$work"
	fi
	printf '%s\n' "$dir"
}

# peer_rngtest PACKAGE: prints the path of its rngtest, after a trial run.
peer_rngtest() {
	local dir
	dir=$(peer_package "$1") || return
	"$dir/usr/bin/rngtest" --version >/dev/null 2>&1 || {
		echo "$1: its rngtest does not run here" >&2
		return 1
	}
	printf '%s\n' "$dir/usr/bin/rngtest"
}
