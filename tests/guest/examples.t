#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs each example of README and manual pages, unchanged. A comment before the example
# says how it is run:
#
#   output              not run: it is a program's output
#   make                the make targets must exist
#   settings            rngd must accept it as its configuration file
#   guest HOW...        in a guest with Debian's kernel and our programs (examples/run)
#   host HOW...         on this machine, with a /run of its own; QEMU (examples/qemu)
#                       and ./linux are wrappers that boot our guest, with its options
#                       in the place of "..."
#   not WHY             not run; the case is skipped with that reason
#
# ONLY=TEXT: only examples that have TEXT, or whose document and line have it.
. "$(dirname "$0")/tap.sh"

readonly EXAMPLES=$WORK/examples
readonly RUN=$TOP/tests/examples/run
QEMU=$(command -v "${QEMU:-qemu-system-x86_64}") # the wrapper below precedes it in PATH

# stand_in TREE FILE...: replaces placeholders, as a reader does.
stand_in() {
	sed -i -e "s|/path/to/tree|$1|g" -e 's|192\.0\.2\.7|127.0.0.1|' \
		"${@:2}"
}

# Makes a folder that looks like the checkout, and in which examples may write.
make_folder() {
	local name
	mkdir -p "$WORK/here"
	for name in "$TOP"/*; do
		ln -s "$name" "$WORK/here"
	done
	ln -sfn "$BUILD" "$WORK/here/build"
	head -c 20000 /dev/urandom >"$WORK/here/samples.bin"
	mkdir "$WORK/bin"
	cat >"$WORK/bin/qemu-system-x86_64" <<-END
		#!/bin/sh
		exec "$TOP/tests/examples/qemu" "$BUILD" "$WORK" "\$@"
	END
	# "ssh root@vm COMMAND": the guest with a monitor has run the command.
	cat >"$WORK/bin/ssh" <<-END
		#!/bin/sh
		exec timeout 200 sh -c \
			'until grep -qs "^ready" "$WORK/origin"; do sleep 0.1; done'
	END
	cat >"$WORK/here/linux" <<-END
		#!/bin/bash
		args=(--kernel uml --device none)
		for word; do
			[ "\$word" = ... ] || args+=("--append=\$word")
		done
		[ \$(exec "$TOP/tests/guest/guest" "\${args[@]}" -- \\
			'head -c 64 /dev/hwrng' | wc -c) = 64 ]
	END
	chmod 755 "$WORK"/bin/* "$WORK/here/linux"
}

# Runs a command in namespaces of its own; another user than root is mapped to root.
unshared() {
	local mapped=()
	[ "$(id -u)" = 0 ] || mapped=(--map-root-user)
	unshare "${mapped[@]}" --mount --pid --fork --kill-child "$@"
}

# Runs an example with its own processes, /run and /tmp, which end with it.
on_host() {
	local example=$1 cache
	shift
	cache=$(readlink -m "${XDG_CACHE_HOME:-$HOME/.cache}")
	mkdir -p "$cache"
	unshared "$TOP/tests/examples/alone" "$WORK" "$TOP" "$BUILD" "$cache" -- \
		env -C "$WORK/here" QEMU="$QEMU" \
		PATH="$WORK/bin:$BUILD/rngd:$BUILD/tests/device:$PATH" \
		timeout 400 "$RUN" "$example" "$@" >"$OUT" 2>"$ERR" </dev/null
}

# guests_of EXAMPLE HOW: prints the kernels of the guests that it needs.
guests_of() {
	case $2 in
	guest*) echo debian ;;
	host*)
		! grep -qE 'qemu-system|guest/guest --device' "$1" || echo debian
		! grep -qE '^\./linux|--kernel uml' "$1" || echo uml
		;;
	esac
}

# Runs all examples for a guest in one guest, which prints "NUMBER: passed" for each that
# succeeds.
in_debian() {
	local file number program how args=() script
	for program in rngd/rngd rngd/rngctl tests/device/vhost-user-rng \
		tests/device/egd-server; do
		args+=(--file "$BUILD/$program:/build/$program"
			--file "$BUILD/$program")
	done
	script="mkdir -p /run /var/run /var/lib/prometheus/node-exporter
		echo kvm:x:78: >>/etc/group
		echo libvirt-qemu:x:64055:78::/:/bin/false >>/etc/passwd"
	for file; do
		read -r how <"$file.how" || true
		number=${file##*/}
		args+=(--file "$file:/examples/$number")
		script+="
		echo \"$number: \$(cat /proc/uptime)\"
		/run-example /examples/$number ${how#guest} </dev/null &&
			echo $number: passed
		for name in rngctl rngd vhost-user-rng egd-server; do
			killall -9 \$name 2>/dev/null
		done
		rm -rf /run/*"
	done
	in_guest --driver none "${args[@]}" --file "$RUN:/run-example" \
		--file "$WORK/here/samples.bin" -- "$script; true"
}

# Shows the guest's output once, with the first example that failed.
passed_in_debian() {
	grep -qx "$1: passed" "$WORK/debian" || {
		cat "$WORK/debian" >"$OUT"
		cat "$WORK/debian.err" >"$ERR"
		: >"$WORK/debian.err"
		return 1
	}
}

targets_are_there() {
	local word
	while read -r word; do
		make -s -n -C "$TOP" "$word" >"$OUT" 2>"$ERR" || return
	done < <(sed -n 's/^make \([a-z-]*\).*/\1/p' "$1")
	! grep -qvE '^make [a-z-]+ *(#.*)?$' "$1"
}

