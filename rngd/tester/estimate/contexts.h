/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tuples of one length, 1 to 16 bytes, of a string, and counts of what
 * followed each: the models of the MultiMMC and LZ78Y predictors (SP 800-90B,
 * 6.3.9 and 6.3.10). Tuples of bits are few; these predictors count them in
 * plain arrays.
 *
 * Used by one thread at a time.
 */
#ifndef RNGD_TESTER_ESTIMATE_CONTEXTS_H
#define RNGD_TESTER_ESTIMATE_CONTEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VRNG_CONTEXT_BYTES 16
#define VRNG_NO_CONTEXT	   UINT32_MAX

/* The last 16 bytes of a string; the latest is the lowest byte of lo. */
struct vrng_tuple {
	uint64_t lo;
	uint64_t hi;
};

struct vrng_context {
	struct vrng_tuple tuple;
	uint32_t best_count; /* how often the most common follower came */
	uint8_t best; /* the most common follower; of several the greatest */
};

/* A context and a sample that followed it. */
struct vrng_pair {
	uint32_t key; /* the context's number, the sample, and a 1; 0 is free */
	uint32_t count; /* how often that came */
};

struct vrng_contexts {
	struct vrng_tuple mask; /* ones at the bytes of the tuple */
	struct vrng_context *list; /* by number, in order of appearance */
	uint32_t count; /* contexts in the list */
	uint32_t room; /* contexts that the list has memory for */
	uint32_t *slots; /* hash table: tag and number + 1; 0 is free */
	uint32_t slot_bits; /* log2 of its size */
	struct vrng_pair *pairs; /* hash table */
	uint32_t pair_count; /* pairs in the table */
	uint32_t pair_bits; /* log2 of its size */
};

static inline void vrng_tuple_push(struct vrng_tuple *tuple, uint8_t s)
{
	tuple->hi = tuple->hi << 8 | tuple->lo >> 56;
	tuple->lo = tuple->lo << 8 | s;
}

/* For tuples of @len bytes. 0 or -ENOMEM; the caller frees in either case. */
int vrng_contexts_init(struct vrng_contexts *contexts, unsigned int len);
void vrng_contexts_free(struct vrng_contexts *contexts);

/*
 * Returns the number of the context that @tuple ends with, or VRNG_NO_CONTEXT.
 */
uint32_t vrng_contexts_find(const struct vrng_contexts *contexts,
			    const struct vrng_tuple *tuple);

/*
 * Add the context that @tuple ends with, which must not be there yet, and set
 * *@number. Returns 0, or -ENOMEM, also for more than 2^18 - 1 contexts.
 */
int vrng_contexts_add(struct vrng_contexts *contexts,
		      const struct vrng_tuple *tuple, uint32_t *number);

/*
 * Count that @next followed context @number. A new pair is added only if
 * @may_add. Returns 1 if a pair was added, 0 if not, or -ENOMEM.
 */
int vrng_contexts_count(struct vrng_contexts *contexts, uint32_t number,
			uint8_t next, bool may_add);

#endif
