/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of devices that are replaced. */
#ifndef TRANSCRIPT_RIG_H
#define TRANSCRIPT_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "tests/device/vhost-user/transcript.h"

/* The transcript of a session, as the next process receives it. */
static inline struct transcript *
transcript_pass_on(const struct transcript *saved)
{
	struct transcript *t = transcript_new();
	int pair[2];

	assert_non_null(t);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(transcript_send(saved, pair[0]), 0);
	assert_int_equal(transcript_receive(t, pair[1], saved->n, NULL), 0);
	close(pair[0]);
	close(pair[1]);
	return t;
}

#endif
