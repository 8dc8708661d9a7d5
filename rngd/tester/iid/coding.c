// SPDX-License-Identifier: GPL-2.0-or-later
/* The size of a coded block: see coding.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "rngd/tester/iid/coding.h"
#include "rngd/tester/iid/front.h"
#include "rngd/tester/iid/prefix_code.h"

#define GROUP  50u /* symbols */
#define ROUNDS 4 /* in which the tables are improved */
#define TABLES 6u

/* Magic number, check sum, a bit, and the place of the block's begin. */
#define HEAD_BITS (48 + 32 + 1 + 24)

/* Which characters occur: of 256, then 16 more bits where one in 16 does. */
#define MAP_BITS 16
#define DIGITS	 0x7feu

int vrng_coding_init(struct vrng_coding *coding, size_t len)
{
	/* One symbol more ends the block. */
	const size_t room = len / GROUP + 1;

	*coding = (struct vrng_coding){
		.room = room,
		.len = len,
		.symbols = malloc(VRNG_FRONT_ROOM(len)),
		.groups = malloc(room * sizeof(*coding->groups)),
		.tables = malloc(room * sizeof(*coding->tables)),
	};
	return coding->symbols && coding->groups && coding->tables ? 0 :
								     -ENOMEM;
}

void vrng_coding_free(struct vrng_coding *coding)
{
	if (coding->symbols)
		explicit_bzero(coding->symbols, VRNG_FRONT_ROOM(coding->len));
	if (coding->groups)
		explicit_bzero(coding->groups,
			       coding->room * sizeof(*coding->groups));
	free(coding->symbols);
	free(coding->groups);
	free(coding->tables);
}

/* -------------------------------------------------------------------- groups */

/* The counts of a group are the bytes of two words. */
static struct vrng_group count_group(const uint8_t *symbols, size_t len,
				     uint64_t one[VRNG_SYMBOLS][2])
{
	uint64_t counts[2] = { 0 };
	struct vrng_group group;
	size_t i;

	for (i = 0; i < len; i++) {
		counts[0] += one[symbols[i]][0];
		counts[1] += one[symbols[i]][1];
	}
	memcpy(&group, counts, sizeof(group));
	return group;
}

static void count_groups(struct vrng_coding *coding, size_t total)
{
	uint64_t one[VRNG_SYMBOLS][2] = { { 0 } };
	const uint8_t *symbols = coding->symbols;
	struct vrng_group *group = coding->groups;
	size_t i;

	for (i = 0; i < VRNG_SYMBOLS; i++)
		((uint8_t *)one[i])[i] = 1;
	for (i = 0; i + GROUP <= total; i += GROUP)
		*group++ = count_group(symbols + i, GROUP, one);
	if (i < total)
		*group = count_group(symbols + i, total - i, one);
}

/* -------------------------------------------------------------------- tables */

struct tables {
	unsigned int count; /* 2 to 6 */
	unsigned int symbols; /* 3 to 13 */
	size_t groups;
	uint32_t uses[TABLES][VRNG_SYMBOLS]; /* of symbols in its groups */
	uint8_t lengths[TABLES][VRNG_SYMBOLS];
};

static unsigned int count_tables(size_t symbols)
{
	return symbols < 200  ? 2 :
	       symbols < 600  ? 3 :
	       symbols < 1200 ? 4 :
	       symbols < 2400 ? 5 :
				6;
}

/*
 * The first tables, from the last one on, each prefer some symbols, which
 * together are an equal share of those that are left.
 */
static void first_tables(struct tables *tables,
			 const uint32_t frequencies[VRNG_SYMBOLS], size_t total)
{
	unsigned int table = tables->count, begin = 0, end, i;
	size_t share, have;

	while (table) {
		share = total / table;
		have = 0;
		for (end = begin; have < share && end < tables->symbols; end++)
			have += frequencies[end];
		/* Every other table has its last symbol taken back. */
		if (end > begin + 1 && table != tables->count && table != 1 &&
		    (tables->count - table) % 2)
			have -= frequencies[--end];
		table--;
		for (i = 0; i < tables->symbols; i++)
			tables->lengths[table][i] =
				i >= begin && i < end ? 0 : 15;
		begin = end;
		total -= have;
	}
}

