// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counts of what followed each tuple: see contexts.h. Two hash tables with open
 * addressing, at most half full. Entries are never removed.
 */
#include <errno.h>
#include <stdlib.h>

#include "rngd/tester/estimate/contexts.h"

#define FIRST_BITS 10 /* a new table has 1,024 slots, for 512 entries */

/* A slot: a context's number + 1 in the low bits, a tag from its hash above. */
#define NUMBER_BITS 18
#define NUMBER_MASK ((1u << NUMBER_BITS) - 1)

/* The finalizer of MurmurHash3: each bit of @x changes half of the result. */
static uint64_t mix(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdull;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ull;
	x ^= x >> 33;
	return x;
}

static struct vrng_tuple cut(const struct vrng_contexts *contexts,
			     const struct vrng_tuple *tuple)
{
	return (struct vrng_tuple){ .lo = tuple->lo & contexts->mask.lo,
				    .hi = tuple->hi & contexts->mask.hi };
}

static uint64_t hash(const struct vrng_tuple *tuple)
{
	return mix(tuple->lo ^ mix(tuple->hi));
}

int vrng_contexts_init(struct vrng_contexts *contexts, unsigned int len)
{
	*contexts = (struct vrng_contexts){
		.mask.lo = len < 8 ? (1ull << 8 * len) - 1 : ~0ull,
		.mask.hi = len <= 8 ? 0 :
			   len < 16 ? (1ull << 8 * (len - 8)) - 1 :
				      ~0ull,
		.slot_bits = FIRST_BITS,
		.pair_bits = FIRST_BITS,
	};
	contexts->slots = calloc(1u << FIRST_BITS, sizeof(*contexts->slots));
	contexts->pairs = calloc(1u << FIRST_BITS, sizeof(*contexts->pairs));
	return contexts->slots && contexts->pairs ? 0 : -ENOMEM;
}

void vrng_contexts_free(struct vrng_contexts *contexts)
{
	free(contexts->list);
	free(contexts->slots);
	free(contexts->pairs);
	*contexts = (struct vrng_contexts){ 0 };
}

/* ---------------------------------------------------------------- tuples */

static uint32_t tag_of(uint64_t hash)
{
	return (uint32_t)hash & ~NUMBER_MASK;
}

/*
 * The high bits of the hash are the index; the tag is taken from the low ones.
 */
static uint32_t first_slot(const struct vrng_contexts *contexts, uint64_t hash)
{
	return (uint32_t)(hash >> (64 - contexts->slot_bits));
}

uint32_t vrng_contexts_find(const struct vrng_contexts *contexts,
			    const struct vrng_tuple *tuple)
{
	const struct vrng_tuple want = cut(contexts, tuple);
	const uint32_t mask = (1u << contexts->slot_bits) - 1;
	const uint64_t h = hash(&want);
	const struct vrng_context *context;
	uint32_t i, slot;

	for (i = first_slot(contexts, h); (slot = contexts->slots[i]) != 0;
	     i = (i + 1) & mask) {
		if ((slot & ~NUMBER_MASK) != tag_of(h))
			continue;
		context = &contexts->list[(slot & NUMBER_MASK) - 1];
		if (context->tuple.lo == want.lo &&
		    context->tuple.hi == want.hi)
			return (slot & NUMBER_MASK) - 1;
	}
	return VRNG_NO_CONTEXT;
}

static void enter(struct vrng_contexts *contexts, uint32_t number)
{
	const uint32_t mask = (1u << contexts->slot_bits) - 1;
	const uint64_t h = hash(&contexts->list[number].tuple);
	uint32_t i = first_slot(contexts, h);

	while (contexts->slots[i])
		i = (i + 1) & mask;
	contexts->slots[i] = tag_of(h) | (number + 1);
}

static int grow_slots(struct vrng_contexts *contexts)
{
	const uint32_t bits = contexts->slot_bits + 1;
	uint32_t *slots = calloc(1u << bits, sizeof(*slots));
	uint32_t i;

	if (!slots)
		return -ENOMEM;
	free(contexts->slots);
	contexts->slots = slots;
	contexts->slot_bits = bits;
	for (i = 0; i < contexts->count; i++)
		enter(contexts, i);
	return 0;
}

static int grow_list(struct vrng_contexts *contexts)
{
	const uint32_t room = contexts->room ? contexts->room * 2 : 256;
	struct vrng_context *list;

	list = realloc(contexts->list, room * sizeof(*list));
	if (!list)
		return -ENOMEM;
	contexts->list = list;
	contexts->room = room;
	return 0;
}

int vrng_contexts_add(struct vrng_contexts *contexts,
		      const struct vrng_tuple *tuple, uint32_t *number)
{
	const uint32_t half = 1u << (contexts->slot_bits - 1);

	if (contexts->count == NUMBER_MASK)
		return -ENOMEM;
	if (contexts->count == contexts->room && grow_list(contexts))
		return -ENOMEM;
	if (contexts->count == half && grow_slots(contexts))
		return -ENOMEM;
	*number = contexts->count++;
	contexts->list[*number] = (struct vrng_context){
		.tuple = cut(contexts, tuple),
	};
	enter(contexts, *number);
	return 0;
}

/* ----------------------------------------------------------------- pairs */

static uint32_t pair_key(uint32_t number, uint8_t next)
{
	return (number << 8 | next) << 1 | 1;
}

/* Returns the slot that holds @key, or the free slot where it belongs. */
static struct vrng_pair *find_pair(const struct vrng_contexts *contexts,
				   uint32_t key)
{
	const uint32_t mask = (1u << contexts->pair_bits) - 1;
	uint32_t i = (uint32_t)(mix(key) >> (64 - contexts->pair_bits));

	while (contexts->pairs[i].key && contexts->pairs[i].key != key)
		i = (i + 1) & mask;
	return &contexts->pairs[i];
}

static int grow_pairs(struct vrng_contexts *contexts)
{
	const uint32_t size = 1u << contexts->pair_bits;
	struct vrng_pair *old = contexts->pairs;
	uint32_t i;

	contexts->pairs = calloc(size * 2, sizeof(*old));
	contexts->pair_bits++;
	for (i = 0; contexts->pairs && i < size; i++)
		if (old[i].key)
			*find_pair(contexts, old[i].key) = old[i];
	free(old);
	return contexts->pairs ? 0 : -ENOMEM;
}

static void note_best(struct vrng_context *context, uint8_t next,
		      uint32_t count)
{
	if (count < context->best_count ||
	    (count == context->best_count && next < context->best))
		return;
	context->best = next;
	context->best_count = count;
}

int vrng_contexts_count(struct vrng_contexts *contexts, uint32_t number,
			uint8_t next, bool may_add)
{
	const uint32_t key = pair_key(number, next);
	struct vrng_pair *pair = find_pair(contexts, key);
	int added = 0;

	if (!pair->key) {
		if (!may_add)
			return 0;
		if (contexts->pair_count == 1u << (contexts->pair_bits - 1)) {
			if (grow_pairs(contexts))
				return -ENOMEM;
			pair = find_pair(contexts, key);
		}
		pair->key = key;
		contexts->pair_count++;
		added = 1;
	}
	note_best(&contexts->list[number], next, ++pair->count);
	return added;
}
