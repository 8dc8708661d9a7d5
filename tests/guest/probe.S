/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A minimal guest that shows whether an accelerator works: firmware of 64 KiB
 * that goes from the reset vector to 64-bit mode with paging, as every kernel
 * does, and then ends QEMU through its isa-debug-exit device. Some hosts run
 * the real mode part and then hang.
 */
#define BASE 0xffff0000	/* where the firmware is below 4 GiB */
#define TABLES 0x1000	/* three pages of RAM for page tables */
#define EXIT_PORT 0x501	/* of isa-debug-exit */
#define EXIT_VALUE 0x10	/* QEMU's status is 2 * value + 1 */

	.code16
	.text
	.globl _start
_start:
	cli
	/* Reset starts with cs:ip at the top of 4 GiB, cs = 0xf000. */
	lgdtl %cs:gdt_pointer
	movl %cr0, %eax
	orl $1, %eax
	movl %eax, %cr0
	ljmpl $8, $(BASE + protected)

	.code32
protected:
	movl $16, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	cld
	xorl %eax, %eax
	movl $TABLES, %edi
	movl $(3 * 4096 / 4), %ecx
	rep stosl
	/* One entry a level; the last maps the 2 MiB that hold the firmware. */
	movl $(TABLES + 0x1003), TABLES
	movl $(TABLES + 0x2003), TABLES + 0x1000 + 8 * 3
	movl $(0xffe00000 + 0x83), TABLES + 0x2000 + 8 * 511
	movl %cr4, %eax
	orl $0x20, %eax			/* PAE */
	movl %eax, %cr4
	movl $TABLES, %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx		/* EFER */
	rdmsr
	orl $0x100, %eax		/* LME */
	wrmsr
	movl %cr0, %eax
	orl $0x80000000, %eax		/* PG */
	movl %eax, %cr0
	ljmpl $24, $(BASE + long_mode)

	.code64
long_mode:
	movw $EXIT_PORT, %dx
	movb $EXIT_VALUE, %al
	outb %al, %dx
halt:
	hlt
	jmp halt

	.align 8
gdt:
	.quad 0
	.quad 0x00cf9a000000ffff	/* 8: 32-bit code */
	.quad 0x00cf92000000ffff	/* 16: data */
	.quad 0x00af9a000000ffff	/* 24: 64-bit code */
gdt_pointer:
	.word gdt_pointer - gdt - 1
	.long BASE + gdt

	.org 0xfff0
	.code16
	jmp _start
	.org 0x10000
