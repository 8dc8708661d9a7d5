// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pieces_shared SNAPSHOT A B: what two clones of a snapshot have read in common, from
 * the snapshot and a dump of each clone's memory; see pieces.c. A piece is shared if
 * 16 bytes in a row of it are in a piece of the other clone.
 *
 * Prints NAME=VALUE:
 *	before=N   pieces that are in the snapshot
 *	after=N    pieces that the clones began to read after the snapshot, the fewer
 *		   of both
 *	shared=N   those of them that are shared, the more of both
 *	held=N     pieces that were being read, and are shared. One of them may be in
 *		   the hands of the hwrng core, or of the program.
 *	lost=N     pieces that were overwritten before the dump; should be 0
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/guest/pieces.h"

#define READERS_MAX 8u
#define WINDOW	    16u
#define WINDOWS	    (PIECE_SIZE - WINDOW + 1)

struct pieces {
	struct piece *piece;
	size_t count, room;
};

/* Pieces by the number that their windows start with; 0 is an empty slot. */
struct table {
	const unsigned char **slot;
	size_t size; /* a power of two */
};

static _Noreturn void die(const char *what, const char *error)
{
	fprintf(stderr, "pieces_shared: %s: %s\n", what, error);
	exit(1);
}

static void add(struct pieces *pieces, const struct piece *piece)
{
	if (pieces->count == pieces->room) {
		pieces->room = pieces->room ? 2 * pieces->room : 4096;
		pieces->piece =
			realloc(pieces->piece, pieces->room * sizeof(*piece));
		if (!pieces->piece)
			die("memory", strerror(errno));
	}
	pieces->piece[pieces->count++] = *piece;
}

static bool is_whole(const struct piece *piece)
{
	return piece->reader < READERS_MAX && piece->number &&
	       piece->check == piece_check(piece);
}

/* Pages of a snapshot begin anywhere in its file. */
static void scan(struct pieces *pieces, const char *data, size_t size)
{
	const uint64_t magic = piece_magic();
	const char *at = data, *end = data + size;
	struct piece piece;

	while ((at = memmem(at, (size_t)(end - at), &magic, sizeof(magic))) &&
	       (size_t)(end - at) >= sizeof(piece)) {
		memcpy(&piece, at, sizeof(piece));
		if (is_whole(&piece))
			add(pieces, &piece);
		at++;
	}
}

static void load(struct pieces *pieces, const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *data;

	if (fd < 0 || fstat(fd, &st))
		die(path, strerror(errno));
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		die(path, strerror(errno));
	close(fd);
	scan(pieces, data, (size_t)st.st_size);
	munmap(data, (size_t)st.st_size);
	if (!pieces->count)
		die(path, "no pieces");
}

/* The last number of each reader. */
static void last_numbers(const struct pieces *pieces, uint64_t *last)
{
	size_t i;

	for (i = 0; i < pieces->count; i++) {
		const struct piece *piece = &pieces->piece[i];

		if (piece->number > last[piece->reader])
			last[piece->reader] = piece->number;
	}
}

/* Leave only the pieces that are not in the snapshot. */
static void drop_old(struct pieces *pieces, const uint64_t *last)
{
	size_t i, kept = 0;

	for (i = 0; i < pieces->count; i++)
		if (pieces->piece[i].number > last[pieces->piece[i].reader])
			pieces->piece[kept++] = pieces->piece[i];
	pieces->count = kept;
}

/* Numbers go on from last + 1. How many are missing? */
static unsigned long lost(const struct pieces *pieces, const uint64_t *last)
{
	uint64_t end[READERS_MAX] = { 0 }, want = 0;
	unsigned int i;

	last_numbers(pieces, end);
	for (i = 0; i < READERS_MAX; i++)
		want += end[i] ? end[i] - last[i] : 0;
	return want - pieces->count;
}

static size_t slot_of(const struct table *table, const unsigned char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return (word * 0x9e3779b97f4a7c15ull >> 20) & (table->size - 1);
}

/* The slot of a window, or the empty one where it would be. */
static const unsigned char **look(const struct table *table,
				  const unsigned char *bytes)
{
	size_t i = slot_of(table, bytes);

	while (table->slot[i] && memcmp(table->slot[i], bytes, WINDOW))
		i = (i + 1) & (table->size - 1);
	return &table->slot[i];
}

static void learn(struct table *table, const struct pieces *pieces)
{
	size_t i, at;

	table->size = 1;
	while (table->size < 2 * WINDOWS * (pieces->count + 1))
		table->size *= 2;
	table->slot = calloc(table->size, sizeof(*table->slot));
	if (!table->slot)
		die("memory", strerror(errno));
	for (i = 0; i < pieces->count; i++)
		for (at = 0; at < WINDOWS; at++)
			*look(table, pieces->piece[i].bytes + at) =
				pieces->piece[i].bytes + at;
}

static bool is_shared(const struct table *table, const struct piece *piece)
{
	size_t at;

	for (at = 0; at < WINDOWS; at++)
		if (*look(table, piece->bytes + at))
			return true;
	return false;
}

struct result {
	unsigned long after, shared, held;
};

static struct result compare(const struct pieces *ours,
			     const struct pieces *others, const uint64_t *last)
{
	struct result result = { 0 };
	struct table table;
	size_t i;

	learn(&table, others);
	for (i = 0; i < ours->count; i++) {
		const struct piece *piece = &ours->piece[i];
		const bool shared = is_shared(&table, piece);

		if (piece->number == last[piece->reader] + 1) {
			result.held += shared;
			continue;
		}
		result.after++;
		result.shared += shared;
	}
	free(table.slot);
	return result;
}

static unsigned long max(unsigned long a, unsigned long b)
{
	return a > b ? a : b;
}

int main(int argc, char **argv)
{
	struct pieces origin = { 0 }, clone[2] = { { 0 }, { 0 } };
	uint64_t last[READERS_MAX] = { 0 };
	struct result result[2];
	int i;

	if (argc != 4) {
		fprintf(stderr, "usage: pieces_shared SNAPSHOT A B\n");
		return 64;
	}
	load(&origin, argv[1]);
	last_numbers(&origin, last);
	for (i = 0; i < 2; i++) {
		load(&clone[i], argv[2 + i]);
		drop_old(&clone[i], last);
	}
	result[0] = compare(&clone[0], &clone[1], last);
	result[1] = compare(&clone[1], &clone[0], last);
	printf("before=%zu after=%lu shared=%lu held=%lu lost=%lu\n",
	       origin.count,
	       result[0].after < result[1].after ? result[0].after :
						   result[1].after,
	       max(result[0].shared, result[1].shared),
	       max(result[0].held, result[1].held),
	       max(lost(&clone[0], last), lost(&clone[1], last)));
	for (i = 0; i < 2; i++)
		free(clone[i].piece);
	free(origin.piece);
	return 0;
}
