# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Packages of other Debian suites than this machine's, from the mirror that it is
# configured with. Nothing of theirs is ever installed: each suite has lists and
# a status file of its own in the cache.

readonly SUITE_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
# Days for which a suite's lists are believed.
readonly SUITE_DAYS=1
# Whose lists they are: of packages, or, as deb-src, of their sources.
: "${SUITE_KIND:=deb}"
# An architecture, as s390x: its packages can be had beside this machine's.
: "${SUITE_FOREIGN:=}"

# Called before apt is: a system that is no Debian gets one line that says so.
suite_need_apt() {
	local program
	for program in apt-get apt-cache dpkg dpkg-deb; do
		command -v "$program" >/dev/null || die "$EX_UNAVAILABLE" \
			"$program: not found; what comes from Debian's suites" \
			"needs a Debian system"
	done
}

# suite_archive VARIABLE: prints a property of the first archive of Debian that the
# machine is configured with, or nothing if apt has no lists of packages yet.
suite_archive() {
	apt-get indextargets --format "\$(ORIGIN) \$($1) \$(RELEASE)" \
		'Created-By: Packages' | awk '$1 == "Debian" && $3 !~ /[-\/]/ {
			print $2
			exit
		}'
}

# suite_ask_archive VARIABLE: the same; gets the lists if there are none.
suite_ask_archive() {
	local value
	value=$(suite_archive "$1")
	if [ -z "$value" ]; then
		"$HERE/../../packaging/deps" --refresh >&2 || exit "$EX_UNAVAILABLE"
		value=$(suite_archive "$1")
	fi
	[ -n "$value" ] || die "$EX_UNAVAILABLE" \
		"apt's sources name no mirror of Debian; add one"
	printf '%s\n' "$value"
}

suite_need_mirror() {
	suite_need_apt
	[ -r "$SUITE_KEYRING" ] || die "$EX_UNAVAILABLE" \
		"$SUITE_KEYRING: not there; install debian-archive-keyring"
	suite_ask_archive REPO_URI
}

suite_dir() {
	printf '%s/apt%s-%s%s\n' "$(cache_dir)" "${SUITE_KIND#deb}" "$1" \
		"${SUITE_FOREIGN:+-$SUITE_FOREIGN}"
}

# The suite of this machine by its code name: "stable" becomes another one.
suite_of_machine() {
	suite_ask_archive CODENAME
}

# suite_apt SUITE PROGRAM ARGUMENT...: apt-get or apt-cache on that suite.
suite_apt() {
	local dir program=$2 own
	own=$(dpkg --print-architecture)
	dir=$(suite_dir "$1")
	shift 2
	"$program" -q -o Acquire::Retries=2 -o Acquire::http::Timeout=30 \
		-o APT::Sandbox::User="$(id -un)" \
		-o APT::Architecture="$own" \
		-o APT::Architectures="$own${SUITE_FOREIGN:+,$SUITE_FOREIGN}" \
		-o Dir::Etc::sourcelist="$dir/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferences=/dev/null \
		-o Dir::Etc::preferencesparts=/dev/null \
		-o Dir::State="$dir/state" \
		-o Dir::State::lists="$dir/state/lists" \
		-o Dir::State::status="$dir/state/status" \
		-o Dir::Cache="$dir/cache" "$@"
}

# The suite that packages of this one may need beside it.
suite_base() {
	case $1 in
	experimental) echo sid ;;
	*) echo "${1%-backports}" ;;
	esac
}

suite_update() {
	local suite=$1 dir=$2 uri=$3
	mkdir -p "$dir/state/lists/partial" "$dir/cache/archives/partial"
	: >"$dir/state/status"
	printf "$SUITE_KIND [signed-by=$SUITE_KEYRING] $uri %s main\n" "$suite" \
		"$(suite_base "$suite")" | sort -u >"$dir/sources.list"
	suite_apt "$suite" apt-get -o APT::Update::Error-Mode=any update
}

# Lists that cannot be had anew are still better than none.
suite_refresh() {
	local suite=$1 dir uri
	dir=$(suite_dir "$suite")
	mkdir -p "$dir"
	exec 8>"$dir/lock"
	flock -w "$LOCK_TIMEOUT" 8 || {
		complain "$dir/lock: held by another process for ${LOCK_TIMEOUT} s;" \
			"end that process"
		return 1
	}
	if [ -z "$(find "$dir/fresh" -mtime "-$SUITE_DAYS" 2>/dev/null)" ]; then
		uri=$(suite_need_mirror) || return
		progress "asking the mirror what $suite has"
		if suite_update "$suite" "$dir" "$uri" >"$dir/log" 2>&1 8>&-; then
			touch "$dir/fresh"
		elif [ ! -e "$dir/fresh" ]; then
			complain "$suite: not on the mirror: $(grep -m 1 '^E:' \
				"$dir/log")"
			return 1
		fi
	fi
	exec 8>&-
}

# suite_newest SUITE REGEX: the package of this name with the highest version.
suite_newest() {
	suite_apt "$1" apt-cache pkgnames linux- | grep -xE "$2" | sort -V |
		tail -n 1 | grep .
}

suite_version() {
	suite_apt "$1" apt-cache show --no-all-versions "$2" |
		sed -n 's/^Version: //p'
}

# suite_download SUITE PACKAGE...: into the current directory.
suite_download() {
	local suite=$1
	shift
	run_logged download.log suite_apt "$suite" apt-get download "$@"
}

# The same, with all that they need to work.
suite_download_all() {
	local suite=$1
	shift
	mkdir -p partial
	run_logged download.log suite_apt "$suite" apt-get -y \
		--no-install-recommends --download-only \
		-o Dir::Cache::archives="$PWD" install "$@"
}
