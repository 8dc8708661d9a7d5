/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors counted before and after: a case shows whether it left any. */
#ifndef FDS_H
#define FDS_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

/* Open ones of process @pid, or of "self"; the folder's own among them. */
static inline int fds_of(const char *pid)
{
	char path[64];
	DIR *dir;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	if (!dir)
		return -1;
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static inline int fds_open(void)
{
	return fds_of("self");
}

/* What a teardown returns: 0 if there are as many as @before. */
static inline int fds_left(int before)
{
	const int now = fds_open();

	if (now != before)
		fprintf(stderr, "%d descriptors before, %d after\n", before,
			now);
	return now == before ? 0 : -1;
}

#endif
