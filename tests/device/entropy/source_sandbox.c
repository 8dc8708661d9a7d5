// SPDX-License-Identifier: GPL-2.0-or-later
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "rngd/base/locked.h"
#include "rngd/base/sandbox.h"
#include "rngd/sources/spec.h"
#include "tests/device/entropy/source_sandbox.h"
#include "tests/device/runtime/fork_signs.h"
#include "tests/device/runtime/helper_user.h"
#include "tests/device/runtime/name_calls.h"

/* Bytes: the largest cache of a source "egd", and some. */
#define LOCKED (32UL << 20)

#define FOLDERS 2 /* of source_sandbox_enter_opener(), at most */

/* ---- system calls ---- */

/* It, and its supervisor, who makes it and waits for it. */
static const char *const reader_calls[] = {
	/* bytes */
	"read",
	"readv",
	"pread64", /* the signs of a VM fork */
	"write",
	"writev",
	"recvfrom",
	"recvmsg", /* files from the opener */
	"sendto",
	"sendmsg",
	/* descriptors */
	"close",
	"fcntl",
	"fstat",
	"newfstatat",
	"lseek",
	"shutdown",
	/* signs of a VM fork that come later */
	"open",
	"openat",
	"stat",
	"lstat",
	"getdents64",
	/* waiting */
	"epoll_create1",
	"epoll_ctl",
	"epoll_wait",
	"epoll_pwait",
	"eventfd2",
	"poll",
	"ppoll",
	"timerfd_create",
	"timerfd_settime",
	"clock_gettime",
	"restart_syscall",
	"futex",
	"sched_yield",
	/* memory */
	"brk",
	"madvise",
	"mlock",
	"mlock2",
	"mmap",
	"mprotect",
	"mremap",
	"munlock",
	"munmap",
	/* the process again, and threads */
	"clone",
	"fork", /* musl's, where there is such a call */
	"wait4",
	"getpid",
	"gettid",
	"sched_getaffinity",
	"set_robust_list",
	"set_tid_address",
	"rseq",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"exit",
	"exit_group",
	NULL,
};

static const char *const peer_calls[] = { "connect",	 "getsockname",
					  "getpeername", "getsockopt",
					  "setsockopt",	 "geteuid",
					  NULL };

static const char *const crypto_calls[] = { "bind", "accept4", NULL };

static const unsigned long tty_ioctls[] = {
	TCGETS,	 TCSETS,  TCSETSW,  TCSETSF,
	TCSBRK,	 TCFLSH,  TIOCEXCL, TIOCNXCL,
#ifdef TCGETS2
	TCGETS2, TCSETS2, TCSETSW2, TCSETSF2,
#endif
};

static const unsigned long unix_families[] = { AF_UNIX };
static const unsigned long crypto_families[] = { AF_ALG };

/* ---- kinds ---- */

enum reads {
	SIGNS, /* of VM forks, and nothing else */
	NAMES, /* what name services read: anything */
	PROGRAMS
};

static const struct vrng_seccomp_rules handed_rules = {
	.calls = { reader_calls },
	.forks = true,
};

static const struct vrng_seccomp_rules tty_rules = {
	.calls = { reader_calls },
	.ioctls = VRNG_SECCOMP_SET(tty_ioctls),
	.forks = true,
};

static const struct vrng_seccomp_rules unix_rules = {
	.calls = { reader_calls, peer_calls },
	.families = VRNG_SECCOMP_SET(unix_families),
	.libc_sockets = true,
	.forks = true,
};

static const struct vrng_seccomp_rules network_rules = {
	.calls = { reader_calls, peer_calls, name_calls },
	.families = VRNG_SECCOMP_SET(name_families),
	.libc_sockets = true,
	.code = true,
	.forks = true,
};

static const struct vrng_seccomp_rules crypto_rules = {
	.calls = { reader_calls, crypto_calls },
	.families = VRNG_SECCOMP_SET(crypto_families),
	.libc_sockets = true,
	.forks = true,
};

static const struct vrng_seccomp_rules program_rules = {
	.programs = true,
	.code = true,
};

static const struct kind {
	const char *begin; /* of the SPEC */
	enum reads reads;
	const struct vrng_seccomp_rules *rules;
} kinds[] = {
	{ "tty:", SIGNS, &tty_rules },
	{ "unix:", SIGNS, &unix_rules },
	{ "egd:unix:", SIGNS, &unix_rules },
	{ "tcp:", NAMES, &network_rules },
	{ "egd:tcp:", NAMES, &network_rules },
	{ "jitter", SIGNS, &crypto_rules },
	{ "exec:", PROGRAMS, &program_rules },
	/* "file:", and what a later kind needs has to be added here */
	{ "", SIGNS, &handed_rules },
};

