// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/device/guest-memory/sigbus.h"

#define FIRST 8 /* ranges; their number doubles from there */

/* @start is 0 if the slot is free. */
struct range {
	uintptr_t start;
	size_t len;
	volatile bool torn; /* the handler sets it */
};

/*
 * Global, because a signal handler gets no context. SIGBUS comes to the thread
 * that makes the access, which does not change these meanwhile.
 */
static _Thread_local struct range *ranges;
static _Thread_local int slots; /* of @ranges */
static _Thread_local int used; /* of these */

int sigbus_find(uintptr_t addr, uintptr_t *start, size_t *len)
{
	for (int i = 0; i < slots; i++) {
		if (addr - ranges[i].start >= ranges[i].len)
			continue;
		*start = ranges[i].start;
		*len = ranges[i].len;
		return i;
	}
	return -ENOENT;
}

/*
 * Make only async-signal-safe calls; mmap() is a plain system call. Map the zero
 * pages shared, because private pages would count towards RLIMIT_DATA.
 */
static void on_sigbus(int sig, siginfo_t *info, void *context)
{
	int saved = errno, handle;
	void *p = MAP_FAILED;
	uintptr_t start;
	size_t len;

	(void)context;
	handle = sigbus_find((uintptr_t)info->si_addr, &start, &len);
	if (handle >= 0)
		p = mmap((void *)start, len, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE,
			 -1, 0);
	if (p == MAP_FAILED)
		signal(sig, SIG_DFL); /* the access is repeated, and kills */
	else
		ranges[handle].torn = true;
	errno = saved;
}

int sigbus_install(void)
{
	struct sigaction action = { .sa_sigaction = on_sigbus,
				    .sa_flags = SA_SIGINFO };

	sigemptyset(&action.sa_mask);
	return sigaction(SIGBUS, &action, NULL) ? -errno : 0;
}

static int grow(void)
{
	const int n = slots ? 2 * slots : FIRST;
	struct range *more = realloc(ranges, (size_t)n * sizeof(*more));

	if (!more)
		return -ENOMEM;
	memset(more + slots, 0, (size_t)(n - slots) * sizeof(*more));
	ranges = more;
	slots = n;
	return 0;
}

int sigbus_guard(void *start, size_t len)
{
	int i = 0;

	if (used == slots && grow())
		return -ENOMEM;
	while (ranges[i].start)
		i++;
	ranges[i] = (struct range){ .start = (uintptr_t)start, .len = len };
	used++;
	return i;
}

bool sigbus_torn(int handle)
{
	return ranges[handle].torn;
}

void sigbus_forget(int handle)
{
	ranges[handle] = (struct range){ .start = 0 };
	if (--used)
		return;
	free(ranges);
	ranges = NULL;
	slots = 0;
}
