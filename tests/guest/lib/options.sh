# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The command line of guest. OPT has the values of single options, the arrays have those
# of repeatable ones. PROMPT is set if the guest gives a prompt.

declare -A OPT=(
	[kernel]=debian [accel]=auto [device]=builtin [driver]=vrng
	[source]='' [socket]='' [timeout]='' [memory]=256 [cpus]=1
	[console]='' [keep]='' [leaks]='' [transport]='' [machine]=''
)
QEMU_ARGS=() APPEND=() FILES=() MODULES=() DRIVER_PARAMS=() DEVICE_ARGS=()
COMMAND=()
PROMPT=

# Seconds. Long enough for a slow, busy machine.
readonly DEFAULT_TIMEOUT=120
readonly DEFAULT_SOURCE=getrandom

usage() {
	cat <<-'END'
	usage: guest [OPTION]... [-- COMMAND...]
	Boots a guest, runs COMMAND in it, prints its output, exits with its status.
	A COMMAND of one word is a shell script, one of several words is a program and
	its arguments. Without COMMAND the guest gives a prompt.

	  --kernel NAME|PATH         what to boot (debian). NAME is debian, uml,
	                             debian-7.2, debian-s390x and so on, see
	                             'tests/guest/kernel --help'; PATH is a bzImage,
	                             a UML program or a directory that
	                             tests/guest/kernel printed
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
	  --transport pci|mmio|ccw   how the device is connected; the machine decides
	                             which it has (by default, its usual one)
	  --source SPEC              vhost-user: the source that the device serves
	                             (getrandom)
	  --socket PATH              vhost-user: the socket of a device that runs
	  --device-arg ARG           vhost-user: an option for the device, repeatable
	  --driver DRIVER            vrng, virtio_rng or none (vrng)
	  --driver-param NAME=VALUE  a parameter of the driver, repeatable
	  --module PATH              load this module last, repeatable; parameters
	                             follow in the same word
	  --file HOST[:GUEST]        put a file in, with the libraries it needs;
	                             without GUEST, programs go to /usr/local/bin
	                             and other files to /; repeatable
	  --append ARG               for the kernel's command line, repeatable
	  --qemu-arg ARG             an option for QEMU, repeatable
	  --memory MIB  --cpus N     the guest's size (256, 1)
	  --timeout S                kill the guest after S seconds (120; 0, which is
	                             the default with a prompt, means never)
	  --leaks                    run kmemleak after COMMAND (uml)
	  --console FILE             save the kernel's log there
	  --keep                     keep the directory of this run

	status: COMMAND's; or 64 wrong usage, 69 a prerequisite is missing, 124 the
	timeout was reached, 125 the guest ended without a status, 126 the guest's
	kernel reported an error
	END
}

wrong_usage() {
	die "$EX_USAGE" "$*; see 'tests/guest/guest --help'"
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

# check_number NAME MIN: is its value a number from MIN to 999999?
check_number() {
	[[ ${OPT[$1]} =~ ^[0-9]{1,6}$ ]] && [ "${OPT[$1]}" -ge "$2" ] ||
		wrong_usage "--$1 ${OPT[$1]}: not a number from $2 to 999999"
}

# check_egd ADDRESS: a server at a socket has to be there; QEMU reports one that does
# not answer.
check_egd() {
	local port=${1##*:}
	case $1 in
	unix:?*)
		[ -S "${1#unix:}" ] || die "$EX_UNAVAILABLE" \
			"--device egd:$1: no socket there; start egd-server first"
		;;
	?*:?*)
		[[ $port =~ ^[0-9]{1,5}$ ]] && [ "$port" -le 65535 ] ||
			wrong_usage "--device egd:$1: $port is not a port"
		;;
	*) wrong_usage "--device egd:$1: not HOST:PORT or unix:PATH" ;;
	esac
}

# check_file NAME FILE: can it be read?
check_file() {
	[ -e "$2" ] && [ ! -d "$2" ] || die "$EX_UNAVAILABLE" \
		"--device $1:$2: no such file"
	[ -r "$2" ] || die "$EX_UNAVAILABLE" "--device $1:$2: cannot be read"
}

check_device() {
	local name=${OPT[device]}
	case $name in
	vhost-user | builtin | none) ;;
	random:?*) check_file random "${name#random:}" ;;
	egd:?*) check_egd "${name#egd:}" ;;
	*) wrong_usage "--device $name: no such device; choose builtin," \
		"random:FILE, egd:ADDR, vhost-user or none" ;;
	esac
	[ "$name" != vhost-user ] || {
		: "${OPT[source]:=$DEFAULT_SOURCE}"
		return 0
	}
	[ -z "${OPT[source]}${OPT[socket]}${DEVICE_ARGS[*]-}" ] ||
		wrong_usage "--source, --socket and --device-arg: for --device" \
			"vhost-user only, not for $name"
}

check_console() {
	[ -z "${OPT[console]}" ] || { : >"${OPT[console]}"; } 2>/dev/null ||
		die "$EX_UNAVAILABLE" "--console ${OPT[console]}: cannot be" \
			"written; name a file in a directory of yours"
}

check_values() {
	check_one_of accel auto kvm tcg
	check_one_of driver vrng virtio_rng none
	[ -z "${OPT[machine]}" ] || check_one_of machine pc q35 microvm
	[ -z "${OPT[transport]}" ] || check_one_of transport pci mmio ccw
	check_number timeout 0
	check_number memory 1
	check_number cpus 1
	check_device
	check_console
}

# Does --NAME take a value?
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

# Other architectures have one machine each. UML has no machine.
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
	[[ " ${TRANSPORTS[*]} " == *" ${OPT[transport]} "* ]] || wrong_usage \
		"--transport ${OPT[transport]}: the machine decides, and" \
		"${MACHINE%%,*} ($KERNEL_ARCH) has ${TRANSPORTS[*]} only"
	[ "${OPT[device]}" != vhost-user ] ||
		[ -n "$(transport_vhost_user "${OPT[transport]}")" ] ||
		wrong_usage "--device vhost-user: QEMU has none for" \
			"--transport ${OPT[transport]}; use another device"
}

# The kernel of a directory has its configuration beside it.
check_leaks() {
	local config=$KERNEL_ROOT/config
	[ -n "${OPT[leaks]}" ] && [ -f "$config" ] || return 0
	grep -q '^CONFIG_DEBUG_KMEMLEAK=y' "$config" || wrong_usage \
		"--leaks: kernel $KERNEL_RELEASE has no kmemleak; use --kernel uml"
}

# Checks the options that depend on the kind of kernel.
check_combination() {
	check_machine
	check_transport
	check_leaks
	[ "$KERNEL_KIND" = uml ] || return 0
	[ "${OPT[cpus]}" -eq 1 ] ||
		wrong_usage "--cpus ${OPT[cpus]}: a UML guest has one processor"
	case ${OPT[device]} in
	vhost-user | none) ;;
	*) wrong_usage "--device ${OPT[device]}: a UML guest has vhost-user or none" ;;
	esac
	[ "${OPT[accel]}" = auto ] ||
		wrong_usage "--accel ${OPT[accel]}: a UML guest has no QEMU"
	[ ${#QEMU_ARGS[@]} -eq 0 ] ||
		wrong_usage "--qemu-arg: a UML guest has no QEMU"
}

# Prints ROWSxCOLUMNS of the terminal that shows the prompt.
terminal_size() {
	stty size <&3 | tr ' ' x
}
