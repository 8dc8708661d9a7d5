// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rngd/sources/hwrng.h"

const char *vrng_hwrng_folder = "/sys/class/misc/hw_random";

/* The files of sysfs have a page at most. False: @text is empty. */
static bool read_file(const char *name, char *text, size_t size)
{
	char path[PATH_MAX];
	ssize_t len = -1;
	int fd;

	*text = '\0';
	if (snprintf(path, sizeof(path), "%s/%s", vrng_hwrng_folder, name) >=
	    (int)sizeof(path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, text, size - 1);
		close(fd);
	}
	if (len <= 0)
		return false;
	text[len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return true;
}

static int read_quality(void)
{
	char text[16];
	char *end;
	long value;

	if (!read_file("rng_quality", text, sizeof(text)))
		return -1;
	value = strtol(text, &end, 10);
	return end != text && !*end && value >= 0 && value <= 1024 ?
		       (int)value :
		       -1;
}

/* vrng's are "virtio" and "virtio.N", the in-tree driver's "virtio_rng.N". */
bool vrng_hwrng_is_virtio(const char *name)
{
	return !strncmp(name, "virtio", 6) &&
	       (!name[6] || name[6] == '.' || name[6] == '_');
}

static void find_idle(struct vrng_hwrng *hwrng)
{
	char text[4096], *next = text, *name;

	if (vrng_hwrng_is_virtio(hwrng->current) ||
	    !read_file("rng_available", text, sizeof(text)))
		return;
	while ((name = strsep(&next, " "))) {
		if (!vrng_hwrng_is_virtio(name))
			continue;
		(void)snprintf(hwrng->idle, sizeof(hwrng->idle), "%s", name);
		return;
	}
}

bool vrng_hwrng_look(struct vrng_hwrng *hwrng)
{
	*hwrng = (struct vrng_hwrng){ .quality = -1 };
	if (!read_file("rng_current", hwrng->current, sizeof(hwrng->current)))
		return false;
	if (strcmp(hwrng->current, "none") != 0)
		hwrng->quality = read_quality();
	find_idle(hwrng);
	return true;
}
