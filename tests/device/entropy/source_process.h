/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source in a process of its own: the child. It may do what its kind of source takes
 * (source_sandbox.h), such as connect or run programs, which the process that faces
 * guests (the parent) may not; files are opened by another process (source_opener.h).
 * The child is forked before there are guests, and shares three descriptors with the
 * parent: a socket, on which it sends the bytes, and two eventfds. One tells it to
 * open or close the source. It counts changes, so it never fills up, however slow
 * the source is to open and close while guests come and go. The other counts the
 * bytes that the parent asks for: no more are read from the source.
 *
 * A program, a peer or a serial line stays open for SOURCE_PROCESS_LINGER_NS after
 * it is told to close it, so that guests that come and go do not start it anew
 * each time.
 *
 * A supervisor, the child's parent, starts it again if it ends by a fault of its
 * own or is killed. What it was asked for and has not sent, the next one sends.
 *
 * If the machine is forked, what lies in the socket is in the clone, too. The child
 * notes in shared memory from which byte on its bytes are of after the fork, and under
 * which number of fork_signs.h it reads.
 *
 * Both end when the socket is closed, for whatever reason, and if the opener has ended.
 *
 * One thread at a time.
 */
#ifndef DEVICE_ENTROPY_SOURCE_PROCESS_H
#define DEVICE_ENTROPY_SOURCE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/device/entropy/source_opener.h"
#include "vrng/error.h"

#define SOURCE_PROCESS_END_MS	 2000 /* wait so long for the child's end */
#define SOURCE_PROCESS_LINGER_NS 5000000000ULL
/* Before it is started again, in ms: doubled each time, up to the second. */
#define SOURCE_PROCESS_AGAIN_MS	    100
#define SOURCE_PROCESS_AGAIN_MAX_MS 10000

struct handover;
struct shared_source;

struct source_process {
	int sock; /* owned, non-blocking; -1: no child */
	int changes; /* eventfd, owned: number of changes of @wanted */
	int demand; /* eventfd, owned: bytes asked for */
	bool wanted; /* the source is to be open; false at first */
	size_t asked; /* bytes asked for and not received yet */
	pid_t pid; /* of the supervisor */
	struct source_opener opener; /* the child's; here to reap it */
	struct handover *handover; /* shared with the child; owned */
	uint64_t received; /* bytes */
};

/*
 * Fork the child. Call it before there are threads, guests or a sandbox. The
 * child uses and frees its copy of @shared, which must have no user yet.
 * Returns 0 or a negative errno; does not return in the child.
 */
int source_process_start(struct source_process *process,
			 struct shared_source *shared,
			 struct vrng_error *error);

/* Tell the child to open the source, or to close it. Never waits. */
void source_process_want(struct source_process *process, bool wanted);

/*
 * Have at least half of @lack bytes on the way: the parent has room for @lack.
 * Never waits.
 */
void source_process_ask(struct source_process *process, size_t lack);

/*
 * The parent has received @n bytes. They may be more than it asked for, if a child
 * was killed between sending some and noting that.
 */
void source_process_got(struct source_process *process, size_t n);

/*
 * Of @n bytes that were received now: were all of them read from the source when @tag
 * of fork_signs_now() was current? Call it for all that is received, in order.
 */
bool source_process_is_fresh(struct source_process *process, size_t n,
			     uint64_t tag);

/*
 * Tell the child to end, and wait for that, at most SOURCE_PROCESS_END_MS.
 * Nothing happens if there is no child.
 */
void source_process_stop(struct source_process *process);

#endif
