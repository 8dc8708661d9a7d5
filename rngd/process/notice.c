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

static bool watch(const struct rngd_daemon *d, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return fd >= 0 && (!epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, fd, &event) ||
			   errno == EEXIST);
}

/* ------------------------------------------------------------------ renewals */

/* A driver that is told of forks has dropped what it held, or does so now. */
static size_t stale(const struct rngd_daemon *d, enum rngd_sign_kind kind)
{
	const bool noticed =
		kind != RNGD_SIGN_AGENT && kind != RNGD_SIGN_PAST &&
		(kind == RNGD_SIGN_DRIVER || rngd_vmfork_notices(&d->vmfork));

	return rngd_vmfork_stale(&d->vmfork, noticed);
}

uint64_t rngd_notice_generation(const struct rngd_daemon *d)
{
	if (d->vmfork.devices)
		return rngd_vmfork_generation(&d->vmfork);
	return d->renewal.counts.forks;
}

/* The same, once a fork that is not counted so far is. */
static uint64_t next_generation(const struct rngd_daemon *d)
{
	return rngd_notice_generation(d) + (d->vmfork.devices ? 0 : 1);
}

/* Before anything is dropped or fed. */
static void change_page(struct rngd_daemon *d)
{
	char id[RNGD_VMFORK_ID];

	(void)rngd_vmfork_id(&d->vmfork, id);
	rngd_page_change(&d->page, id);
}

void rngd_notice_fed(struct rngd_daemon *d)
{
	if (d->page_fork == d->renewal.fork ||
	    rngd_renewal_freshness(&d->renewal) == RNGD_FRESH_WAITS)
		return;
	d->page_fork = d->renewal.fork;
	change_page(d);
}

static void renew(struct rngd_daemon *d, enum rngd_sign_kind kind)
{
	change_page(d);
	vrng_log(&d->log, VRNG_LOG_INFO, "VM fork: noticed by %s",
		 rngd_sign_name(kind));
	d->fork_renewal = rngd_daemon_renew(d, rngd_sign_name(kind),
					    stale(d, kind), next_generation(d));
}

/*
 * The agent's renewal may have met its block before the snapshot. If it still waits,
 * it begins anew, and otherwise there is another one.
 */
static void confirm(struct rngd_daemon *d, enum rngd_sign_kind kind)
{
	if (!rngd_renewal_restart(&d->renewal, stale(d, kind),
				  &d->fork_renewal)) {
		renew(d, kind);
		return;
	}
	change_page(d);
	vrng_log(&d->log, VRNG_LOG_INFO, "VM fork: confirmed by %s",
		 rngd_sign_name(kind));
	rngd_set_wake(d->set);
}

static void see(struct rngd_daemon *d, struct rngd_sign *sign,
		enum rngd_sign_kind kind)
{
	switch (rngd_sign_see(&d->window, sign, kind, vrng_now_ms())) {
	case RNGD_FORK_NEW:
		renew(d, kind);
		break;
	case RNGD_FORK_CONFIRMED:
		confirm(d, kind);
		break;
	case RNGD_FORK_KNOWN:
	default:
		break;
	}
}

/* --------------------------------------------------------------------- signs */

static void look_at_devices(struct rngd_daemon *d)
{
	uint64_t unused;
	unsigned int i;

	if (!rngd_vmfork_happened(&d->vmfork, &unused))
		return;
	for (i = 0; i < d->vmfork.devices; i++)
		if (d->vmfork.changed[i])
			see(d, &d->vmfork.sign[i], RNGD_SIGN_DRIVER);
}

static void look_at_vmclock(struct rngd_daemon *d)
{
	if (rngd_vmclock_happened(&d->vmclock))
		see(d, &d->vmclock_sign, RNGD_SIGN_VMCLOCK);
}

static void look_at_log(struct rngd_daemon *d)
{
	const int fd = rngd_privops_forks_fd(d->privops);
	uint64_t forks;

	if (fd < 0 || read(fd, &forks, sizeof(forks)) != sizeof(forks))
		return;
	for (; forks; forks--)
		see(d, &d->log_sign, RNGD_SIGN_LOG);
}

void rngd_notice_look(struct rngd_daemon *d)
{
	look_at_devices(d);
	look_at_vmclock(d);
	look_at_log(d);
	rngd_notice_done(d);
}

static void find_devices(struct rngd_daemon *d)
{
	unsigned int i;

	rngd_vmfork_find(&d->vmfork);
	if (!*d->driver_id)
		(void)rngd_vmfork_id(&d->vmfork, d->driver_id);
	for (i = 0; i < d->vmfork.devices; i++)
		(void)watch(d, d->vmfork.fd[i], EPOLLPRI);
}

/* Before Linux 7.0 vmclock cannot be waited for. */
static void watch_vmclock(struct rngd_daemon *d)
{
	if (!watch(d, d->vmclock.fd, EPOLLIN))
		rngd_vmclock_close(&d->vmclock);
}

