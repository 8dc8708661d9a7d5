// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/device/egd_report.h"

static void counter(FILE *out, const char *name, const char *help,
		    uint64_t value)
{
	fprintf(out,
		"# TYPE egd_server_%s counter\n# HELP egd_server_%s %s\n"
		"egd_server_%s_total %" PRIu64 "\n",
		name, name, help, name, value);
}

static int print(const struct egd_serve_stats *s, FILE *out)
{
	counter(out, "clients_accepted", "Connections taken.", s->accepted);
	counter(out, "clients_refused", "Connections beyond --max-clients.",
		s->refused);
	counter(out, "clients_dropped",
		"Connections ended for nonsense or "
		"idleness.",
		s->dropped);
	counter(out, "requests", "Requests taken.", s->counts.requests);
	counter(out, "bytes", "Random bytes given to clients.",
		s->counts.bytes);
	counter(out, "written_bytes", "Bytes that clients wrote, not used.",
		s->counts.written);
	fprintf(out,
		"# TYPE egd_server_clients gauge\n"
		"# HELP egd_server_clients Connections open now.\n"
		"egd_server_clients %" PRIu64 "\n# EOF\n",
		s->clients);
	return fflush(out) || ferror(out) ? -EIO : 0;
}

static int write_fd(const struct egd_serve_stats *stats, int fd)
{
	FILE *out = fchmod(fd, 0644) ? NULL : fdopen(fd, "w");
	int err;

	if (!out) {
		err = -errno;
		close(fd);
		return err;
	}
	err = print(stats, out);
	if (fclose(out) && !err)
		err = -errno;
	return err;
}

int egd_report_write(const struct egd_serve_stats *stats, const char *path)
{
	char *temp;
	int fd, err;

	if (asprintf(&temp, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(temp, O_CLOEXEC);
	err = fd < 0 ? -errno : write_fd(stats, fd);
	if (!err && rename(temp, path))
		err = -errno;
	if (err && fd >= 0)
		unlink(temp);
	free(temp);
	return err;
}
