// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <unistd.h>

#include "rngd/signs/vmclock_page.h"
#include "tests/device/runtime/fork_signs.h"

static void open_page(struct fork_signs *signs)
{
	const char *path =
		signs->page_path ? signs->page_path : FORK_SIGNS_PAGE;

	signs->page = -1;
	if (strcmp(path, "none") != 0)
		signs->page = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK |
						 O_NOCTTY);
}

static void open_ids(struct fork_signs *signs)
{
	const char *pattern = signs->ids ? signs->ids : RNGD_VMFORK_ID_PATTERN;
	glob_t found;

	signs->n_ids = 0;
	if (!glob(pattern, 0, NULL, &found)) {
		for (size_t i = 0;
		     i < found.gl_pathc && signs->n_ids < RNGD_VMFORK_DEVICES;
		     i++) {
			int fd = open(found.gl_pathv[i], O_RDONLY | O_CLOEXEC);

			if (fd >= 0)
				signs->id[signs->n_ids++] = fd;
		}
	}
	globfree(&found);
}

void fork_signs_open(struct fork_signs *signs)
{
	memset(&signs->vmfork, 0, sizeof(signs->vmfork));
	signs->vmfork.pattern = signs->counts;
	rngd_vmfork_find(&signs->vmfork);
	open_page(signs);
	open_ids(signs);
}

void fork_signs_close(struct fork_signs *signs)
{
	rngd_vmfork_close(&signs->vmfork);
	if (signs->page >= 0)
		close(signs->page);
	signs->page = -1;
	while (signs->n_ids)
		close(signs->id[--signs->n_ids]);
}

unsigned int fork_signs_count(const struct fork_signs *signs)
{
	return signs ? signs->vmfork.devices + (signs->page >= 0) : 0;
}

/* The sequence counts, too: a page that is being changed is another one. */
static uint64_t page_now(int fd)
{
	struct rngd_vmclock_page page;

	if (pread(fd, &page, sizeof(page), 0) != (ssize_t)sizeof(page))
		return 0;
	return page.generation + page.sequence;
}

uint64_t fork_signs_now(const struct fork_signs *signs)
{
	uint64_t now = 0;

	if (!fork_signs_count(signs))
		return 0;
	if (signs->page >= 0)
		now = page_now(signs->page);
	return now + rngd_vmfork_sum(&signs->vmfork);
}

/* The line is empty until the driver draws the ID, after the kernel has reseeded. */
bool fork_signs_settled(const struct fork_signs *signs)
{
	char first;

	for (unsigned int i = 0; signs && i < signs->n_ids; i++)
		if (pread(signs->id[i], &first, 1, 0) == 1 && first == '\n')
			return false;
	return true;
}
