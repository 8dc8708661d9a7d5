// SPDX-License-Identifier: GPL-2.0-or-later
/* What kind of bytes a character device gives: see device.h. */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "rngd/sources/device.h"

#define MEMORY_MAJOR 1
#define MISC_MAJOR   10

/* Of MEMORY_MAJOR. */
enum memory_minor {
	MINOR_NULL = 3,
	MINOR_ZERO = 5,
	MINOR_FULL = 7
};

static enum vrng_origin memory_origin(unsigned int minor_number)
{
	switch (minor_number) {
	case 8: /* /dev/random */
	case 9: /* /dev/urandom */
		return VRNG_ORIGIN_KERNEL;
	case MINOR_NULL:
	case MINOR_ZERO:
	case MINOR_FULL:
		return VRNG_ORIGIN_OTHER;
	default: /* mem, kmem, port, kmsg */
		return VRNG_ORIGIN_STORED;
	}
}

/* Devices whose bytes can be read again, or are computed from what is stored. */
static bool is_stored_number(unsigned int major_number,
			     unsigned int minor_number)
{
	switch (major_number) {
	case MISC_MAJOR:
		return minor_number == 144 || /* nvram */
		       minor_number == 231; /* snapshot */
	case 7: /* vcs */
	case 9: /* st */
	case 21: /* sg */
	case 27: /* zft */
	case 29: /* fb */
	case 37: /* ht */
	case 90: /* mtd */
	case 162: /* raw */
	case 202: /* msr */
	case 203: /* cpuid */
	case 206: /* osst */
		return true;
	default:
		return false;
	}
}

/* Classes of drivers that have no number of their own. */
static bool is_stored_class(const char *name)
{
	static const char *const classes[] = {
		"bsg",		"dax", "graphics",     "mtd",	    "nvme",
		"nvme-generic", "ubi", "scsi_generic", "scsi_tape", "vc",
	};
	size_t i;

	for (i = 0; i < VRNG_LENGTH(classes); i++)
		if (!strcmp(name, classes[i]))
			return true;
	return false;
}

/* Without sysfs the number alone decides. */
static bool has_stored_class(dev_t number, const char *root)
{
	char path[PATH_MAX], class[PATH_MAX];
	const char *slash;
	ssize_t len;

	if ((size_t)snprintf(path, sizeof(path),
			     "%s/sys/dev/char/%u:%u/subsystem", root,
			     major(number), minor(number)) >= sizeof(path))
		return false;
	len = readlink(path, class, sizeof(class) - 1);
	if (len < 0)
		return false;
	class[len] = '\0';
	slash = strrchr(class, '/');
	return slash && is_stored_class(slash + 1);
}

enum vrng_origin vrng_device_origin(dev_t number, const char *root)
{
	if (major(number) == MEMORY_MAJOR)
		return memory_origin(minor(number));
	if (is_stored_number(major(number), minor(number)) ||
	    has_stored_class(number, root))
		return VRNG_ORIGIN_STORED;
	return VRNG_ORIGIN_OUTSIDE;
}
