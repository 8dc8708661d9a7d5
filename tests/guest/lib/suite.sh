# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Packages of Debian suites, from the mirror that this machine is configured with.
# Nothing is installed: each suite has package lists and a status file of its own in
# the cache.

readonly SUITE_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
# Days before a suite's lists are downloaded again.
readonly SUITE_DAYS=1
# The lists to use: "deb" for packages, "deb-src" for sources.
: "${SUITE_KIND:=deb}"
# Another architecture whose packages can be downloaded too, as s390x, or nothing.
: "${SUITE_FOREIGN:=}"
# Set by suite_refresh when it fails: the reason.
SUITE_ERROR=

# Exits with one line on a system without apt.
suite_need_apt() {
	local program
	for program in apt-get apt-cache dpkg dpkg-deb; do
		command -v "$program" >/dev/null || die "$EX_UNAVAILABLE" \
			"$program: not found; what comes from Debian's suites" \
			"needs a Debian system"
	done
}

# suite_archive VARIABLE: prints a property of the first Debian archive that the
# machine is configured with, or nothing if apt has no package lists yet.
suite_archive() {
	apt-get indextargets --format "\$(ORIGIN) \$($1) \$(RELEASE)" \
		'Created-By: Packages' | awk '$1 == "Debian" && $3 !~ /[-\/]/ {
			print $2
			exit
		}'
}

# suite_ask_archive VARIABLE: does the same, and downloads the lists if there are
# none.
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

# Prints the suite of this machine by its code name. "stable" would mean another
# suite after a release.
suite_of_machine() {
	suite_ask_archive CODENAME
}

# suite_apt SUITE PROGRAM ARGUMENT...: runs apt-get or apt-cache on that suite.
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

# Prints the suite that packages of this one may depend on.
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

# Downloads a suite's lists if they are old. Old lists are used where new ones cannot
# be downloaded. Sets SUITE_ERROR if it fails.
suite_refresh() {
	local suite=$1 dir uri
	dir=$(suite_dir "$suite")
	mkdir -p "$dir"
	exec 8>"$dir/lock"
	flock -w "$LOCK_TIMEOUT" 8 || {
		SUITE_ERROR="$dir/lock: held by another process for \
${LOCK_TIMEOUT} s; end that process"
		return 1
	}
	if [ -z "$(find "$dir/fresh" -mtime "-$SUITE_DAYS" 2>/dev/null)" ]; then
		uri=$(suite_need_mirror) || exit
		progress "asking the mirror what $suite has"
		if suite_update "$suite" "$dir" "$uri" >"$dir/log" 2>&1 8>&-; then
			touch "$dir/fresh"
		elif [ ! -e "$dir/fresh" ]; then
			SUITE_ERROR="$suite: not on the mirror: $(grep -m 1 '^E:' \
				"$dir/log")"
			return 1
		fi
	fi
	exec 8>&-
}

# suite_need SUITE: does the same, and exits if it fails.
suite_need() {
	suite_refresh "$1" || die "$EX_UNAVAILABLE" "$SUITE_ERROR"
}

# suite_try SUITE: does the same for one of several suites. Not every mirror has each
# of them, so only other failures are reported.
suite_try() {
	suite_refresh "$1" && return
	[[ $SUITE_ERROR == *'does not have a Release file'* ]] ||
		complain "$SUITE_ERROR"
	return 1
}

# suite_newest SUITE REGEX: prints the matching package name with the highest
# version in it.
suite_newest() {
	suite_apt "$1" apt-cache pkgnames linux- | grep -xE "$2" | sort -V |
		tail -n 1 | grep .
}

suite_version() {
	suite_apt "$1" apt-cache show --no-all-versions "$2" |
		sed -n 's/^Version: //p'
}

# announce_size COMMAND...: says how much an apt-get command will download.
announce_size() {
	local size
	size=$("$@" -qq --print-uris 2>/dev/null | awk '
		{ bytes += $3 }
		END {
			if (NR)
				printf "%d package%s, %.0f MB", NR,
					NR == 1 ? "" : "s", bytes / 1e6
		}') ||
		return 0
	[ -z "$size" ] || progress "downloading $size"
}

# apt_show COMMAND...: an apt-get command, with its own progress on a terminal and
# into download.log otherwise.
apt_show() {
	if [ -t 2 ]; then
		"$@" -o quiet=0 </dev/null >&2
	else
		"$@" </dev/null >>download.log 2>&1
	fi
}

# apt_fetch COMMAND...: an apt-get command that downloads into the current directory.
# Says how much, and prints the end of the log if it fails.
apt_fetch() {
	announce_size "$@"
	if [ -t 2 ]; then
		apt_show "$@"
	else
		run_logged download.log "$@"
	fi
}

# suite_download SUITE PACKAGE...: downloads into the current directory.
suite_download() {
	local suite=$1
	shift
	apt_fetch suite_apt "$suite" apt-get download "$@"
}

# suite_download_all SUITE PACKAGE...: does the same, with all dependencies.
suite_download_all() {
	local suite=$1
	shift
	mkdir -p partial
	apt_fetch suite_apt "$suite" apt-get -y \
		--no-install-recommends --download-only \
		-o Dir::Cache::archives="$PWD" install "$@"
}
