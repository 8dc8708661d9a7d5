/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source that is kept going: opened when it is first drawn on, and taken up
 * again after it has ended, failed, been unplugged or fallen silent, with waits
 * that double from @first_ms up to @max_ms. The waits begin anew once it has
 * given bytes for @max_ms. Each change of state is told once, in one line.
 *
 * Pure waiting is the caller's: it draws; after -EAGAIN it comes back when
 * vrng_keeper_fd() polls readable or vrng_keeper_due() has come, whichever is
 * earlier. Times are ms of one clock that never goes back.
 *
 *	struct vrng_keeper keeper;
 *
 *	vrng_keeper_init(&keeper, &setup);
 *	n = vrng_keeper_read(&keeper, buf, len, now);
 *	if (n == -EAGAIN)
 *		poll(vrng_keeper_fd(&keeper), until vrng_keeper_due(&keeper));
 *	...
 *	vrng_keeper_close(&keeper);
 *
 * One thread at a time, as for the source, which stays the caller's to free.
 */
#ifndef RNGD_SOURCES_KEEPER_H
#define RNGD_SOURCES_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vrng/source.h"

/* What 0 in the setup stands for, ms. */
#define VRNG_KEEPER_FIRST_MS 100
#define VRNG_KEEPER_MAX_MS   10000
#define VRNG_KEEPER_STALL_MS 10000

/* How soon a source that cannot be polled is asked again, ms. */
#define VRNG_KEEPER_POLL_MS 10

#define VRNG_KEEPER_NEVER UINT64_MAX

enum vrng_keeper_state {
	VRNG_KEEPER_CLOSED, /* not drawn on so far, or closed by the caller */
	VRNG_KEEPER_WAITS, /* open, has given nothing yet */
	VRNG_KEEPER_FLOWS, /* gives bytes */
	VRNG_KEEPER_ENDED, /* end of file: a file, a peer, a child */
	VRNG_KEEPER_UNPLUGGED, /* the device is gone: -ENODEV, -ENXIO */
	VRNG_KEEPER_STALLED, /* asked for bytes, silent for @stall_ms */
	VRNG_KEEPER_FAILED, /* all other errors, opening included */
};

struct vrng_keeper_setup {
	struct vrng_source *source; /* parsed, closed; not owned */

	/* What it means that it gives nothing: "the guest gets nothing ..." */
	const char *consequence;

	/*
	 * A change of state; may be NULL. @text is one line without a newline:
	 * device, what happened, errno text, consequence; gone after the call.
	 * Called from vrng_keeper_read() alone, for ENDED, UNPLUGGED, STALLED
	 * and FAILED when the source was well before, and for FLOWS when it was
	 * not.
	 */
	void (*tell)(void *opaque, enum vrng_keeper_state state,
		     const char *text);
	void *opaque;

	/* 0: the defaults above. VRNG_KEEPER_NEVER in stall_ms: no limit. */
	uint64_t first_ms;
	uint64_t max_ms;
	uint64_t stall_ms;
};

/* All fields are the keeper's own; why may be read, for a report of status. */
struct vrng_keeper {
	struct vrng_keeper_setup setup;
	enum vrng_keeper_state state;
	bool is_open;
	bool is_ill; /* told that it gives nothing, and not yet that it does */
	uint64_t delay; /* of the last back-off, 0: none */
	uint64_t again; /* not tried before, 0: at once */
	uint64_t due; /* when to come back at the latest */
	uint64_t flows_since; /* when bytes began to come */
	uint64_t asked_since; /* when it was first asked in vain, 0: it was not */
	uint64_t ill_since;
	uint64_t episodes; /* how often it fell ill */
	struct vrng_error error; /* of the last failure */
};

void vrng_keeper_init(struct vrng_keeper *keeper,
		      const struct vrng_keeper_setup *setup);

/*
 * Up to @len (> 0) bytes into @buf, opening the source where that is due: their
 * number, or -EAGAIN. It returns nothing else.
 */
ssize_t vrng_keeper_read(struct vrng_keeper *keeper, void *buf, size_t len,
			 uint64_t now);

/* After -EAGAIN: is there nothing at hand, or no source to ask? */
bool vrng_keeper_is_open(const struct vrng_keeper *keeper);

/* After -EAGAIN: what polls readable when a read may yield, or -1. */
int vrng_keeper_fd(const struct vrng_keeper *keeper);

/* After -EAGAIN: when to read again at the latest; VRNG_KEEPER_NEVER. */
uint64_t vrng_keeper_due(const struct vrng_keeper *keeper);

/*
 * Nothing is wanted for now, though the last read was in vain: what comes late
 * from here on is no stall.
 */
void vrng_keeper_rest(struct vrng_keeper *keeper);

/* Close the source and forget what has failed. A read opens it again. */
void vrng_keeper_close(struct vrng_keeper *keeper);

enum vrng_keeper_state vrng_keeper_state(const struct vrng_keeper *keeper);

/* As a word for reports: "closed", "waits", "flows", "ended", ... */
const char *vrng_keeper_state_name(enum vrng_keeper_state state);

#endif
