// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>

#include "tests/device/guest-memory/sigbus.h"

#define CLAIMED 1 /* the slot's owner sets it up; no mapping starts at 1 */

/*
 * @version is odd while the owner changes @start and @len. Others read them in
 * two loads, and believe them only if @version was even and the same before and
 * after. A range that holds the faulting address does not change meanwhile: its
 * owner is the thread that faults.
 */
struct range {
	atomic_uintptr_t start; /* 0: the slot is free */
	atomic_size_t len; /* 0: no range */
	atomic_uint version;
	atomic_bool torn;
};

/* Global, because a signal handler gets no context. */
static struct range ranges[SIGBUS_RANGES];

int sigbus_find(uintptr_t addr, uintptr_t *start, size_t *len)
{
	for (int i = 0; i < SIGBUS_RANGES; i++) {
		const unsigned int version = atomic_load(&ranges[i].version);

		*start = atomic_load(&ranges[i].start);
		*len = atomic_load(&ranges[i].len);
		if (addr - *start < *len && !(version % 2) &&
		    version == atomic_load(&ranges[i].version))
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
		atomic_store(&ranges[handle].torn, true);
	errno = saved;
}

int sigbus_install(void)
{
	struct sigaction action = { .sa_sigaction = on_sigbus,
				    .sa_flags = SA_SIGINFO };

	sigemptyset(&action.sa_mask);
	return sigaction(SIGBUS, &action, NULL) ? -errno : 0;
}

/* The slot is the caller's: @start is not 0. */
static void set(struct range *range, uintptr_t start, size_t len)
{
	atomic_fetch_add(&range->version, 1);
	atomic_store(&range->start, start);
	atomic_store(&range->len, len);
	atomic_fetch_add(&range->version, 1);
}

int sigbus_guard(void *start, size_t len)
{
	for (int i = 0; i < SIGBUS_RANGES; i++) {
		uintptr_t unused = 0;

		if (!atomic_compare_exchange_strong(&ranges[i].start, &unused,
						    CLAIMED))
			continue;
		atomic_store(&ranges[i].torn, false);
		set(&ranges[i], (uintptr_t)start, len);
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
	set(&ranges[handle], CLAIMED, 0);
	atomic_store(&ranges[handle].start, 0);
}
