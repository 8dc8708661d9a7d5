// SPDX-License-Identifier: GPL-2.0-or-later
/* Signs of VM forks: see sign.h. */
#include "rngd/signs/sign.h"

static bool is_over(const struct rngd_sign_window *window, uint64_t now)
{
	return !window->number || now >= window->at + RNGD_SIGN_WINDOW;
}

static void open_window(struct rngd_sign_window *window)
{
	window->number++;
	window->forks = 0;
}

static enum rngd_fork see_again(struct rngd_sign_window *window,
				const struct rngd_sign *sign,
				enum rngd_sign_kind kind)
{
	if (!window->is_reported || kind == RNGD_SIGN_AGENT ||
	    sign->events < window->forks)
		return RNGD_FORK_KNOWN;
	window->is_reported = false;
	return RNGD_FORK_CONFIRMED;
}

enum rngd_fork rngd_sign_see(struct rngd_sign_window *window,
			     struct rngd_sign *sign, enum rngd_sign_kind kind,
			     uint64_t now_ms)
{
	if (is_over(window, now_ms))
		open_window(window);
	if (sign->window != window->number)
		*sign = (struct rngd_sign){ .window = window->number };
	if (++sign->events <= window->forks)
		return see_again(window, sign, kind);
	window->forks = sign->events;
	window->at = now_ms;
	window->is_reported = kind == RNGD_SIGN_AGENT;
	return RNGD_FORK_NEW;
}

const char *rngd_sign_name(enum rngd_sign_kind kind)
{
	switch (kind) {
	case RNGD_SIGN_DRIVER:
		return "clone_generation";
	case RNGD_SIGN_VMCLOCK:
		return "vmclock";
	case RNGD_SIGN_LOG:
		return "kernel-log";
	case RNGD_SIGN_PAST:
		return "past";
	case RNGD_SIGN_AGENT:
	default:
		return "agent";
	}
}
