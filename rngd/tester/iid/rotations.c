// SPDX-License-Identifier: GPL-2.0-or-later
/* The rotations of a block: see rotations.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/tester/iid/rotations.h"

/* A key is the codes of the next words, from the highest bits down. */
#define KEY_BITS 64u

/* The first bits of keys tell the buckets of the first round, then of others. */
#define FIRST_BITS 16u
#define NEXT_BITS  8u

#define FEW	 24 /* rotations that are sorted by insertion */
#define ALIKE	 4096 /* the most that have the same key */
#define PATIENCE 64 /* comparisons of words, for each word of a block */

struct vrng_rotation {
	uint64_t key;
	uint32_t at; /* index of its first word */
};

int vrng_rotations_init(struct vrng_rotations *rotations, size_t words)
{
	struct vrng_rotations *r = rotations;

	*r = (struct vrng_rotations){
		.room = words,
		.list = malloc(words * sizeof(*r->list)),
		.spare = malloc(words * sizeof(*r->spare)),
		.ranks = malloc(words * sizeof(*r->ranks)),
		.starts = malloc(((1u << FIRST_BITS) + 1) * sizeof(*r->starts)),
		.order = malloc(words * sizeof(*r->order)),
	};
	return r->list && r->spare && r->ranks && r->starts && r->order ?
		       0 :
		       -ENOMEM;
}

static void wipe(void *bytes, size_t len)
{
	if (bytes)
		explicit_bzero(bytes, len);
	free(bytes);
}

void vrng_rotations_free(struct vrng_rotations *rotations)
{
	struct vrng_rotations *r = rotations;

	wipe(r->list, r->room * sizeof(*r->list));
	wipe(r->spare, r->room * sizeof(*r->spare));
	wipe(r->ranks, r->room * sizeof(*r->ranks));
	wipe(r->order, r->room * sizeof(*r->order));
	free(r->starts);
}

/* ----------------------------------------------------------- word by word */

/* The seam's rank is that of its word, or between two words. */
static void find_ranks(struct vrng_rotations *r, const struct vrng_block *block)
{
	const struct vrng_words *words = block->words;
	unsigned int code;
	size_t i;

	for (i = 0; i < block->count; i++)
		r->ranks[i] =
			(uint16_t)(2 * words->codes[block->samples[i]] + 1);
	if (!block->seam.len)
		return;
	for (code = 0; code < words->count; code++)
		if (words->list[code].text >= block->seam.text)
			break;
	r->ranks[i] = (uint16_t)(2 * code);
	if (code < words->count && words->list[code].text == block->seam.text)
		r->ranks[i]++;
}

static bool gave_up(const struct vrng_rotations *r)
{
	return !r->patience;
}

/* Is rotation @a less than @b, if their first @equal words are the same? */
static bool less(struct vrng_rotations *r, size_t a, size_t b, size_t equal)
{
	size_t left;

	a = (a + equal) % r->count;
	b = (b + equal) % r->count;
	for (left = r->count; left && r->patience; left--) {
		r->patience--;
		if (r->ranks[a] != r->ranks[b])
			return r->ranks[a] < r->ranks[b];
		a = a + 1 < r->count ? a + 1 : 0;
		b = b + 1 < r->count ? b + 1 : 0;
	}
	r->patience = 0; /* all words are equal, or too many */
	return false;
}

/* -------------------------------------------------------------- the keys */

struct keys {
	const struct vrng_words *words;
	const uint8_t *samples;
	unsigned int bits; /* of a code */
	uint64_t key;
};

/* Go on to the rotation that begins one word earlier, at @at. */
static inline uint64_t previous_key(struct keys *keys, size_t at)
{
	const uint64_t code = keys->words->codes[keys->samples[at]];

	keys->key = keys->key >> keys->bits | code << (KEY_BITS - keys->bits);
	return keys->key;
}

/* Sort a few rotations with keys. */
static void insert(struct vrng_rotations *r, struct vrng_rotation *list,
		   size_t count, size_t words)
{
	struct vrng_rotation new;
	size_t i, at;

	for (i = 1; i < count; i++) {
		new = list[i];
		for (at = i; at; at--) {
			if (list[at - 1].key < new.key)
				break;
			if (list[at - 1].key == new.key &&
			    !less(r, new.at, list[at - 1].at, words))
				break;
			list[at] = list[at - 1];
		}
		list[at] = new;
	}
}

