// SPDX-License-Identifier: GPL-2.0-or-later
/* How rngd notices VM forks: see notice.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

#include "rngd/base/clock.h"
#include "rngd/signs/kernel_log.h"
#include "rngd/process/notice.h"

static bool watch(const struct rngd_notice *n, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return fd >= 0 && (!epoll_ctl(n->epoll_fd, EPOLL_CTL_ADD, fd, &event) ||
			   errno == EEXIST);
}

/* ------------------------------------------------------------------ renewals */

/* A driver that is told of forks has dropped what it held, or does so now. */
static size_t stale(const struct rngd_notice *n, enum rngd_sign_kind kind)
{
	const bool noticed =
		kind != RNGD_SIGN_AGENT && kind != RNGD_SIGN_PAST &&
		(kind == RNGD_SIGN_DRIVER || rngd_vmfork_notices(&n->vmfork));

	return rngd_vmfork_stale(&n->vmfork, noticed);
}

uint64_t rngd_notice_generation(const struct rngd_notice *n)
{
	if (n->vmfork.devices)
		return rngd_vmfork_generation(&n->vmfork);
	return n->renewal->counts.forks;
}

/* The same, once a fork that is not counted so far is. */
static uint64_t next_generation(const struct rngd_notice *n)
{
	return rngd_notice_generation(n) + (n->vmfork.devices ? 0 : 1);
}

/* Before anything is dropped or fed. */
static void change_page(struct rngd_notice *n)
{
	char id[RNGD_VMFORK_ID];

	(void)rngd_vmfork_id(&n->vmfork, id);
	rngd_page_change(&n->page, id);
}

void rngd_notice_fed(struct rngd_notice *n)
{
	if (n->page_fork == n->renewal->fork ||
	    rngd_renewal_freshness(n->renewal) == RNGD_FRESH_WAITS)
		return;
	n->page_fork = n->renewal->fork;
	change_page(n);
}

static uint64_t begin(struct rngd_notice *n, const char *sign, size_t old,
		      uint64_t generation)
{
	const uint64_t number = rngd_renewal_begin(n->renewal, sign, old,
						   generation, vrng_now_ms());

	rngd_set_wake(n->set);
	return number;
}

uint64_t rngd_notice_request(struct rngd_notice *n)
{
	return begin(n, NULL, 0, rngd_vmfork_generation(&n->vmfork));
}

static void renew(struct rngd_notice *n, enum rngd_sign_kind kind)
{
	change_page(n);
	vrng_log(n->log, VRNG_LOG_INFO, "VM fork: noticed by %s",
		 rngd_sign_name(kind));
	n->fork_renewal = begin(n, rngd_sign_name(kind), stale(n, kind),
				next_generation(n));
}

/*
 * The agent's renewal may have met its block before the snapshot. If it still waits,
 * it begins anew, and otherwise there is another one.
 */
static void confirm(struct rngd_notice *n, enum rngd_sign_kind kind)
{
	if (!rngd_renewal_restart(n->renewal, stale(n, kind),
				  &n->fork_renewal)) {
		renew(n, kind);
		return;
	}
	change_page(n);
	vrng_log(n->log, VRNG_LOG_INFO, "VM fork: confirmed by %s",
		 rngd_sign_name(kind));
	rngd_set_wake(n->set);
}

static void see(struct rngd_notice *n, struct rngd_sign *sign,
		enum rngd_sign_kind kind)
{
	switch (rngd_sign_see(&n->window, sign, kind, vrng_now_ms())) {
	case RNGD_FORK_NEW:
		renew(n, kind);
		break;
	case RNGD_FORK_CONFIRMED:
		confirm(n, kind);
		break;
	case RNGD_FORK_KNOWN:
	default:
		break;
	}
}

/* --------------------------------------------------------------------- signs */

static void look_at_devices(struct rngd_notice *n)
{
	uint64_t unused;
	unsigned int i;

	if (!rngd_vmfork_happened(&n->vmfork, &unused))
		return;
	for (i = 0; i < n->vmfork.devices; i++)
		if (n->vmfork.changed[i])
			see(n, &n->vmfork.sign[i], RNGD_SIGN_DRIVER);
}

static void look_at_vmclock(struct rngd_notice *n)
{
	if (rngd_vmclock_happened(&n->vmclock))
		see(n, &n->vmclock_sign, RNGD_SIGN_VMCLOCK);
}

static void look_at_log(struct rngd_notice *n)
{
	const int fd = rngd_privops_forks_fd(n->privops);
	uint64_t forks;

	if (fd < 0 || read(fd, &forks, sizeof(forks)) != sizeof(forks))
		return;
	for (; forks; forks--)
		see(n, &n->log_sign, RNGD_SIGN_LOG);
}

void rngd_notice_look(struct rngd_notice *n)
{
	look_at_devices(n);
	look_at_vmclock(n);
	look_at_log(n);
	rngd_notice_done(n);
}

static void find_devices(struct rngd_notice *n)
{
	unsigned int i;

	rngd_vmfork_find(&n->vmfork);
	if (!*n->driver_id)
		(void)rngd_vmfork_id(&n->vmfork, n->driver_id);
	for (i = 0; i < n->vmfork.devices; i++)
		(void)watch(n, n->vmfork.fd[i], EPOLLPRI);
}

/* Before Linux 7.0 vmclock cannot be waited for. */
static void watch_vmclock(struct rngd_notice *n)
{
	if (!watch(n, n->vmclock.fd, EPOLLIN))
		rngd_vmclock_close(&n->vmclock);
}

