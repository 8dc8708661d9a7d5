// SPDX-License-Identifier: GPL-2.0-or-later
/* How a clone sees that it is one; see fork_marker.h. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__) || defined(__i386__)
#define HAS_PORTS 1
#include <sys/io.h>
#endif

#include "tests/guest/fork_marker.h"

static _Noreturn void die(const char *program, const char *what,
			  const char *error)
{
	fprintf(stderr, "%s: %s: %s\n", program, what, error);
	exit(1);
}

#ifdef HAS_PORTS

/* QEMU's fw_cfg: a selector and a data port, and a directory of files. */
#define FW_SELECT    0x510
#define FW_DATA	     0x511
#define FW_DIRECTORY 0x19
#define FW_NAME_SIZE 56
#define FW_MARKER    "opt/vrng/fork"

static void fw_read(void *data, size_t len)
{
	unsigned char *byte = data;

	while (len--)
		*byte++ = inb(FW_DATA);
}

static uint32_t fw_number(unsigned int bytes)
{
	uint32_t value = 0;

	while (bytes--)
		value = value << 8 | inb(FW_DATA);
	return value;
}

unsigned int fork_marker_find(const char *program)
{
	char name[FW_NAME_SIZE];
	uint32_t files;
	unsigned int key;

	if (iopl(3))
		die(program, "iopl", strerror(errno));
	outw(FW_DIRECTORY, FW_SELECT);
	for (files = fw_number(4); files; files--) {
		fw_number(4); /* size */
		key = fw_number(2);
		fw_number(2);
		fw_read(name, sizeof(name));
		if (!strcmp(name, FW_MARKER))
			return key;
	}
	die(program, "fw_cfg", "no file " FW_MARKER);
}

bool fork_marker_is_set(unsigned int key)
{
	outw((uint16_t)key, FW_SELECT);
	return inb(FW_DATA) == '1';
}

#else

unsigned int fork_marker_find(const char *program)
{
	die(program, "fw_cfg", "needs the I/O ports of an x86 machine");
}

bool fork_marker_is_set(unsigned int key)
{
	(void)key;
	return true;
}

#endif
