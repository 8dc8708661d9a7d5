// SPDX-License-Identifier: GPL-2.0-or-later
/* Notices that this virtual machine was forked: see vmfork.h. */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rngd/signs/vmfork.h"

/* In sysfs a poll waits for a change since the last read at offset 0. */
static bool read_count(int fd, uint64_t *count)
{
	char text[32];
	ssize_t got = pread(fd, text, sizeof(text) - 1, 0);

	if (got <= 0)
		return false;
	text[got] = '\0';
	*count = strtoull(text, NULL, 10);
	return true;
}

/* A parameter of the module, or 0 where there is none. */
static uint64_t read_parameter(const struct rngd_vmfork *v, const char *name)
{
	const char *folder =
		v->parameters ? v->parameters : RNGD_VMFORK_PARAMETERS;
	uint64_t value = 0;
	char path[256];
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >=
	    (int)sizeof(path))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (!read_count(fd, &value))
		value = 0;
	close(fd);
	return value;
}

/* Is the file at @path one that is open? A device bound anew has another one. */
static bool is_known(const struct rngd_vmfork *v, const char *path)
{
	struct stat named, held;
	unsigned int i;

	if (stat(path, &named))
		return false;
	for (i = 0; i < v->devices; i++)
		if (!fstat(v->fd[i], &held) && held.st_dev == named.st_dev &&
		    held.st_ino == named.st_ino)
			return true;
	return false;
}

/* Open the file @name beside @path. A descriptor, or -1. */
static int open_beside(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	char beside[256];

	if (!slash ||
	    snprintf(beside, sizeof(beside), "%.*s/%s", (int)(slash - path),
		     path, name) >= (int)sizeof(beside))
		return -1;
	return open(beside, O_RDONLY | O_CLOEXEC);
}

/* Of the device whose clone_generation is at @path. Older drivers do not say. */
static bool has_notice(const char *path)
{
	const int fd = open_beside(path, "fork_notice");
	char text[8] = "";
	ssize_t got;

	if (fd < 0)
		return true;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	return got <= 0 || strcmp(text, "none\n") != 0;
}

static void add(struct rngd_vmfork *v, const char *path)
{
	unsigned int n = v->devices;
	uint64_t count;
	int fd;

	if (n == RNGD_VMFORK_DEVICES || is_known(v, path))
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (!read_count(fd, &count)) {
		close(fd);
		return;
	}
	v->seen[n] = v->has_looked ? 0 : count;
	v->fd[n] = fd;
	v->id_fd[n] = open_beside(path, "clone_id");
	v->sign[n] = (struct rngd_sign){ .window = 0 };
	v->changed[n] = false;
	v->notices[n] = has_notice(path);
	v->devices++;
}

/* Close what is open of the device @i. */
static void close_device(struct rngd_vmfork *v, unsigned int i)
{
	if (v->fd[i] >= 0)
		close(v->fd[i]);
	if (v->id_fd[i] >= 0)
		close(v->id_fd[i]);
	v->fd[i] = -1;
	v->id_fd[i] = -1;
}

/* Forget devices that cannot be read any more. */
static void drop_gone(struct rngd_vmfork *v)
{
	unsigned int i, kept = 0;
	uint64_t count;

	for (i = 0; i < v->devices; i++) {
		if (v->fd[i] < 0)
			continue;
		if (!read_count(v->fd[i], &count)) {
			close_device(v, i);
			continue;
		}
		v->fd[kept] = v->fd[i];
		v->id_fd[kept] = v->id_fd[i];
		v->sign[kept] = v->sign[i];
		v->changed[kept] = v->changed[i];
		v->notices[kept] = v->notices[i];
		v->seen[kept++] = v->seen[i];
	}
	v->devices = kept;
}

void rngd_vmfork_find(struct rngd_vmfork *vmfork)
{
	const char *pattern =
		vmfork->pattern ? vmfork->pattern : RNGD_VMFORK_PATTERN;
	glob_t found;
	size_t i;

	drop_gone(vmfork);
	if (!glob(pattern, 0, NULL, &found))
		for (i = 0; i < found.gl_pathc; i++)
			add(vmfork, found.gl_pathv[i]);
	globfree(&found);
	vmfork->has_looked = true;
}

bool rngd_vmfork_happened(struct rngd_vmfork *vmfork, uint64_t *generation)
{
	bool happened = false;
	unsigned int i;
	uint64_t count;

	for (i = 0; i < vmfork->devices; i++) {
		vmfork->changed[i] = false;
		if (vmfork->fd[i] < 0)
			continue;
		if (!read_count(vmfork->fd[i], &count)) {
			close_device(vmfork, i);
			continue;
		}
		vmfork->changed[i] = count != vmfork->seen[i];
		happened = happened || vmfork->changed[i];
		vmfork->seen[i] = count;
	}
	*generation = rngd_vmfork_generation(vmfork);
	return happened;
}

uint64_t rngd_vmfork_generation(const struct rngd_vmfork *vmfork)
{
	uint64_t most = 0;
	unsigned int i;

	for (i = 0; i < vmfork->devices; i++)
		if (vmfork->seen[i] > most)
			most = vmfork->seen[i];
	return most;
}

bool rngd_vmfork_id(const struct rngd_vmfork *vmfork, char id[RNGD_VMFORK_ID])
{
	unsigned int i;
	ssize_t got;

	for (i = 0; i < vmfork->devices; i++) {
		if (vmfork->id_fd[i] < 0)
			continue;
		got = pread(vmfork->id_fd[i], id, RNGD_VMFORK_ID - 1, 0);
		id[got > 0 ? got : 0] = '\0';
		if (strspn(id, "0123456789abcdef") == RNGD_VMFORK_ID - 1)
			return true;
	}
	*id = '\0';
	return false;
}

bool rngd_vmfork_notices(const struct rngd_vmfork *vmfork)
{
	unsigned int i;

	for (i = 0; i < vmfork->devices; i++)
		if (vmfork->fd[i] >= 0 && vmfork->notices[i])
			return true;
	return false;
}

size_t rngd_vmfork_stale(const struct rngd_vmfork *vmfork, bool noticed)
{
	uint64_t ahead;

	if (noticed)
		return RNGD_VMFORK_CORE;
	ahead = read_parameter(vmfork, "depth") *
		read_parameter(vmfork, "buffer_size");
	if (ahead < RNGD_VMFORK_AHEAD)
		ahead = RNGD_VMFORK_AHEAD;
	if (ahead > RNGD_VMFORK_AHEAD_MAX)
		ahead = RNGD_VMFORK_AHEAD_MAX;
	return (size_t)ahead + RNGD_VMFORK_CORE;
}

void rngd_vmfork_close(struct rngd_vmfork *vmfork)
{
	unsigned int i;

	for (i = 0; i < vmfork->devices; i++)
		close_device(vmfork, i);
	vmfork->devices = 0;
}
