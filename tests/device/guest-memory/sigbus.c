// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>

#include "tests/device/guest-memory/sigbus.h"

#define CLAIMED 1 /* the slot's owner sets it up; no mapping starts at 1 */

struct range {
	atomic_uintptr_t start; /* 0: the slot is free */
	atomic_size_t len; /* 0: no range yet; set after @start */
	atomic_bool torn;
};

/* Global, because a signal handler gets no context. */
static struct range ranges[SIGBUS_RANGES];

static struct range *range_at(uintptr_t addr)
{
	for (size_t i = 0; i < SIGBUS_RANGES; i++) {
		uintptr_t start = atomic_load(&ranges[i].start);

		if (start && addr - start < atomic_load(&ranges[i].len))
			return &ranges[i];
	}
	return NULL;
}

/*
 * Make only async-signal-safe calls; mmap() is a plain system call. Map the zero
 * pages shared, because private pages would count towards RLIMIT_DATA.
 */
static void on_sigbus(int sig, siginfo_t *info, void *context)
{
	struct range *range = range_at((uintptr_t)info->si_addr);
	int saved = errno;
	void *p = MAP_FAILED;

	(void)context;
	if (range)
		p = mmap((void *)atomic_load(&range->start),
			 atomic_load(&range->len), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE,
			 -1, 0);
	if (p == MAP_FAILED)
		signal(sig, SIG_DFL); /* the access is repeated, and kills */
	else
		atomic_store(&range->torn, true);
	errno = saved;
}

int sigbus_install(void)
{
	struct sigaction action = { .sa_sigaction = on_sigbus,
				    .sa_flags = SA_SIGINFO };

	sigemptyset(&action.sa_mask);
	return sigaction(SIGBUS, &action, NULL) ? -errno : 0;
}

int sigbus_guard(void *start, size_t len)
{
	for (int i = 0; i < SIGBUS_RANGES; i++) {
		uintptr_t unused = 0;

		if (!atomic_compare_exchange_strong(&ranges[i].start, &unused,
						    CLAIMED))
			continue;
		atomic_store(&ranges[i].torn, false);
		atomic_store(&ranges[i].start, (uintptr_t)start);
		atomic_store(&ranges[i].len, len);
		return i;
	}
	return -ENOSPC;
}

bool sigbus_torn(int handle)
{
	return atomic_load_explicit(&ranges[handle].torn, memory_order_relaxed);
}

void sigbus_forget(int handle)
{
	atomic_store(&ranges[handle].len, 0);
	atomic_store(&ranges[handle].start, 0);
}