static const struct kind *kind_of(const char *spec)
{
	const struct kind *kind = kinds;

	while (strncmp(spec, kind->begin, strlen(kind->begin)) != 0)
		kind++;
	return kind;
}

struct vrng_seccomp_rules source_sandbox_rules(const char *spec)
{
	return *kind_of(spec)->rules;
}

/*
 * The folder of @path, or above, as far as there is one now: rngd may make the rest.
 * From malloc(3), or NULL.
 */
static char *existing_folder(const char *path)
{
	char *folder = strdup(path);
	struct stat st;
	char *slash;

	while (folder && (slash = strrchr(folder, '/')) && slash > folder) {
		*slash = '\0';
		if (!stat(folder, &st) && S_ISDIR(st.st_mode))
			return folder;
	}
	free(folder);
	return NULL;
}

static char *page_folder(const struct fork_signs *signs)
{
	const char *page =
		signs && signs->page_path ? signs->page_path : FORK_SIGNS_PAGE;

	return strcmp(page, "none") != 0 ? existing_folder(page) : NULL;
}

static int enter(const struct kind *kind, const char *page,
		 struct vrng_error *error)
{
	const struct vrng_landlock_folder folders[] = {
		{ .path = "/sys", .reads = true },
		{ .path = page, .reads = true },
	};
	const struct vrng_landlock landlock = {
		.executes = kind->reads == PROGRAMS,
		.reads = kind->reads != SIGNS,
		.writes = kind->reads == PROGRAMS,
		.folders = folders,
		.n = page ? 2 : 1,
	};
	const struct vrng_sandbox sandbox = { .rules = kind->rules,
					      .opens_files = true,
					      .landlock = &landlock };

	return vrng_sandbox_enter(&sandbox, error);
}

/* The path of the Unix socket of @spec, from malloc(3); NULL: it has none. */
static char *socket_of(const char *spec)
{
	struct vrng_spec parts;
	const char *field;
	char *path = NULL;

	if (vrng_spec_split(&parts, spec, NULL))
		return NULL;
	field = parts.fields ? parts.field[0] : "";
	if (!strcmp(parts.kind, "unix"))
		path = strdup(field);
	else if (!strcmp(parts.kind, "egd") && !strncmp(field, "unix:", 5))
		path = strdup(field + 5);
	vrng_spec_free(&parts);
	return path;
}

/* Asked of a child that becomes the user. */
static bool is_open_to(const struct helper_user *user, const char *path)
{
	const pid_t child = fork();
	int status = -1;

	if (!child)
		_exit(helper_user_become(user, NULL) ||
		      faccessat(AT_FDCWD, path, W_OK, AT_EACCESS));
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return !status;
}

bool source_sandbox_may_become(const char *spec, const struct helper_user *user)
{
	char *path;
	bool may;

	if (!user || !user->changes || user->is_given)
		return true;
	path = socket_of(spec);
	may = !path || is_open_to(user, path);
	free(path);
	return may;
}

int source_sandbox_enter(const char *spec, const struct helper_user *user,
			 const struct fork_signs *signs,
			 struct vrng_error *error)
{
	char *page;
	int err;

	/* Another user may lock no more than this. */
	vrng_locked_allow(LOCKED);
	err = helper_user_become(user, error);
	if (err)
		return err;
	page = page_folder(signs);
	err = enter(kind_of(spec), page, error);
	free(page);
	return err;
}

/* ---- the opener ---- */

static const char
	*const opener_calls[] = {
		"recvfrom",
		"recvmsg",
		"sendto",
		"sendmsg",
		"close",
		"open",
		"openat",
		"fcntl", /* musl's open() sets FD_CLOEXEC by it as well */
		"exit",
		"exit_group",
		"rt_sigreturn",
		"restart_syscall",
		NULL,
	};

const struct vrng_seccomp_rules source_sandbox_opener = {
	.calls = { opener_calls },
};

/* To open what the program could open when it checked the source. */
static const unsigned int opener_capabilities[] = { CAP_DAC_OVERRIDE };

int source_sandbox_enter_opener(char *const *folders, size_t n, bool writes,
				struct vrng_error *error)
{
	struct vrng_landlock_folder below[FOLDERS];
	struct vrng_landlock landlock = { .folders = below };
	const struct vrng_sandbox sandbox = {
		.rules = &source_sandbox_opener,
		.opens_files = true,
		.landlock = &landlock,
		.capabilities = opener_capabilities,
		.n_capabilities = VRNG_LENGTH(opener_capabilities)
	};

	for (size_t i = 0; i < n && i < FOLDERS; i++)
		if (folders[i])
			below[landlock.n++] = (struct vrng_landlock_folder){
				.path = folders[i],
				.reads = true,
				.writes = writes
			};
	return vrng_sandbox_enter(&sandbox, error);
}
