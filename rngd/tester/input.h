/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The input: files one after another, as if they were one, cut into chunks of
 * whole blocks that can be fetched and tested in parallel.
 *
 * Chunks are claimed in the input's order, by one thread at a time, and then
 * fetched in parallel. A claim of a chunk of a regular file only notes where
 * the chunk is. For other files the claim reads it: it waits for one block and
 * takes more only if it is there.
 */
#ifndef RNGD_TESTER_INPUT_H
#define RNGD_TESTER_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vrng/fips.h"
#include "vrng/error.h"

/* Large enough to make claims cheap, small enough for a processor's cache. */
#define RNGTEST_CHUNK_BLOCKS 100
#define RNGTEST_CHUNK_BYTES  (RNGTEST_CHUNK_BLOCKS * VRNG_FIPS_BLOCK_BYTES)

struct rngtest_chunk {
	uint8_t *bytes; /* the word before the first block, then the blocks */
	uint64_t number; /* 0, 1, 2, ... */
	bool first; /* the word before is the input's first */
	unsigned int blocks; /* whole ones, 0 to RNGTEST_CHUNK_BLOCKS */
	size_t rest; /* bytes after the last block, if the input ends there */
	uint64_t received; /* bytes read for this chunk, with skipped ones */
	uint64_t ns; /* time that reading took */
	/*
	 * 0 if more may follow. Otherwise the input ends after the blocks of
	 * this chunk: -ENODATA at the end of the last file, -EINTR when a stop
	 * was requested, another negative errno on failure.
	 */
	int end;
	struct vrng_error error; /* set on failure */

	/* Private: the place in a regular file that is still to be fetched. */
	int fd; /* -1: nothing to fetch */
	off_t offset;
};

/* 0 or -ENOMEM. */
int rngtest_chunk_init(struct rngtest_chunk *chunk);

/* Wipes and frees the bytes. */
void rngtest_chunk_free(struct rngtest_chunk *chunk);

static inline const uint8_t *rngtest_chunk_block(const struct rngtest_chunk *c,
						 unsigned int n)
{
	return c->bytes + VRNG_FIPS_WORD_BYTES +
	       (size_t)n * VRNG_FIPS_BLOCK_BYTES;
}

struct rngtest_input {
	char *const *names; /* NULL after the last; "-" is stdin */
	uint64_t blocks; /* how many are left to read; UINT64_MAX: all */
	unsigned int skip; /* bytes to skip before the first word, 0 to 4 */
	/* While there is no input, idle is called after idle_ms, -1: never. */
	void (*idle)(void *arg);
	int (*idle_ms)(void *arg);
	void *arg;

	/* Private. */
	const char *name; /* of the current file */
	int fd; /* -1 between files */
	bool regular;
	off_t offset; /* of a regular file */
	off_t size; /* of a regular file, when it was opened */
	uint64_t claimed; /* chunks */
	bool begun; /* the first word was read */
	bool planned; /* last is to be read from the file, before offset */
	bool ended;
	uint8_t last[VRNG_FIPS_WORD_BYTES]; /* the word before the next block */
	uint8_t carry[VRNG_FIPS_BLOCK_BYTES]; /* bytes of an incomplete block */
	size_t carried;
};

/*
 * Check that all names can be read, without opening them. Returns 0, or a
 * negative errno with @error set.
 */
int rngtest_input_check(char *const *names, struct vrng_error *error);

/* The size of all files in bytes; 0 if one of them is not a regular file. */
uint64_t rngtest_input_size(char *const *names);

/* Begin. The caller has set the public members; the private ones are zero. */
void rngtest_input_begin(struct rngtest_input *input);

/*
 * Claim the next chunk. Returns false if there is none, because the chunk
 * before had an end or all blocks were claimed. A chunk with an end may have no
 * blocks. One thread at a time.
 */
bool rngtest_input_claim(struct rngtest_input *input,
			 struct rngtest_chunk *chunk);

/*
 * Read a claimed chunk. If that fails, the chunk gets an end. Any thread may
 * call, without a lock.
 */
void rngtest_input_fetch(struct rngtest_chunk *chunk);

/* Close and wipe. stdin, if a regular file, is left where reading ended. */
void rngtest_input_close(struct rngtest_input *input);

#endif