# run_example FILE NAME HOW...
run_example() {
	local file=$1 name=$2 how kernels
	read -ra how <<<"$3"
	: >"$OUT"
	: >"$ERR"
	mapfile -t kernels < <(guests_of "$file" "$3")
	needs "${kernels[@]}"
	case ${how[0]-} in
	output) ok "$name is output" ;;
	make) check "$name: the targets exist" targets_are_there "$file" ;;
	settings)
		# rngd opens the sources that it is configured with.
		if [ -e /dev/hwrng ] && [ ! -r /dev/hwrng ]; then
			skip "$name: rngd accepts these settings" \
				"this user may not read /dev/hwrng"
			return
		fi
		check "$name: rngd accepts these settings" \
			"$BUILD/rngd/rngd" --test-config --config="$file"
		;;
	guest)
		check "$name runs in a guest" passed_in_debian "${file##*/}"
		;;
	host)
		if ! unshared true 2>/dev/null; then
			ok "$name is not run # SKIP no mount namespace can be made here"
			return
		fi
		eval "how=(${3#host})"
		check "$name runs on a host" on_host "$file" "${how[@]}"
		;;
	not) ok "$name is not run # SKIP ${3#not }" ;;
	*) not_ok "$name: it does not say how it is run" ;;
	esac
}

chosen() {
	grep -qF -e "${ONLY-}" "$1" "$1.where"
}

mkdir "$EXAMPLES"
(cd "$TOP" && tests/examples/extract "$EXAMPLES" README.md man/*.[1-8])
make_folder
mapfile -t FILES < <(find "$EXAMPLES" -name '[0-9]*[0-9]' | sort)
headers=(/lib/modules/*/build)
stand_in "${headers[-1]}" "${FILES[@]}"
mapfile -t IN_GUEST < <(for file in "${FILES[@]}"; do
	! grep -q '^guest' "$file.how" || ! chosen "$file" || echo "$file"
done)
[ ${#IN_GUEST[@]} = 0 ] || ! needs debian || in_debian "${IN_GUEST[@]}"
cp "$OUT" "$WORK/debian"
cp "$ERR" "$WORK/debian.err"
for file in "${FILES[@]}"; do
	! chosen "$file" ||
		run_example "$file" "$(<"$file.where")" "$(<"$file.how")"
done
needs
check "there are examples" holds "${#FILES[@]} > 30"
done_testing
