// SPDX-License-Identifier: GPL-2.0-or-later
/* What was done of VM forks: see past.h. */
#include <unistd.h>

#include "rngd/fork/past.h"
#include "rngd/fork/state_file.h"

#define MAGIC 0x31736b726f666776ULL /* "vgforks1" */

struct content {
	uint64_t magic;
	struct rngd_past past;
};

int rngd_past_open(const char *path, struct rngd_past *last, bool *is_there)
{
	const int fd = rngd_state_file_open(path, 0600);
	struct content content;

	*is_there = fd >= 0 &&
		    pread(fd, &content, sizeof(content), 0) ==
			    (ssize_t)sizeof(content) &&
		    content.magic == MAGIC;
	if (*is_there)
		*last = content.past;
	return fd;
}

void rngd_past_write(int fd, const struct rngd_past *past)
{
	const struct content content = { .magic = MAGIC, .past = *past };

	if (fd >= 0 && pwrite(fd, &content, sizeof(content), 0) <
			       (ssize_t)sizeof(content)) {
		/* The next rngd handles a fork once more. */
	}
}
