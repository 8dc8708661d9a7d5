// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#if __has_include(<linux/landlock.h>)
#include <linux/landlock.h>
#endif

#include "rngd/base/landlock.h"

static const struct vrng_landlock plain = { .reads = true, .writes = true };

/* Headers of Linux 5.10 have nothing of it, and musl's only the numbers. */
#if defined(SYS_landlock_restrict_self) && defined(LANDLOCK_ACCESS_FS_EXECUTE)

/* Newer than some headers: Linux 6.2, of version 3 of the interface. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE                                                            \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |  \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |    \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM |    \
	 LANDLOCK_ACCESS_FS_TRUNCATE)
/* Device nodes, which no process here makes. A domain has to deny something. */
#define ALWAYS (LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK)

/* What this kernel knows. */
static uint64_t known(void)
{
	const long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
				     LANDLOCK_CREATE_RULESET_VERSION);

	return version < 3 ? ~LANDLOCK_ACCESS_FS_TRUNCATE : ~0ULL;
}

static uint64_t denied(const struct vrng_landlock *landlock)
{
	uint64_t rights = ALWAYS;

	if (!landlock->executes)
		rights |= LANDLOCK_ACCESS_FS_EXECUTE;
	if (!landlock->reads)
		rights |= READ;
	if (!landlock->writes)
		rights |= WRITE;
	return rights & known();
}

static int add_folder(int ruleset, const struct vrng_landlock_folder *folder,
		      uint64_t handled)
{
	struct landlock_path_beneath_attr attr = {
		.allowed_access = ((folder->reads ? READ : 0) |
				   (folder->writes ? WRITE : 0)) &
				  handled,
		.parent_fd =
			open(folder->path, O_PATH | O_DIRECTORY | O_CLOEXEC),
	};
	int err = 0;

	if (attr.parent_fd < 0)
		return 0;
	if (attr.allowed_access &&
	    syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		    &attr, 0))
		err = -errno;
	close(attr.parent_fd);
	return err;
}

static int restrict_self(int ruleset)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_landlock_restrict_self, ruleset, 0))
		return -errno;
	return 0;
}

int vrng_landlock_enter(const struct vrng_landlock *landlock)
{
	const struct vrng_landlock *l = landlock ? landlock : &plain;
	const struct landlock_ruleset_attr attr = {
		.handled_access_fs = denied(l),
	};
	const int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr,
					 sizeof(attr), 0);
	int err = ruleset < 0 ? -errno : 0;

	for (size_t i = 0; !err && i < l->n; i++)
		err = add_folder(ruleset, &l->folders[i],
				 attr.handled_access_fs);
	if (!err)
		err = restrict_self(ruleset);
	if (ruleset >= 0)
		close(ruleset);
	return err;
}
#else
int vrng_landlock_enter(const struct vrng_landlock *landlock)
{
	(void)(landlock ? landlock : &plain);
	return -ENOSYS;
}
#endif
