// SPDX-License-Identifier: GPL-2.0-only
/* 6.13: a timer and its function are set up in one call, 908a1d775422. */
#include <linux/hrtimer.h>

void probe(struct hrtimer *timer,
	   enum hrtimer_restart (*work)(struct hrtimer *));
void probe(struct hrtimer *timer,
	   enum hrtimer_restart (*work)(struct hrtimer *))
{
	hrtimer_setup(timer, work, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
}
