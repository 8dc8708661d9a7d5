# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The machines that QEMU emulates, a row for each architecture.

# What machine_select sets:
#   EMULATOR    QEMU's program for it
#   MACHINE     -machine
#   CPU         -cpu under TCG
#   TCG_LINE    what the kernel's command line has to say there, or nothing
#   PORTS       where the three channels are: serial (all of them are the
#               machine's own serial ports), isa (the first is, two are on ISA
#               cards), pci (the first is, two are on a PCI card), ccw (the first
#               is the SCLP's, two are virtio consoles)
#   CHANNELS    what the guest calls them: the kernel's console, the command's
#               output, init's lines to us
#   TRANSPORTS  those of virtio that it has, the usual one first
machine_select() {
	case $1 in
	amd64 | i386)
		x86_machine_select "${OPT[machine]:-pc}"
		;;
	arm64)
		machine_row aarch64 virt cortex-a57 pci 'ttyAMA0 ttyS0 ttyS1' \
			'pci mmio'
		;;
	armhf)
		machine_row arm virt,highmem=off cortex-a15 pci \
			'ttyAMA0 ttyS0 ttyS1' 'mmio pci'
		;;
	ppc64el)
		machine_row ppc64 pseries,cap-ccf-assist=off power9 serial \
			'hvc0 hvc1 hvc2' pci
		;;
	riscv64)
		machine_row riscv64 virt rv64 pci 'ttyS0 ttyS1 ttyS2' 'pci mmio'
		;;
	s390x)
		machine_row s390x s390-ccw-virtio max ccw 'ttyS1 hvc0 hvc1' ccw
		;;
	*) die "$EX_UNAVAILABLE" "$1: no machine of this architecture is known" ;;
	esac
}

# Those of x86, by the --machine option. A microvm has no timer by which a kernel
# finds out how fast the processor's time stamps go. The figure need not be right:
# the guest's clock is wrong by as much, and no case asks for the time of day.
x86_machine_select() {
	case $1 in
	pc | q35)
		machine_row x86_64 "$1" max serial 'ttyS0 ttyS1 ttyS2' pci
		;;
	microvm)
		machine_row x86_64 microvm max isa 'ttyS0 ttyS1 ttyS2' mmio
		TCG_LINE=tsc_early_khz=2000000
		;;
	esac
}

machine_row() {
	EMULATOR=qemu-system-$1
	MACHINE=$2
	CPU=$3
	TCG_LINE=
	PORTS=$4
	read -ra CHANNELS <<<"$5"
	read -ra TRANSPORTS <<<"$6"
}

# machine_ports PORTS: sets PORT_OPTIONS to what gives the machine its channels,
# the chardevs console, out and status.
machine_ports() {
	case $1 in
	serial)
		PORT_OPTIONS=(-serial chardev:console -serial chardev:out
			-serial chardev:status)
		;;
	isa)
		PORT_OPTIONS=(-serial chardev:console
			-device "isa-serial,chardev=out,iobase=0x2f8,irq=3"
			-device "isa-serial,chardev=status,iobase=0x3e8,irq=4")
		;;
	pci)
		PORT_OPTIONS=(-serial chardev:console
			-device "pci-serial-2x,chardev1=out,chardev2=status")
		;;
	ccw)
		PORT_OPTIONS=(-device "sclpconsole,chardev=console"
			-device virtio-serial-ccw
			-device "virtconsole,nr=0,chardev=out"
			-device "virtconsole,nr=1,chardev=status")
		;;
	esac
}

# What the guest loads before its channels are there.
channel_modules() {
	case $PORTS in
	ccw) echo virtio_console ;;
	esac
}

# The modules that a transport needs where they are not built into the kernel.
transport_modules() {
	case $1 in
	pci) echo virtio_pci ;;
	mmio) echo virtio_mmio ;;
	esac
}

# The entropy devices of QEMU on this transport: its own, and ours.
transport_rng() {
	case $1 in
	pci) echo virtio-rng-pci ;;
	mmio) echo virtio-rng-device ;;
	ccw) echo virtio-rng-ccw ;;
	esac
}

transport_vhost_user() {
	case $1 in
	pci) echo vhost-user-rng-pci ;;
	mmio) echo vhost-user-rng ;;
	esac
}

# Without this, QEMU's virtio-mmio is the one from before virtio 1.0.
transport_options() {
	case $1 in
	mmio) echo '-global virtio-mmio.force-legacy=false' ;;
	esac
}
