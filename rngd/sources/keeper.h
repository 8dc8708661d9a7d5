/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A keeper reads from a source and reopens it when it fails. The first read
 * opens the source. After it has ended, failed or been unplugged, it is
 * reopened after a delay that doubles from first_ms up to max_ms, and starts
 * over once the source has given bytes for max_ms. Each change of state is
 * reported once, in one line.
 *
 * A source may be silent, because its host gives a few bytes in minutes. It
 * stalls after stall_ms, or four times the longest gap between bytes so far;
 * this time doubles with each stall in a row, up to VRNG_KEEPER_PATIENCE_MS. A
 * stalled source is reopened, with the same delays, if that may end its silence
 * (vrng_source_revives()). Otherwise it stays open and is read on. Lines about
 * silence, of its begin or its end, are an hour apart at least.
 *
 * The caller does the waiting: after -EAGAIN it reads again when
 * vrng_keeper_fd() polls readable or at vrng_keeper_due(), whichever comes
 * first. Times are in ms, of one monotonic clock.
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
 * One thread at a time. The caller frees the source, after vrng_keeper_close().
 */
#ifndef RNGD_SOURCES_KEEPER_H
#define RNGD_SOURCES_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vrng/source.h"

/* The defaults of the setup, ms. */
#define VRNG_KEEPER_FIRST_MS 100
#define VRNG_KEEPER_MAX_MS   10000
#define VRNG_KEEPER_STALL_MS 10000

/* The longest silence before a stall, ms, unless stall_ms is longer. */
#define VRNG_KEEPER_PATIENCE_MS 3600000

/*
 * How soon to read a source again that cannot be polled, ms: a sixteenth of its
 * silence, between these.
 */
#define VRNG_KEEPER_POLL_MS	10
#define VRNG_KEEPER_POLL_MAX_MS 1000

#define VRNG_KEEPER_NEVER UINT64_MAX

enum vrng_keeper_state {
	VRNG_KEEPER_CLOSED, /* not read so far, or closed by the caller */
	VRNG_KEEPER_WAITS, /* open, and has given no bytes yet */
	VRNG_KEEPER_FLOWS, /* gives bytes */
	/* Those below: it has failed, and is opened again if it is closed. */
	VRNG_KEEPER_ENDED, /* end of file: a file, a peer, a child */
	VRNG_KEEPER_UNPLUGGED, /* the device is gone: -ENODEV, -ENXIO */
	VRNG_KEEPER_STALLED, /* no bytes for longer than is usual for it */
	VRNG_KEEPER_FAILED, /* any other error, also of opening */
};

struct vrng_keeper_setup {
	struct vrng_source *source; /* parsed, closed; not owned */

	/* What a failure means: "the guest gets nothing ..." */
	const char *consequence;

	/*
	 * Reports a change of state; may be NULL. @text is one line without a
	 * newline, valid during the call: device, what happened, errno text,
	 * consequence. It is NULL where no line about silence is due.
	 * vrng_keeper_read() calls it with ENDED, UNPLUGGED, STALLED or FAILED
	 * when the source fails, and with FLOWS when it has recovered. It may
	 * call it with STALLED again.
	 */
	void (*tell)(void *opaque, enum vrng_keeper_state state,
		     const char *text);
	void *opaque;

	/* 0: the defaults. stall_ms may be VRNG_KEEPER_NEVER. */
	uint64_t first_ms;
	uint64_t max_ms;
	uint64_t stall_ms;
};

/* Only @error, of the last failure, may be read by the caller. */
struct vrng_keeper {
	struct vrng_keeper_setup setup;
	enum vrng_keeper_state state;
	bool is_open;
	bool has_failed; /* and has not recovered */
	uint64_t delay; /* the last one, ms; 0: none */
	uint64_t again; /* do not try before; 0: at once */
	uint64_t due; /* vrng_keeper_due() */
	uint64_t flows_since; /* when the first bytes came */
	uint64_t asked_since; /* when the wait for a stall began; 0 */
	uint64_t silent_since; /* the first read without bytes; 0 */
	uint64_t longest_gap; /* ms, while it was open and read */
	uint64_t silence_told; /* when the last line about it was due; 0 */
	unsigned int stalls; /* in a row */
	uint64_t failed_since;
	uint64_t episodes; /* how often it has failed */
	uint64_t reopens;
	struct vrng_error error;
};

/* Prepare @keeper. Copies @setup; opens nothing. */
void vrng_keeper_init(struct vrng_keeper *keeper,
		      const struct vrng_keeper_setup *setup);

/*
 * Read up to @len > 0 bytes into @buf; open the source if that is due. Returns
 * their number or -EAGAIN, and nothing else.
 */
ssize_t vrng_keeper_read(struct vrng_keeper *keeper, void *buf, size_t len,
			 uint64_t now);

/* After -EAGAIN: true if the source is open and has no bytes yet. */
bool vrng_keeper_is_open(const struct vrng_keeper *keeper);

/*
 * After -EAGAIN: a descriptor that polls readable when bytes may be there, or
 * -1.
 */
int vrng_keeper_fd(const struct vrng_keeper *keeper);

/* After -EAGAIN: when to read again at the latest, or VRNG_KEEPER_NEVER. */
uint64_t vrng_keeper_due(const struct vrng_keeper *keeper);

/*
 * No bytes are needed until the next read: do not count this time as a stall.
 */
void vrng_keeper_rest(struct vrng_keeper *keeper);

/*
 * How long reads have given no bytes, ms. Reopening does not end this; bytes,
 * vrng_keeper_rest() and vrng_keeper_close() do.
 */
uint64_t vrng_keeper_silence(const struct vrng_keeper *keeper, uint64_t now);

/* Close the source and forget failures. A read opens it again. */
void vrng_keeper_close(struct vrng_keeper *keeper);

enum vrng_keeper_state vrng_keeper_state(const struct vrng_keeper *keeper);

/*
 * How often it has failed, stalled and the like; how often it was opened again
 * after that, attempts that failed included. vrng_keeper_close() resets neither.
 */
uint64_t vrng_keeper_failures(const struct vrng_keeper *keeper);
uint64_t vrng_keeper_reopens(const struct vrng_keeper *keeper);

/* A word for reports: "closed", "waits", "flows", "ended"... */
const char *vrng_keeper_state_name(enum vrng_keeper_state state);

#endif
