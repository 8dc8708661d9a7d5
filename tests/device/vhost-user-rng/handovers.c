// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <string.h>

#include "rngd/base/activation.h"
#include "rngd/base/fd_store.h"
#include "rngd/base/log.h"
#include "tests/device/vhost-user-rng/handovers.h"

static void receive_one(struct handovers *all, int fd, struct vrng_log *log)
{
	struct vrng_error error = { "" };
	struct handover *h;

	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	h = handover_receive(fd, &error);
	if (!h) {
		vrng_log_line(log, "%s", error.text);
		return;
	}
	h->next = all->first;
	all->first = h;
}

void handovers_receive(struct handovers *all, const struct vrng_notify *notify,
		       struct vrng_log *log)
{
	const int n = vrng_activation_count();
	bool any = false;

	for (int i = 0; i < n; i++) {
		if (!vrng_activation_is_named(i, HANDOVER_NAME))
			continue;
		any = true;
		receive_one(all, VRNG_ACTIVATION_FIRST + i, log);
	}
	if (any)
		vrng_fd_store_drop(notify, HANDOVER_NAME);
}

static struct handover **find(struct handovers *all, const char *name)
{
	struct handover **at = &all->first;

	while (*at && strcmp((*at)->name, name))
		at = &(*at)->next;
	return at;
}

struct handover *handovers_take(struct handovers *all, const char *name)
{
	struct handover **at = find(all, name), *h = *at;

	if (h)
		*at = h->next;
	return h;
}

bool handovers_listens(const struct handovers *all, const char *name)
{
	for (const struct handover *h = all->first; h; h = h->next)
		if (!strcmp(h->name, name))
			return h->listener >= 0;
	return false;
}

void handovers_drop(struct handovers *all, struct vrng_log *log)
{
	struct handover *h;

	while ((h = all->first)) {
		all->first = h->next;
		if (log)
			vrng_log_line(log,
				      "%s: was handed over, but is not served "
				      "any more",
				      h->name);
		handover_free(h);
	}
}
