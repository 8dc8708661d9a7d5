// SPDX-License-Identifier: GPL-2.0-or-later
/* Forks that the kernel writes in its log: see kernel_log.h. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <unistd.h>

#include "rngd/signs/kernel_log.h"

/* A record is up to 8192 bytes long, with its escaped text and its variables. */
#define RECORD_MAX 8192

/* How many records are taken at once, so that a flood holds up no credit. */
#define RECORDS_AT_ONCE 64

#define FACILITY \
	8 /* the number before the first comma is FACILITY * n + level */

static const char text[] =
	"random: crng reseeded due to virtual machine fork\n";

/* PRIORITY,SEQUENCE,TIME,FLAGS;TEXT\n. Facility 0 is the kernel's. */
bool rngd_kernel_log_is_fork(const char *record, size_t len)
{
	const char *semicolon = memchr(record, ';', len);
	size_t rest;

	if (!semicolon || len < 2 || record[0] < '0' ||
	    record[0] >= '0' + FACILITY || record[1] != ',')
		return false;
	rest = len - (size_t)(semicolon + 1 - record);
	return rest >= sizeof(text) - 1 &&
	       !memcmp(semicolon + 1, text, sizeof(text) - 1);
}

int rngd_kernel_log_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int err;

	if (fd < 0)
		return -errno;
	if (lseek(fd, 0, SEEK_END) >= 0)
		return fd;
	err = errno;
	close(fd);
	return -err;
}

/* An ACPI driver, and since Linux 6.10 a platform driver. A module has no subsystem. */
#define VMGENID "/sys/bus/*/drivers/vmgenid/*/subsystem"

bool rngd_kernel_log_tells(const char *pattern)
{
	glob_t found;
	const bool tells =
		!glob(pattern ? pattern : VMGENID, GLOB_NOSORT, NULL, &found);

	globfree(&found);
	return tells;
}

/* EPIPE: the next read is of the oldest record. EINVAL: this one was too long. */
static bool is_passing(int err)
{
	return err == EPIPE || err == EINTR || err == EINVAL;
}

bool rngd_kernel_log_take(int fd, uint64_t *forks)
{
	char record[RECORD_MAX];
	ssize_t got;
	int i;

	for (i = 0; i < RECORDS_AT_ONCE; i++) {
		got = read(fd, record, sizeof(record));
		if (!got)
			return false;
		if (got > 0)
			*forks += rngd_kernel_log_is_fork(record, (size_t)got);
		else if (!is_passing(errno))
			return errno == EAGAIN;
	}
	return true;
}
