/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host's name to addresses, without waiting: numeric ones at once, others in
 * a thread of their own. A name server may take its time; whoever has lost
 * patience lets go, and the thread cleans up after itself when it is done.
 */
#ifndef RNGD_SOURCES_RESOLVE_H
#define RNGD_SOURCES_RESOLVE_H

#include <netdb.h>

#include "vrng/error.h"

struct vrng_resolve;

/* -ENOMEM, or what kept a thread from starting. Strings are copied. */
int vrng_resolve_begin(struct vrng_resolve **resolve, const char *host,
		       const char *port, struct vrng_error *error);

/* Readable when there is an answer. */
int vrng_resolve_fd(const struct vrng_resolve *resolve);

/*
 * -EAGAIN: no answer yet. 0: @*list, to be freed with freeaddrinfo(), now the
 * caller's. -EADDRNOTAVAIL: there is no such address, @error says it.
 */
int vrng_resolve_answer(struct vrng_resolve *resolve, struct addrinfo **list,
			struct vrng_error *error);

/* Let go, at any time. NULL is nothing. */
void vrng_resolve_end(struct vrng_resolve *resolve);

#endif
