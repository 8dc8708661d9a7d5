# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The command line of guest: OPT holds single values, the arrays the repeated
# ones, PROMPT is set where a person wants a shell.

declare -A OPT=(
	[kernel]=debian [accel]=auto [device]=builtin [driver]=vrng
	[source]=getrandom [socket]='' [timeout]='' [memory]=256 [cpus]=1
	[console]='' [keep]='' [leaks]='' [transport]='' [machine]=''
)
QEMU_ARGS=() APPEND=() FILES=() MODULES=() DRIVER_PARAMS=() DEVICE_ARGS=()
COMMAND=()
PROMPT=

# Long enough for a slow, busy machine; a test that needs less says so.
readonly DEFAULT_TIMEOUT=120

usage() {
	cat <<-'END'
	usage: guest [OPTION]... [-- COMMAND...]
	Boots a guest, runs COMMAND in it, prints its output, exits with its status.
	One word is a shell script, several are a program and its arguments; without
	COMMAND the guest gives a prompt.

	  --kernel NAME|PATH         what to boot (debian); debian, uml, debian-7.2,
	                             debian-s390x and so on, see 'kernel --help'; PATH is a
	                             bzImage, a UML program or a directory that
	                             'kernel' printed
	  --accel auto|kvm|tcg       how QEMU runs it (auto: KVM where it works)
	  --device DEVICE            the host's side (builtin):
	      builtin                QEMU's virtio-rng-pci with its default source
	      random:FILE            the same, from FILE
	      egd:ADDR               the same, from an EGD server: HOST:PORT or
	                             unix:PATH
	      vhost-user             our vhost-user-rng
	      none
	  --machine pc|q35|microvm   which of QEMU's x86 machines (pc); a microvm has
	                             virtio-mmio, and no PCI
	  --transport pci|mmio|ccw   what connects that device (by default what is
	                             usual for the machine)
	  --source SPEC              vhost-user: what it serves (getrandom)
	  --socket PATH              vhost-user: one that runs already
	  --device-arg ARG           vhost-user: for the device, repeatable
	  --driver DRIVER            vrng, virtio_rng or none (vrng)
	  --driver-param NAME=VALUE  for the driver, repeatable
	  --module PATH              load this module too, last; repeatable
	  --file HOST[:GUEST]        put a file in, with the libraries it needs;
	                             without GUEST, programs go to /usr/local/bin
	                             and other files to /; repeatable
	  --append ARG               for the kernel's command line, repeatable
	  --qemu-arg ARG             for QEMU, repeatable
	  --memory MIB  --cpus N     the guest's size (256, 1)
	  --timeout S                until the guest is killed (120; 0 is never, and
	                             what a prompt has)
	  --leaks                    let kmemleak look when COMMAND is done (uml)
	  --console FILE             keep the kernel's log there
	  --keep                     keep the directory of this run

	status: COMMAND's; or 64 wrong usage, 69 something needed is missing,
	124 no end within the timeout, 125 the guest ended without a status,
	126 the guest's kernel reported an error
	END
}

wrong_usage() {
	die "$EX_USAGE" "$*; see 'guest --help'"
}

take_option() {
	local name=$1 value=$2
	case $name in
	qemu-arg) QEMU_ARGS+=("$value") ;;
	device-arg) DEVICE_ARGS+=("$value") ;;
	append) APPEND+=("$value") ;;
	file) FILES+=("$value") ;;
	module) MODULES+=("$value") ;;
	driver-param)
		[[ $value == ?*=* ]] ||
			wrong_usage "--driver-param $value: not NAME=VALUE"
		DRIVER_PARAMS+=("$value")
		;;
	*)
		OPT[$name]=$value
		;;
	esac
}

check_one_of() {
	local name=$1 word
	shift
	for word; do
		[ "${OPT[$name]}" != "$word" ] || return 0
	done
	wrong_usage "--$name ${OPT[$name]}: not one of: $*"
}

# check_number NAME MIN: up to 999999.
check_number() {
	[[ ${OPT[$1]} =~ ^[0-9]{1,6}$ ]] && [ "${OPT[$1]}" -ge "$2" ] ||
		wrong_usage "--$1 ${OPT[$1]}: not a number from $2 to 999999"
}