/* Its driver was loaded after the start: see whether this process may open it. */
static void find_vmclock(struct rngd_notice *n)
{
	if (n->vmclock.fd >= 0)
		return;
	rngd_vmclock_open(&n->vmclock, RNGD_VMCLOCK_PATH);
	watch_vmclock(n);
	if (n->vmclock.fd >= 0)
		rngd_notice_done(n);
}

void rngd_notice_look_again(struct rngd_notice *n)
{
	find_devices(n);
	find_vmclock(n);
	look_at_devices(n);
}

static bool is_device(const struct rngd_notice *n, int fd)
{
	unsigned int i;

	for (i = 0; i < n->vmfork.devices; i++)
		if (n->vmfork.fd[i] == fd)
			return true;
	return false;
}

/* vmclock is closed when it hangs up: its poll would not wait any more. */
bool rngd_notice_handle(struct rngd_notice *n, int fd, uint32_t events)
{
	if (fd == rngd_privops_forks_fd(n->privops)) {
		look_at_log(n);
	} else if (fd == n->vmclock.fd) {
		look_at_vmclock(n);
		if (events & (EPOLLHUP | EPOLLERR))
			rngd_vmclock_close(&n->vmclock);
	} else if (is_device(n, fd)) {
		look_at_devices(n);
	} else {
		return false;
	}
	rngd_notice_done(n);
	return true;
}

uint64_t rngd_notice_report(struct rngd_notice *n)
{
	rngd_notice_look(n);
	see(n, &n->agent_sign, RNGD_SIGN_AGENT);
	return n->fork_renewal;
}

/* ------------------------------------------------------------ the clone's ID */

static void draw(char id[RNGD_HOOK_ID])
{
	unsigned char bytes[(RNGD_HOOK_ID - 1) / 2];
	size_t i;

	if (getrandom(bytes, sizeof(bytes), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(bytes))
		return;
	for (i = 0; i < sizeof(bytes); i++)
		(void)snprintf(id + 2 * i, 3, "%02x", bytes[i]);
	explicit_bzero(bytes, sizeof(bytes));
}

/*
 * The driver draws its ID after the fork was counted. One that is the same as before
 * the fork is that of the siblings, too.
 */
static void identify_fork(struct rngd_notice *n)
{
	char id[RNGD_HOOK_ID] = "";

	if (!rngd_vmfork_id(&n->vmfork, id) || !strcmp(id, n->driver_id))
		draw(n->clone_id);
	else
		memcpy(n->clone_id, id, sizeof(id));
	memcpy(n->driver_id, id, sizeof(id));
	n->identified = n->renewal->fork;
}

void rngd_notice_identify(struct rngd_notice *n, char id[RNGD_HOOK_ID])
{
	if (n->identified != n->renewal->fork || !*n->clone_id)
		identify_fork(n);
	memcpy(id, n->clone_id, RNGD_HOOK_ID);
}

/* ------------------------------------------------------- starting and ending */

void rngd_notice_open(struct rngd_notice *n)
{
	rngd_vmclock_open(&n->vmclock, RNGD_VMCLOCK_PATH);
}

void rngd_notice_watch(struct rngd_notice *n)
{
	watch_vmclock(n);
	(void)watch(n, rngd_privops_forks_fd(n->privops), EPOLLIN);
	find_devices(n);
}

static struct rngd_past present(const struct rngd_notice *n)
{
	return (struct rngd_past){
		.page = n->page.generation,
		.driver = rngd_vmfork_generation(&n->vmfork),
		.vmclock = n->vmclock.fd < 0 ? 0 : n->vmclock.generation,
	};
}

void rngd_notice_resume(struct rngd_notice *n)
{
	const struct rngd_past now = present(n);

	if (n->past_fd < 0)
		return;
	if (!n->has_past)
		rngd_past_write(n->past_fd, &now);
	else if (memcmp(&now, &n->past, sizeof(now)) != 0)
		renew(n, RNGD_SIGN_PAST);
}

void rngd_notice_done(struct rngd_notice *n)
{
	const enum rngd_freshness freshness =
		rngd_renewal_freshness(n->renewal);
	const struct rngd_past now = present(n);

	if (freshness == RNGD_FRESH || freshness == RNGD_FRESH_FAILED)
		rngd_past_write(n->past_fd, &now);
}

static void add_name(char *text, size_t size, enum rngd_sign_kind kind)
{
	const size_t used = strlen(text);

	(void)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
		       rngd_sign_name(kind));
}

void rngd_notice_names(const struct rngd_notice *n, char *text, size_t size)
{
	*text = '\0';
	if (rngd_vmfork_notices(&n->vmfork))
		add_name(text, size, RNGD_SIGN_DRIVER);
	if (n->vmclock.fd >= 0)
		add_name(text, size, RNGD_SIGN_VMCLOCK);
	if (rngd_privops_forks_fd(n->privops) >= 0 &&
	    rngd_kernel_log_tells(NULL))
		add_name(text, size, RNGD_SIGN_LOG);
	if (!*text)
		(void)snprintf(text, size, "none");
}

void rngd_notice_close(struct rngd_notice *n)
{
	rngd_vmfork_close(&n->vmfork);
	rngd_vmclock_close(&n->vmclock);
	rngd_page_close(&n->page);
	if (n->past_fd >= 0)
		close(n->past_fd);
}
