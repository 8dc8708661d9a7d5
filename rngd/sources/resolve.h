/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks up the addresses of a host without waiting. A numeric address is
 * available at once; a name is looked up by a thread. The caller may end a
 * lookup before it is done: then the thread frees it.
 */
#ifndef RNGD_SOURCES_RESOLVE_H
#define RNGD_SOURCES_RESOLVE_H

#include <netdb.h>

#include "vrng/error.h"

struct vrng_resolve;

/* Start a lookup. Copies the strings. -ENOMEM, or pthread_create()'s error. */
int vrng_resolve_begin(struct vrng_resolve **resolve, const char *host,
		       const char *port, struct vrng_error *error);

/* A descriptor that polls readable when there is an answer. */
int vrng_resolve_fd(const struct vrng_resolve *resolve);

/*
 * 0: *@list is the answer, which the caller frees with freeaddrinfo(). -EAGAIN:
 * there is no answer yet. -EADDRNOTAVAIL: the lookup failed; @error says why.
 */
int vrng_resolve_answer(struct vrng_resolve *resolve, struct addrinfo **list,
			struct vrng_error *error);

/* End the lookup, at any time. NULL is nothing. */
void vrng_resolve_end(struct vrng_resolve *resolve);

#endif
