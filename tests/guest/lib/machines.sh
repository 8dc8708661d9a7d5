# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The machines that QEMU emulates, a row for each architecture.

# machine_select ARCH sets
#   EMULATOR    QEMU's program
#   MACHINE     the value of -machine
#   CPU         the value of -cpu under TCG
#   TCG_LINE    an addition to the kernel's command line under TCG, or nothing
#   PORTS       the kind of the three channels: serial (the machine's own serial
#               ports), isa (one serial port, two on ISA cards), pci (one serial
#               port, two on a PCI card), ccw (SCLP console, two virtio consoles)
#   CHANNELS    their names in the guest: the kernel's console, the command's
#               output, init's lines to the host
#   TRANSPORTS  the virtio transports, the usual one first
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
	*) die "$EX_UNAVAILABLE" "$1: guests of this architecture are not supported" ;;
	esac
}

# x86_machine_select MACHINE: a microvm has no timer that a kernel could calibrate the
# TSC with, so its frequency is given. It need not be right: the guest's clock is wrong
# by the same factor, and no case depends on the time of day.
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

# machine_ports PORTS: sets PORT_OPTIONS to QEMU's options for the channels, whose
# chardevs are console, out and status.
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

# Prints the modules that the channels need.
channel_modules() {
	case $PORTS in
	ccw) echo virtio_console ;;
	esac
}

# Prints the modules that a transport needs where they are not built into the kernel.
transport_modules() {
	case $1 in
	pci) echo virtio_pci ;;
	mmio) echo virtio_mmio ;;
	esac
}

# transport_rng TRANSPORT, transport_vhost_user TRANSPORT: print the names of QEMU's own
# entropy device and of its vhost-user device on that transport.
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

# Prints further options. Without this one QEMU's virtio-mmio is the legacy version.
transport_options() {
	case $1 in
	mmio) echo '-global virtio-mmio.force-legacy=false' ;;
	esac
}