/* The table that takes the fewest bits for @group; of several the first. */
static unsigned int best_table(const struct vrng_group *group,
			       uint16_t lengths[VRNG_SYMBOLS][8])
{
	uint16_t bits[8] = { 0 };
	unsigned int symbol, table, best = 0;

	for (symbol = 0; symbol < VRNG_SYMBOLS; symbol++)
		for (table = 0; table < 8; table++)
			bits[table] =
				(uint16_t)(bits[table] +
					   group->counts[symbol] *
						   lengths[symbol][table]);
	for (table = 1; table < TABLES; table++)
		if (bits[table] < bits[best])
			best = table;
	return best;
}

/* Choose a table for each group, and count what it is used for. */
static void choose(struct vrng_coding *coding, struct tables *tables)
{
	uint16_t lengths[VRNG_SYMBOLS][8] = { { 0 } };
	unsigned int symbol, table;
	size_t i;

	for (symbol = 0; symbol < VRNG_SYMBOLS; symbol++)
		for (table = 0; table < TABLES; table++)
			lengths[symbol][table] =
				table < tables->count ?
					tables->lengths[table][symbol] :
					UINT8_MAX;
	memset(tables->uses, 0, sizeof(tables->uses));
	for (i = 0; i < tables->groups; i++) {
		const struct vrng_group *group = &coding->groups[i];

		table = best_table(group, lengths);
		coding->tables[i] = (uint8_t)table;
		for (symbol = 0; symbol < VRNG_SYMBOLS; symbol++)
			tables->uses[table][symbol] += group->counts[symbol];
	}
}

/* ---------------------------------------------------------------------- bits */

/* The tables' numbers are moved to front, and written in ones and a zero. */
static size_t selector_bits(const struct vrng_coding *coding, size_t groups)
{
	uint8_t list[TABLES] = { 0, 1, 2, 3, 4, 5 };
	size_t bits = 0, i;
	unsigned int at;

	for (i = 0; i < groups; i++) {
		for (at = 0; list[at] != coding->tables[i]; at++)
			;
		memmove(list + 1, list, at);
		list[0] = coding->tables[i];
		bits += at + 1;
	}
	return bits;
}

/* The first length, then each one's distance from that before it. */
static size_t table_bits(const uint8_t *lengths, unsigned int symbols)
{
	size_t bits = 5;
	unsigned int i;

	for (i = 0; i < symbols; i++)
		bits += 1 + (i ? 2u * (unsigned int)abs(lengths[i] -
							lengths[i - 1]) :
				 0);
	return bits;
}

static size_t map_bits(unsigned int chars)
{
	return MAP_BITS +
	       MAP_BITS * (size_t)((chars & 1) + ((chars & DIGITS) != 0));
}

size_t vrng_coding_bits(struct vrng_coding *coding, const uint8_t *column,
			size_t len, unsigned int chars)
{
	const size_t total =
		vrng_front_write(column, len, chars, coding->symbols);
	uint32_t frequencies[VRNG_SYMBOLS] = { 0 };
	struct tables t = {
		.count = count_tables(total),
		.symbols = (unsigned int)__builtin_popcount(chars) + 2,
		.groups = howmany(total, GROUP),
	};
	size_t bits = HEAD_BITS + map_bits(chars) + 3 + 15, i;
	unsigned int round, table, symbol;

	count_groups(coding, total);
	for (i = 0; i < t.groups; i++)
		for (symbol = 0; symbol < VRNG_SYMBOLS; symbol++)
			frequencies[symbol] += coding->groups[i].counts[symbol];
	first_tables(&t, frequencies, total);
	for (round = 0; round < ROUNDS; round++) {
		choose(coding, &t);
		for (table = 0; table < t.count; table++)
			vrng_prefix_code(t.lengths[table], t.uses[table],
					 t.symbols);
	}
	bits += selector_bits(coding, t.groups);
	for (table = 0; table < t.count; table++) {
		bits += table_bits(t.lengths[table], t.symbols);
		for (symbol = 0; symbol < t.symbols; symbol++)
			bits += (size_t)t.uses[table][symbol] *
				t.lengths[table][symbol];
	}
	return bits;
}
