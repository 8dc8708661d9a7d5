#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The recipes of tests/examples/forks, in clones of one snapshot: programs that had seeded
# before it give other values in each clone after it. Without the recipe they give the
# same.
#
# Python is this machine's own Debian package, with the modules that it imports. Java is
# a runtime that this machine's JDK makes.
#
# CLONES=N guests (8). RECIPES=all: with Java, which takes minutes.
. "$(dirname "$0")/tap.sh"

readonly N=${CLONES:-8}
readonly FORKS=$TOP/tests/examples/forks
readonly PYTHON=/usr/bin/python3
MEMORY=256
export MEMORY

# Commands for a guest. A program reads a line and prints a value, before and after.
# shellcheck disable=SC2016 # expanded in the guest
readonly BEFORE='set -e
mkdir -p /run /var/run
rngd -f -r /dev/hwrng --fork-page=/run/vrng/vmclock 2>log &
until rngctl wait-fresh >answer 2>&1; do sleep 0.1; done
for name in $PROGRAMS; do
	mkfifo $name.asked
	program_$name <$name.asked >$name.got 2>$name.err &
done
for name in $PROGRAMS; do
	sleep 1000 >$name.asked & # the program never reads an end
	echo >$name.asked
	until [ -s $name.got ]; do sleep 0.1; done
done'
# shellcheck disable=SC2016
readonly AFTER='
rngctl wait-fresh >answer
for name in $PROGRAMS; do
	: >$name.got
	echo >$name.asked
	until [ -s $name.got ]; do sleep 0.05; done
	tr -d "\000" <$name.got | sed "s/^[^=]*$/value=&/; s/^/${name}_/"
done
cat log >&2'

# The standard library as one file. Python reads modules from there.
pack_python() {
	"$PYTHON" -I - "$WORK/library.zip" <<-'END'
	import os, sys, sysconfig, zipfile
	library = sysconfig.get_path("stdlib")
	with zipfile.PyZipFile(sys.argv[1], "w") as file:
	    file.writepy(library)
	    for package in ("collections", "encodings", "importlib", "re"):
	        file.writepy(os.path.join(library, package))
	version = "python%d.%d" % sys.version_info[:2]
	print(os.path.realpath("/usr/bin/" + version) + ":/usr/bin/python3")
	print(sys.argv[1] + ":/usr/lib/python%d%d.zip" % sys.version_info[:2])
	for name in ("_ssl", "_hashlib", "_uuid", "mmap"):
	    path = __import__(name).__file__
	    print(path + ":" + path)
	END
}

cat >"$WORK/values.py" <<'END'
import random, ssl, sys, uuid
sys.path.insert(0, "/")
import vrng_fork

uses_recipe = sys.argv[1] == "recipe"
machine = vrng_fork.Machine()
for line in sys.stdin:
    if uses_recipe:
        machine.refresh()
    print("random=%x" % random.getrandbits(64))
    print("ssl=" + ssl.RAND_bytes(16).hex())
    print("uuid1=%x" % uuid.uuid1(machine.node, machine.clock).clock_seq)
    print("uuid4=" + str(uuid.uuid4()), flush=True)
END

# have_python: can it be put into a guest?
have_python() {
	[ -x "$PYTHON" ] && pack_python >"$WORK/python" 2>"$ERR"
}

have_openssl() {
	cc -I"$TOP/include" -Wall -Wextra -Werror "$FORKS/openssl.c" \
		-o "$WORK/openssl" -lcrypto 2>"$ERR"
}

# have_java: sets JAVA to the options of `guest` for a runtime in /java and the recipe.
have_java() {
	local file
	JAVA=()
	jlink --add-modules java.base --strip-debug --no-header-files \
		--no-man-pages --output "$WORK/java" >"$ERR" 2>&1 &&
		javac -d "$WORK/classes" "$FORKS/VrngFork.java" >"$ERR" 2>&1 ||
		return
	while read -r file; do
		JAVA+=(--file "$WORK/java/$file:/java/$file")
	done < <(cd "$WORK/java" && find bin conf lib -type f)
	JAVA+=(--file "$WORK/classes/VrngFork.class")
}

# clone_them PROGRAMS DEFINITIONS GUEST-OPTION...
clone_them() {
	local before
	before="PROGRAMS='$1'
$2
$BEFORE"
	shift 2
	"$HERE/clones" --clones "$N" -- --file "$BUILD/rngd/rngd" \
		--file "$BUILD/rngd/rngctl" "$@" "$before" "$AFTER" \
		>"$OUT" 2>"$ERR"
}

printf '%s' 'page without generation' | dd of="$WORK/fixed" bs=4096 conv=sync \
	status=none

needs debian
if have_openssl; then
	check "$N clones with programs that use OpenSSL" \
		clone_them "recipe without" '
			program_recipe() { openssl; }
			program_without() { openssl /fixed; }' \
		--file "$WORK/openssl" --file "$WORK/fixed"
	sed 's/^/# /' "$OUT"
	check "OpenSSL: with the recipe all values differ" \
		holds "recipe_value == $N"
	check "OpenSSL: without it they are the same" holds "without_value == 1"
else
	skip "OpenSSL: with the recipe all values differ" \
		"no libssl-dev: $(head -n 1 "$ERR")"
fi
if have_python; then
	mapfile -t files < <(sed 's/^/--file\n/' "$WORK/python")
	check "$N clones with Python" clone_them "recipe without" '
			program_recipe() { python3 /values.py recipe; }
			program_without() { python3 /values.py without; }' \
		"${files[@]}" --file "$WORK/values.py" \
		--file "$FORKS/vrng_fork.py"
	sed 's/^/# /' "$OUT"
	check "Python: random, ssl and uuid differ with the recipe" holds \
		"recipe_random == $N" "recipe_ssl == $N" "recipe_uuid4 == $N" \
		"recipe_uuid1 > 1"
	check "Python: without it random, ssl and uuid1 are the same" holds \
		"without_random == 1" "without_ssl == 1" "without_uuid1 == 1"
else
	skip "Python: random, ssl and uuid differ with the recipe" \
		"no Python of Debian: $(tail -n 1 "$ERR")"
fi
if [ "${RECIPES-}" != all ]; then
	skip "Java: with the recipe all values differ" \
		"it takes minutes; RECIPES=all runs it"
elif have_java; then
	MEMORY=512
	check "$N clones with Java" clone_them "recipe without" '
			run() {
				/java/bin/java -Xint -XX:+UseSerialGC \
					-XX:-UsePerfData -cp / VrngFork "$@"
			}
			program_recipe() { run; }
			program_without() { run /fixed; }' \
		"${JAVA[@]}" --file "$WORK/fixed"
	sed 's/^/# /' "$OUT"
	check "Java: with the recipe all values differ" holds \
		"recipe_secure == $N" "recipe_random == $N" "recipe_uuid == $N"
	check "Java: without it they are the same" holds \
		"without_secure == 1" "without_random == 1" "without_uuid == 1"
else
	skip "Java: with the recipe all values differ" \
		"no JDK with jlink: $(tail -n 1 "$ERR")"
fi
done_testing