/* Its driver was loaded after the start: see whether this process may open it. */
static void find_vmclock(struct rngd_daemon *d)
{
	if (d->vmclock.fd >= 0)
		return;
	rngd_vmclock_open(&d->vmclock, RNGD_VMCLOCK_PATH);
	watch_vmclock(d);
	if (d->vmclock.fd >= 0)
		rngd_notice_done(d);
}

void rngd_notice_look_again(struct rngd_daemon *d)
{
	find_devices(d);
	find_vmclock(d);
	look_at_devices(d);
}

static bool is_device(const struct rngd_daemon *d, int fd)
{
	unsigned int i;

	for (i = 0; i < d->vmfork.devices; i++)
		if (d->vmfork.fd[i] == fd)
			return true;
	return false;
}

/* vmclock is closed when it hangs up: its poll would not wait any more. */
bool rngd_notice_handle(struct rngd_daemon *d, int fd, uint32_t events)
{
	if (fd == rngd_privops_forks_fd(d->privops)) {
		look_at_log(d);
	} else if (fd == d->vmclock.fd) {
		look_at_vmclock(d);
		if (events & (EPOLLHUP | EPOLLERR))
			rngd_vmclock_close(&d->vmclock);
	} else if (is_device(d, fd)) {
		look_at_devices(d);
	} else {
		return false;
	}
	rngd_notice_done(d);
	return true;
}

uint64_t rngd_notice_report(struct rngd_daemon *d)
{
	rngd_notice_look(d);
	see(d, &d->agent_sign, RNGD_SIGN_AGENT);
	return d->fork_renewal;
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
static void identify_fork(struct rngd_daemon *d)
{
	char id[RNGD_HOOK_ID] = "";

	if (!rngd_vmfork_id(&d->vmfork, id) || !strcmp(id, d->driver_id))
		draw(d->clone_id);
	else
		memcpy(d->clone_id, id, sizeof(id));
	memcpy(d->driver_id, id, sizeof(id));
	d->identified = d->renewal.fork;
}

void rngd_notice_identify(void *opaque, char id[RNGD_HOOK_ID])
{
	struct rngd_daemon *d = opaque;

	if (d->identified != d->renewal.fork || !*d->clone_id)
		identify_fork(d);
	memcpy(id, d->clone_id, RNGD_HOOK_ID);
}

/* ------------------------------------------------------- starting and ending */

void rngd_notice_open(struct rngd_daemon *d)
{
	rngd_vmclock_open(&d->vmclock, RNGD_VMCLOCK_PATH);
}

void rngd_notice_watch(struct rngd_daemon *d)
{
	watch_vmclock(d);
	(void)watch(d, rngd_privops_forks_fd(d->privops), EPOLLIN);
	find_devices(d);
}

static struct rngd_past present(const struct rngd_daemon *d)
{
	return (struct rngd_past){
		.page = d->page.generation,
		.driver = rngd_vmfork_generation(&d->vmfork),
		.vmclock = d->vmclock.fd < 0 ? 0 : d->vmclock.generation,
	};
}

void rngd_notice_resume(struct rngd_daemon *d)
{
	const struct rngd_past now = present(d);

	if (d->past_fd < 0)
		return;
	if (!d->has_past)
		rngd_past_write(d->past_fd, &now);
	else if (memcmp(&now, &d->past, sizeof(now)) != 0)
		renew(d, RNGD_SIGN_PAST);
}

void rngd_notice_done(struct rngd_daemon *d)
{
	const enum rngd_freshness freshness =
		rngd_renewal_freshness(&d->renewal);
	const struct rngd_past now = present(d);

	if (freshness == RNGD_FRESH || freshness == RNGD_FRESH_FAILED)
		rngd_past_write(d->past_fd, &now);
}

static void add_name(char *text, size_t size, enum rngd_sign_kind kind)
{
	const size_t used = strlen(text);

	(void)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
		       rngd_sign_name(kind));
}

void rngd_notice_names(const struct rngd_daemon *d, char *text, size_t size)
{
	*text = '\0';
	if (rngd_vmfork_notices(&d->vmfork))
		add_name(text, size, RNGD_SIGN_DRIVER);
	if (d->vmclock.fd >= 0)
		add_name(text, size, RNGD_SIGN_VMCLOCK);
	if (rngd_privops_forks_fd(d->privops) >= 0 &&
	    rngd_kernel_log_tells(NULL))
		add_name(text, size, RNGD_SIGN_LOG);
	if (!*text)
		(void)snprintf(text, size, "none");
}

void rngd_notice_close(struct rngd_daemon *d)
{
	rngd_vmfork_close(&d->vmfork);
	rngd_vmclock_close(&d->vmclock);
	rngd_page_close(&d->page);
	if (d->past_fd >= 0)
		close(d->past_fd);
}
