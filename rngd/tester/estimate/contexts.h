/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What followed each of a string's tuples of one length, 1 to 16 bytes, and how
 * often: the models of the MultiMMC and LZ78Y predictors. (Of bits there are so
 * few tuples that those predictors count in plain arrays.)
 */
#ifndef RNGD_TESTER_ESTIMATE_CONTEXTS_H
#define RNGD_TESTER_ESTIMATE_CONTEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VRNG_CONTEXT_BYTES 16
#define VRNG_NO_CONTEXT	   UINT32_MAX

/* The last 16 bytes that were seen, the latest one lowest in lo. */
struct vrng_tuple {
	uint64_t lo;
	uint64_t hi;
};

struct vrng_context {
	struct vrng_tuple tuple;
	uint32_t best_count; /* how often what followed most often did */
	uint8_t best; /* that; of several the greatest */
};

struct vrng_contexts {
	struct vrng_tuple mask; /* of the bytes that matter */
	struct vrng_context *list; /* numbered in order of appearance */
	uint32_t count;
	uint32_t room;
	uint32_t *slots; /* hash table: tag and number + 1, 0 is free */
	uint32_t slot_bits;
	uint64_t *pairs; /* hash table: number, follower and 1, 0 is free */
	uint32_t *pair_counts;
	uint32_t pair_count;
	uint32_t pair_bits;
};

static inline void vrng_tuple_push(struct vrng_tuple *tuple, uint8_t s)
{
	tuple->hi = tuple->hi << 8 | tuple->lo >> 56;
	tuple->lo = tuple->lo << 8 | s;
}

/* 0 or -ENOMEM; to be freed in either case. */
int vrng_contexts_init(struct vrng_contexts *contexts, unsigned int len);
void vrng_contexts_free(struct vrng_contexts *contexts);

/* The number of the context that ends @tuple, or VRNG_NO_CONTEXT. */
uint32_t vrng_contexts_find(const struct vrng_contexts *contexts,
			    const struct vrng_tuple *tuple);

/* Add one that is not there. 0 or -ENOMEM. */
int vrng_contexts_add(struct vrng_contexts *contexts,
		      const struct vrng_tuple *tuple, uint32_t *number);

/*
 * Count that @next followed context @number. If it never did before, that is
 * noted only if @may_add. 1 if it was noted first, 0 if not, or -ENOMEM.
 */
int vrng_contexts_count(struct vrng_contexts *contexts, uint32_t number,
			uint8_t next, bool may_add);

#endif