# What is named on the command line is there before anything is started.
check_files() {
	local file=${OPT[device]#random:}
	case ${OPT[device]} in random:?*)
		[ -r "$file" ] || die "$EX_UNAVAILABLE" \
			"--device random:$file: not there or not to be read"
		;;
	esac
	[ -z "${OPT[console]}" ] || { : >"${OPT[console]}"; } 2>/dev/null ||
		die "$EX_UNAVAILABLE" "--console ${OPT[console]}: cannot be" \
			"written; name a file in a directory of yours"
}

check_values() {
	check_one_of accel auto kvm tcg
	check_one_of driver vrng virtio_rng none
	[ -z "${OPT[machine]}" ] || check_one_of machine pc q35 microvm
	check_number timeout 0
	check_number memory 1
	check_number cpus 1
	case ${OPT[device]} in
	vhost-user | builtin | none | random:?* | egd:?*) ;;
	*) wrong_usage "--device ${OPT[device]}: no such device" ;;
	esac
	check_files
}

# Is --NAME one that takes a value?
is_option() {
	case $1 in
	qemu-arg | device-arg | append | file | module | driver-param) ;;
	*) [ -n "${OPT[$1]+known}" ] ;;
	esac
}

parse_options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--help)
			usage
			exit 0
			;;
		--)
			shift
			COMMAND=("$@")
			break
			;;
		--keep | --leaks)
			OPT[${1#--}]=1
			;;
		--*=*)
			local pair=${1#--}
			is_option "${pair%%=*}" ||
				wrong_usage "--${pair%%=*}: no such option"
			take_option "${pair%%=*}" "${pair#*=}"
			;;
		--?*)
			is_option "${1#--}" ||
				wrong_usage "$1: no such option"
			[ $# -ge 2 ] || wrong_usage "$1: needs a value"
			take_option "${1#--}" "$2"
			shift
			;;
		*)
			wrong_usage "$1: not an option (a command goes after --)"
			;;
		esac
		shift
	done
	[ ${#COMMAND[@]} -gt 0 ] || PROMPT=1
	[ -z "$PROMPT" ] || [ -t 0 ] ||
		wrong_usage "a prompt needs a terminal; give a command after --"
	[ -n "${OPT[timeout]}" ] ||
		OPT[timeout]=$([ -n "$PROMPT" ] && echo 0 || echo "$DEFAULT_TIMEOUT")
	check_values
}

# Other architectures have one machine each, and UML has none.
check_machine() {
	[ -n "${OPT[machine]}" ] || return 0
	case $KERNEL_KIND,$KERNEL_ARCH in
	qemu,amd64 | qemu,i386) ;;
	*) wrong_usage "--machine ${OPT[machine]}: for x86 guests in QEMU only" ;;
	esac
}

# Sets OPT[transport] where it was not given.
check_transport() {
	[ "$KERNEL_KIND" != uml ] || [ -z "${OPT[transport]}" ] ||
		wrong_usage "--transport: a UML guest has no QEMU"
	: "${OPT[transport]:=${TRANSPORTS[0]}}"
	[ "$KERNEL_KIND" != uml ] || return 0
	check_one_of transport "${TRANSPORTS[@]}"
	[ "${OPT[device]}" != vhost-user ] ||
		[ -n "$(transport_vhost_user "${OPT[transport]}")" ] ||
		wrong_usage "--device vhost-user: QEMU has none for" \
			"--transport ${OPT[transport]}; use another device"
}

# What depends on the kind of kernel.
check_combination() {
	check_machine
	check_transport
	[ "$KERNEL_KIND" = uml ] || return 0
	case ${OPT[device]} in
	vhost-user | none) ;;
	*) wrong_usage "--device ${OPT[device]}: a UML guest has vhost-user or none" ;;
	esac
	[ "${OPT[accel]}" = auto ] ||
		wrong_usage "--accel ${OPT[accel]}: a UML guest has no QEMU"
	[ ${#QEMU_ARGS[@]} -eq 0 ] ||
		wrong_usage "--qemu-arg: a UML guest has no QEMU"
}

# ROWSxCOLUMNS of the terminal a prompt is for.
terminal_size() {
	stty size <&3 | tr ' ' x
}
