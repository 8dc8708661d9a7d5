/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is tested: files one after another, as if they were one, cut into
 * chunks of whole blocks that may be fetched and tested side by side.
 *
 * A chunk is claimed by one thread at a time, in the input's order, and then
 * fetched at leisure. Claiming a chunk of a regular file only says where it
 * lies; of anything else it reads, and takes what is there rather than wait
 * for more than one block.
 */
#ifndef RNGD_TESTER_INPUT_H
#define RNGD_TESTER_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vrng/fips.h"
#include "vrng/error.h"

/* Large enough that claiming costs nothing, small enough for a cache. */
#define RNGTEST_CHUNK_BLOCKS 100
#define RNGTEST_CHUNK_BYTES  (RNGTEST_CHUNK_BLOCKS * VRNG_FIPS_BLOCK_BYTES)

struct rngtest_chunk {
	uint8_t *bytes; /* the word before the first block, and the blocks */
	uint64_t number; /* 0, 1, 2, ... */
	bool first; /* the word before is the input's first */
	unsigned int blocks; /* whole ones, up to RNGTEST_CHUNK_BLOCKS */
	size_t rest; /* bytes after the last block, if the input ends there */
	uint64_t received; /* bytes read for it, with what came before it */
	uint64_t ns; /* that reading took */
	/*
	 * 0: more may follow. -ENODATA at the end of the input, -EINTR where a
	 * stop was asked for, another negative errno on failure: after this
	 * chunk's blocks that was all.
	 */
	int end;
	struct vrng_error error; /* for a failure */

	/* Of a regular file: where it lies. */
	int fd; /* -1: it is here already */
	off_t offset;
};

int rngtest_chunk_init(struct rngtest_chunk *chunk);

/* Wipes what it held. */
void rngtest_chunk_free(struct rngtest_chunk *chunk);

static inline const uint8_t *rngtest_chunk_block(const struct rngtest_chunk *c,
						 unsigned int n)
{
	return c->bytes + VRNG_FIPS_WORD_BYTES +
	       (size_t)n * VRNG_FIPS_BLOCK_BYTES;
}

struct rngtest_input {
	char *const *names; /* NULL after the last; "-" is stdin */
	uint64_t blocks; /* to go at most; UINT64_MAX: all */
	unsigned int skip; /* bytes to throw away before the first word */
	/* Called while there is nothing to read; how long until then, in ms. */
	void (*idle)(void *arg);
	int (*idle_ms)(void *arg);
	void *arg;

	/* Not the caller's. */
	const char *name;
	int fd; /* -1 between files */
	bool regular;
	off_t offset; /* of a regular file */
	off_t size;
	uint64_t claimed; /* chunks */
	bool begun; /* the first word is there */
	bool planned; /* @last is still in the file, before @offset */
	bool ended;
	uint8_t last[VRNG_FIPS_WORD_BYTES]; /* what the next block follows */
	uint8_t carry[VRNG_FIPS_BLOCK_BYTES]; /* read, and no block yet */
	size_t carried;
};

/* -errno and @error where one of the names cannot be read. Opens nothing. */
int rngtest_input_check(char *const *names, struct vrng_error *error);

/* Bytes that are known to be there; 0: who can say. */
uint64_t rngtest_input_size(char *const *names);

/* To be called with all but the private fields set, and these zero. */
void rngtest_input_begin(struct rngtest_input *input);

/*
 * Fill @chunk with what comes next; false where the chunk before was the last.
 * A chunk may have no blocks, if it has an end.
 */
bool rngtest_input_claim(struct rngtest_input *input,
			 struct rngtest_chunk *chunk);

/* Read what was claimed. Any thread, without a lock; its end may change. */
void rngtest_input_fetch(struct rngtest_chunk *chunk);

/* No claim will succeed any more. */
void rngtest_input_stop(struct rngtest_input *input);

/* Leaves stdin, if a file, where reading ended. */
void rngtest_input_close(struct rngtest_input *input);

#endif
