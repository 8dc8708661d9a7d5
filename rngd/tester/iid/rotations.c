// SPDX-License-Identifier: GPL-2.0-or-later
/* The rotations of a block: see rotations.h. */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/tester/iid/rotations.h"

/*
 * A key is the codes of the next words, as the highest bits. Eight bytes have so
 * many of them, wherever among the bits of a byte they begin.
 */
#define KEY_BITS 56u

/* The first bits of keys are sorted in two rounds, the others eight at a time. */
#define FIRST_BITS 24u
#define ROUND_BITS (FIRST_BITS / 2)
#define NEXT_BITS  8u

/* A rotation between these rounds: the bits of the second, and its index. */
#define AT_BITS 20u
#define AT_MASK ((1u << AT_BITS) - 1)

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
		.codes = malloc(words + sizeof(uint64_t)),
		.half = malloc(words * sizeof(*r->half)),
		.order = malloc(words * sizeof(*r->order)),
	};
	return r->list && r->spare && r->ranks && r->codes && r->half &&
			       r->order ?
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
	wipe(r->codes, r->room + sizeof(uint64_t));
	wipe(r->half, r->room * sizeof(*r->half));
	wipe(r->order, r->room * sizeof(*r->order));
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

/* The codes of all words, without gaps, and zeros after them. */
static void pack_codes(struct vrng_rotations *r, const struct vrng_block *block)
{
	const unsigned int bits = block->words->code_bits;
	uint8_t *to = r->codes;
	uint64_t codes = 0;
	unsigned int have = 0;
	size_t i;

	for (i = 0; i < block->count; i++) {
		codes = codes << bits | block->words->codes[block->samples[i]];
		have += bits;
		if (have >= 8) {
			have -= 8;
			*to++ = (uint8_t)(codes >> have);
		}
	}
	*to++ = (uint8_t)(codes << (8 - have));
	memset(to, 0, sizeof(uint64_t) - 1);
	r->code_bits = bits;
}

static inline uint64_t key_at(const struct vrng_rotations *r, size_t at)
{
	const size_t bit = at * r->code_bits;
	uint64_t key;

	memcpy(&key, r->codes + bit / 8, sizeof(key));
	return be64toh(key) << bit % 8 >> (64 - KEY_BITS);
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

static unsigned int second_digit(uint64_t key)
{
	return (unsigned int)(key >> (KEY_BITS - ROUND_BITS));
}

static unsigned int first_digit(uint64_t key)
{
	return (unsigned int)(key >> (KEY_BITS - FIRST_BITS)) &
	       ((1u << ROUND_BITS) - 1);
}

/* Make begins of counts. */
static void add_up(uint32_t *counts)
{
	uint32_t begin = 0, count;
	unsigned int i;

	for (i = 0; i < 1u << ROUND_BITS; i++) {
		count = counts[i];
		counts[i] = begin;
		begin += count;
	}
}

/* Sort the first @count rotations by the first bits of their keys. */
static void sort_first(struct vrng_rotations *r, size_t count)
{
	uint32_t first[1u << ROUND_BITS] = { 0 };
	uint32_t second[1u << ROUND_BITS] = { 0 };
	uint64_t key;
	uint32_t half;
	size_t i;

	for (i = 0; i < count; i++) {
		key = key_at(r, i);
		first[first_digit(key)]++;
		second[second_digit(key)]++;
	}
	add_up(first);
	add_up(second);
	for (i = 0; i < count; i++) {
		key = key_at(r, i);
		r->half[first[first_digit(key)]++] =
			second_digit(key) << AT_BITS | (uint32_t)i;
	}
	for (i = 0; i < count; i++) {
		half = r->half[i];
		r->order[second[half >> AT_BITS]++] = half & AT_MASK;
	}
}

/* Sort a part of the order whose keys have the same first bits. */
static void sort_same(struct vrng_rotations *r, uint32_t *order, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		r->list[i] =
			(struct vrng_rotation){ key_at(r, order[i]), order[i] };
	sort_bucket(r, r->list, count, KEY_BITS - FIRST_BITS,
		    KEY_BITS / r->code_bits);
	for (i = 0; i < count; i++)
		order[i] = r->list[i].at;
}

static uint64_t first_bits(const struct vrng_rotations *r, size_t i)
{
	return key_at(r, r->order[i]) >> (KEY_BITS - FIRST_BITS);
}

/* Sort the first @count rotations, whose keys have no part of the seam. */
static void sort_keys(struct vrng_rotations *r, size_t count)
{
	size_t begin, end;
	uint64_t same;

	sort_first(r, count);
	for (begin = 0; begin < count && !gave_up(r); begin = end) {
		same = first_bits(r, begin);
		for (end = begin + 1; end < count; end++)
			if (first_bits(r, end) != same)
				break;
		if (end - begin > 1)
			sort_same(r, r->order + begin, end - begin);
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
	size_t count;

	r->count = vrng_block_words(block);
	if (!r->count || r->count > r->room || r->count > AT_MASK)
		return false;
	r->patience = PATIENCE * (r->count + near);
	count = r->count > near ? r->count - near : 0;
	find_ranks(r, block);
	pack_codes(r, block);
	sort_keys(r, count);
	insert_rest(r, count);
	return !gave_up(r);
}
