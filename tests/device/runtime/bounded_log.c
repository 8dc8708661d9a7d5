// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/device/runtime/bounded_log.h"
#include "tests/device/runtime/loop.h"

static void write_line(const struct bounded_log *j, const char *text)
{
	char line[1024];
	int n = snprintf(line, sizeof(line), "%s: %s%s%s\n", j->program,
			 j->whose ? j->whose : "", j->whose ? ": " : "", text);
	ssize_t written;

	if (n >= (int)sizeof(line)) {
		n = sizeof(line) - 1;
		line[n - 1] = '\n';
	}
	written = write(STDERR_FILENO, line, (size_t)n);
	(void)written;
}

static void take_line(void *opaque, const char *text)
{
	struct bounded_log *j = opaque;
	uint64_t now = vrng_now();
	uint64_t earned = (now - j->since) / BOUNDED_LOG_INTERVAL_NS;
	char lost[64];

	j->since += earned * BOUNDED_LOG_INTERVAL_NS;
	j->lines = j->lines > earned ? j->lines - earned : 0;
	if (j->lines == BOUNDED_LOG_LINES) {
		j->left_out++;
		return;
	}
	j->lines++;
	if (j->left_out) {
		snprintf(lost, sizeof(lost), "%" PRIu64 " lines were left out",
			 j->left_out);
		write_line(j, lost);
	}
	j->left_out = 0;
	write_line(j, text);
}

void bounded_log_init(struct bounded_log *j, const char *program,
		      const char *whose)
{
	*j = (struct bounded_log){ .log = { .line = take_line, .opaque = j },
				   .program = program,
				   .whose = whose };
}
