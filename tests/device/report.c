// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/device/report.h"

static const struct metric {
	const char *name;
	const char *help;
	size_t offset;
} metrics[] = {
	{ "connections", "Connections of front ends taken",
	  offsetof(struct stats, guests) },
	{ "requests", "Requests answered, malformed ones included",
	  offsetof(struct stats, requests) },
	{ "bytes", "Bytes written into guest memory",
	  offsetof(struct stats, bytes) },
	{ "kicks", "Notifications taken from guests",
	  offsetof(struct stats, kicks) },
	{ "signals", "Interrupts sent to guests",
	  offsetof(struct stats, signals) },
	{ "malformed", "Requests answered with nothing, and rings given up",
	  offsetof(struct stats, malformed) },
};

/* A label's value: OpenMetrics 1.0, "escaped-string". */
static void print_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n') {
			fputs("\\n", out);
			continue;
		}
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void print_metric(FILE *out, const struct metric *m,
			 const struct report_row *rows, unsigned int n)
{
	fprintf(out,
		"# TYPE vrng_device_%s counter\n# HELP vrng_device_%s %s.\n",
		m->name, m->name, m->help);
	for (unsigned int i = 0; i < n; i++) {
		const char *stats = (const char *)&rows[i].stats;

		fprintf(out, "vrng_device_%s_total{socket=\"", m->name);
		print_escaped(out, rows[i].socket);
		fprintf(out, "\"} %" PRIu64 "\n",
			*(const uint64_t *)(const void *)(stats + m->offset));
	}
}

char *report_text(const struct report_row *rows, unsigned int n, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);
	bool bad;

	if (!out)
		return NULL;
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		print_metric(out, &metrics[i], rows, n);
	fputs("# EOF\n", out);
	bad = ferror(out);
	if (!fclose(out) && !bad)
		return text;
	free(text);
	return NULL;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int fill_file(int fd, const char *text, size_t len)
{
	int err = fchmod(fd, 0644) ? -errno : write_all(fd, text, len);

	if (close(fd) && !err)
		err = -errno;
	return err;
}

int report_write(const char *path, const char *text, size_t len)
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
	err = fill_file(fd, text, len);
	if (!err && rename(temp, path))
		err = -errno;
	if (err)
		unlink(temp);
out:
	free(temp);
	return err;
}
