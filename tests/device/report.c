// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/device/report.h"

static int report_print(const struct stats *s, FILE *out)
{
	fprintf(out,
		"guests %" PRIu64 "\nrequests %" PRIu64 "\nbytes %" PRIu64
		"\nkicks %" PRIu64 "\nsignals %" PRIu64 "\nmalformed %" PRIu64
		"\n",
		s->guests, s->requests, s->bytes, s->kicks, s->signals,
		s->malformed);
	return fflush(out) || ferror(out) ? -EIO : 0;
}

static int report_write_fd(const struct stats *stats, int fd)
{
	FILE *out;
	int err;

	if (fchmod(fd, 0644)) {
		err = -errno;
		close(fd);
		return err;
	}
	out = fdopen(fd, "w");
	if (!out) {
		err = -errno;
		close(fd);
		return err;
	}
	err = report_print(stats, out);
	fclose(out);
	return err;
}

int report_write(const struct stats *stats, const char *path)
{
	char *temp;
	int fd, err;

	if (asprintf(&temp, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkstemp(temp);
	if (fd < 0) {
		err = -errno;
		goto out;
	}
	err = report_write_fd(stats, fd);
	if (!err && rename(temp, path))
		err = -errno;
	if (err)
		unlink(temp);
out:
	free(temp);
	return err;
}