/* Sort rotations that have the same key, and so the same first @words. */
static void insert_alike(struct vrng_rotations *r, struct vrng_rotation *list,
			 size_t count, size_t words)
{
	struct vrng_rotation new;
	size_t i, low, high, middle;

	if (count > ALIKE)
		r->patience = 0;
	for (i = 1; i < count && !gave_up(r); i++) {
		new = list[i];
		for (low = 0, high = i; low < high;) {
			middle = (low + high) / 2;
			if (less(r, list[middle].at, new.at, words))
				low = middle + 1;
			else
				high = middle;
		}
		memmove(list + low + 1, list + low, (i - low) * sizeof(*list));
		list[low] = new;
	}
}

/*
 * Sort rotations whose keys differ in the lowest @bits only. A key has @words
 * that are whole.
 */
static void sort_bucket(struct vrng_rotations *r, struct vrng_rotation *list,
			size_t count, unsigned int bits, size_t words)
{
	uint32_t starts[(1u << NEXT_BITS) + 1] = { 0 }, ends[1u << NEXT_BITS];
	const uint64_t mask = (1u << NEXT_BITS) - 1;
	unsigned int b;
	size_t i;

	if (count <= FEW) {
		insert(r, list, count, words);
		return;
	}
	if (!bits) {
		insert_alike(r, list, count, words);
		return;
	}
	bits -= NEXT_BITS;
	for (i = 0; i < count; i++)
		starts[(list[i].key >> bits & mask) + 1]++;
	for (b = 0; b <= mask; b++) {
		starts[b + 1] += starts[b];
		ends[b] = starts[b];
	}
	memcpy(r->spare, list, count * sizeof(*list));
	for (i = 0; i < count; i++)
		list[ends[r->spare[i].key >> bits & mask]++] = r->spare[i];
	for (b = 0; b <= mask && !gave_up(r); b++)
		sort_bucket(r, list + starts[b], starts[b + 1] - starts[b],
			    bits, words);
}

/* Sort the first @count rotations, whose keys have no part of the seam. */
static void sort_keys(struct vrng_rotations *r, const struct vrng_block *block,
		      size_t count)
{
	const unsigned int bits = KEY_BITS - FIRST_BITS;
	const struct keys begin = { block->words, block->samples,
				    block->words->code_bits, 0 };
	struct keys keys = begin;
	uint32_t *starts = r->starts, start = 0, size;
	uint64_t key;
	size_t i;

	memset(starts, 0, ((1u << FIRST_BITS) + 1) * sizeof(*starts));
	for (i = block->count; i-- > 0;) {
		key = previous_key(&keys, i);
		starts[key >> bits] += i < count;
	}
	for (i = 0; i < 1u << FIRST_BITS; i++) {
		size = starts[i];
		starts[i] = start;
		start += size;
	}
	keys = begin;
	for (i = block->count; i-- > 0;) {
		key = previous_key(&keys, i);
		if (i < count)
			r->list[starts[key >> bits]++] =
				(struct vrng_rotation){ key, (uint32_t)i };
	}
	/* Now a bucket's start is that of the next. */
	for (i = 0, start = 0; i < 1u << FIRST_BITS && !gave_up(r); i++) {
		sort_bucket(r, r->list + start, starts[i] - start, bits,
			    KEY_BITS / begin.bits);
		start = starts[i];
	}
}

/* ------------------------------------------------------- near the seam */

/* Returns how many of the first @count in the order are less than @rotation. */
static size_t find_place(struct vrng_rotations *r, size_t count,
			 size_t rotation)
{
	size_t low = 0, high = count, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (less(r, r->order[middle], rotation, 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Put the others, which are few, into the order of the first @count. */
static void insert_rest(struct vrng_rotations *r, size_t count)
{
	size_t place;

	for (; count < r->count && !gave_up(r); count++) {
		place = find_place(r, count, count);
		memmove(r->order + place + 1, r->order + place,
			(count - place) * sizeof(*r->order));
		r->order[place] = (uint32_t)count;
	}
}

bool vrng_rotations_sort(struct vrng_rotations *rotations,
			 const struct vrng_block *block)
{
	const size_t near = (KEY_BITS - 1) / block->words->code_bits + 1;
	struct vrng_rotations *r = rotations;
	size_t count, i;

	r->count = vrng_block_words(block);
	if (r->count > r->room)
		return false;
	r->patience = PATIENCE * (r->count + near);
	count = r->count > near ? r->count - near : 0;
	find_ranks(r, block);
	sort_keys(r, block, count);
	for (i = 0; i < count; i++)
		r->order[i] = r->list[i].at;
	insert_rest(r, count);
	return !gave_up(r);
}
