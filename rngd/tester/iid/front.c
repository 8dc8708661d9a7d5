// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A column, moved to front: see front.h. Each step depends on the one before it. So
 * a column is divided, and its parts are written at the same time: what a part
 * begins with is known from the last characters before it.
 */
#include <stdbool.h>
#include <string.h>

#include "rngd/tester/iid/front.h"

#define PARTS 3

/* What a part writes beyond its symbols. */
#define SLACK 8

/* Runs whose digits are in a table: those of up to four digits. */
#define RUNS 31u

#define EACH 0x1111111111111111ULL

struct run {
	uint8_t digits[4];
	uint8_t len;
};

/* A part of the column. */
struct part {
	const uint8_t *column;
	size_t len;
	uint64_t list; /* characters, the latest lowest, in four bits each */
	size_t zeros; /* that were not written yet */
	uint8_t *to; /* where the next symbol goes */
};

static uint8_t *write_zeros(uint8_t *to, size_t zeros)
{
	for (; zeros; zeros = (zeros - 1) / 2)
		*to++ = (zeros - 1) & 1;
	return to;
}

static void find_runs(struct run runs[RUNS])
{
	unsigned int i;

	for (i = 0; i < RUNS; i++) {
		memset(&runs[i], 0, sizeof(runs[i]));
		runs[i].len = (uint8_t)(write_zeros(runs[i].digits, i) -
					runs[i].digits);
	}
}

/* The list at @at: those that came before it, then the others in their order. */
static uint64_t list_at(const uint8_t *column, size_t at, unsigned int chars)
{
	uint64_t list = ~0ULL; /* no character is 15 */
	unsigned int count = 0, c;

	for (; at && chars; at--) {
		c = column[at - 1];
		if (!(chars >> c & 1))
			continue;
		chars &= ~(1u << c);
		list ^= (uint64_t)(15 ^ c) << 4 * count++;
	}
	for (c = 0; c < 15; c++)
		if (chars >> c & 1)
			list ^= (uint64_t)(15 ^ c) << 4 * count++;
	return list;
}

/* Four times the index of @c in @list. */
static inline unsigned int find(uint64_t list, unsigned int c)
{
	const uint64_t other = list ^ c * EACH;

	/* The lowest bits of zero is the first one that borrows. */
	return (unsigned int)__builtin_ctzll((other - EACH) & ~other &
					     8 * EACH) &
	       ~3u;
}

/*
 * The next character of a part. Whether it is the same as the last one cannot be
 * foreseen, so there is no branch: @other is all ones if it is not, and what is not
 * to stay is written over.
 */
static inline struct part step(struct part part, unsigned int c,
			       const struct run *runs)
{
	const unsigned int at = find(part.list, c);
	const uint64_t before = part.list & ((1ULL << at) - 1);
	const size_t other = -(size_t)(at != 0);

	part.list = (part.list & ~0ULL << at << 4) | before << 4 | c;
	if (part.zeros < RUNS) {
		memcpy(part.to, runs[part.zeros].digits, sizeof(runs->digits));
		part.to += runs[part.zeros].len & other;
	} else if (other) {
		part.to = write_zeros(part.to, part.zeros);
	}
	*part.to = (uint8_t)(at / 4 + 1);
	part.to += other & 1;
	part.zeros = (part.zeros + 1) & ~other;
	return part;
}

static void write_all(struct part parts[PARTS])
{
	struct part a = parts[0], b = parts[1], c = parts[2];
	struct run runs[RUNS];
	size_t least = a.len, i, n;

	find_runs(runs);
	for (n = 0; n < PARTS; n++)
		least = parts[n].len < least ? parts[n].len : least;
	for (i = 0; i < least; i++) {
		a = step(a, a.column[i], runs);
		b = step(b, b.column[i], runs);
		c = step(c, c.column[i], runs);
	}
	parts[0] = a;
	parts[1] = b;
	parts[2] = c;
	for (n = 0; n < PARTS; n++) {
		for (i = least; i < parts[n].len; i++)
			parts[n] = step(parts[n], parts[n].column[i], runs);
		parts[n].to = write_zeros(parts[n].to, parts[n].zeros);
	}
}

size_t vrng_front_write(const uint8_t *column, size_t len, unsigned int chars,
			uint8_t *symbols)
{
	struct part parts[PARTS];
	uint8_t *begins[PARTS], *end = symbols;
	size_t at = 0, next, size;
	unsigned int n;

	for (n = 0; n < PARTS; n++, at = next) {
		next = len / PARTS * (n + 1);
		if (n == PARTS - 1)
			next = len;
		next = next > at ? next : at;
		/* A run is not divided. */
		while (next && next < len && column[next] == column[next - 1])
			next++;
		begins[n] = symbols + at + n * SLACK;
		parts[n] = (struct part){
			.column = column + at,
			.len = next - at,
			.list = list_at(column, at, chars),
			.to = begins[n],
		};
	}
	write_all(parts);
	for (n = 0; n < PARTS; n++, end += size) {
		size = (size_t)(parts[n].to - begins[n]);
		memmove(end, begins[n], size);
	}
	*end++ = (uint8_t)(__builtin_popcount(chars) + 1);
	return (size_t)(end - symbols);
}
