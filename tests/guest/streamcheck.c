// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * streamcheck [-g] FILE SPEC BYTES SIZE...: is what FILE gives the stream of SPEC?
 *
 * Reads BYTES in all, by turns of each SIZE, then holds them against the
 * deterministic stream that the host's source gives. Two things stand between:
 *
 * - The hwrng core fetches chunks of up to 64 bytes from the driver and hands
 *   each out from its end (hw_random/core.c, rng_dev_read: the tail of what is
 *   left goes first). Where reads end therefore decides the order within a
 *   chunk, and is modelled here.
 * - The core itself takes chunks: one at registration, one a minute for the
 *   kernel's pool. Those are gaps, and the caller compares their sum with what
 *   the driver says it handed out to others.
 *
 * Anything else, a byte lost, repeated or moved, finds no place and fails.
 * Prints "bytes=N chunks=N short=N gaps=N gap_bytes=N end=N", end being the
 * stream's position after the last chunk. With -g, a line "gap AT TO" first for
 * each gap: the byte AT of what was read is the stream's byte TO.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rngd/crypto.h"
#include "vrng/source.h"

#define CHUNK_MAX 64u /* SMP_CACHE_BYTES here: what the core asks for at once */
#define GAP_MAX	  (256u << 10) /* four times what the driver reads ahead */

struct record {
	unsigned char *data;
	size_t *ends; /* where each read ended, ascending */
	size_t reads;
	size_t bytes;
};

struct check {
	const struct record *record;
	const unsigned char *stream;
	size_t stream_len;
	size_t pos; /* in the stream */
	size_t done; /* of the record */
	size_t read; /* the index of the read that done lies in */
	size_t chunks, shorts, gaps, gap_bytes;
	bool say_gaps;
};

static int die(const char *what, const char *why)
{
	fprintf(stderr, "streamcheck: %s: %s\n", what, why);
	exit(1);
}

static void *must_alloc(size_t size)
{
	void *memory = malloc(size);

	if (!memory)
		die("memory", strerror(errno));
	return memory;
}

static void record_read(struct record *record, int fd, size_t total,
			char **sizes, int count)
{
	size_t size;
	ssize_t got;
	int turn;

	record->data = must_alloc(total);
	record->ends = must_alloc(total * sizeof(*record->ends));
	for (turn = 0; record->bytes < total; turn = (turn + 1) % count) {
		size = strtoull(sizes[turn], NULL, 10);
		if (size > total - record->bytes)
			size = total - record->bytes;
		got = read(fd, record->data + record->bytes, size);
		if (got <= 0)
			die("read", got ? strerror(errno) : "end of file");
		record->bytes += (size_t)got;
		record->ends[record->reads++] = record->bytes;
	}
}

/* The first *@len bytes of @spec, or all where there are fewer. */
static unsigned char *stream_make(const char *spec, size_t *len)
{
	unsigned char *stream = must_alloc(*len);
	struct vrng_source *source = NULL;
	struct vrng_why why;
	size_t done = 0;
	ssize_t got;

	if (vrng_crypto_init(&why) || vrng_source_parse(&source, spec, &why) ||
	    vrng_source_open(source, &why))
		die(spec, why.text);
	do {
		got = vrng_source_read(source, stream + done, *len - done,
				       &why);
		if (got < 0)
			die(spec, why.text);
		done += (size_t)got;
	} while (got && done < *len);
	*len = done;
	vrng_source_free(source);
	return stream;
}

/*
 * Would a chunk of @size at @pos give the bytes that come next? If so, *@done
 * and *@read are moved behind it.
 */
static int chunk_fits(const struct check *check, size_t pos, size_t size,
		      size_t *done, size_t *read)
{
	const struct record *record = check->record;
	const unsigned char *chunk = check->stream + pos;
	size_t left = size, at = check->done, in = check->read, piece;

	if (pos + size > check->stream_len)
		return 0;
	while (left && at < record->bytes) {
		piece = record->ends[in] - at;
		if (piece > left)
			piece = left;
		left -= piece;
		if (memcmp(record->data + at, chunk + left, piece))
			return 0;
		at += piece;
		if (at == record->ends[in])
			in++;
	}
	*done = at;
	*read = in;
	return 1;
}

static int chunk_take(struct check *check, size_t gap, size_t size)
{
	const size_t at = check->done;

	if (!chunk_fits(check, check->pos + gap, size, &check->done,
			&check->read))
		return 0;
	if (gap && check->say_gaps)
		printf("gap %zu %zu\n", at, check->pos + gap);
	check->pos += gap + size;
	check->chunks++;
	check->shorts += size < CHUNK_MAX;
	check->gaps += gap > 0;
	check->gap_bytes += gap;
	return 1;
}

/*
 * Whole chunks first, near or far: 64 bytes do not agree by chance, whereas a
 * short chunk of one byte does once in 256.
 */
static int chunk_find(struct check *check)
{
	size_t gap, size;

	for (gap = 0; gap <= GAP_MAX; gap++) {
		if (chunk_take(check, gap, CHUNK_MAX))
			return 1;
	}
	for (gap = 0; gap <= GAP_MAX; gap++) {
		for (size = CHUNK_MAX - 1; size; size--) {
			if (chunk_take(check, gap, size))
				return 1;
		}
	}
	return 0;
}

static void check_run(struct check *check)
{
	while (check->done < check->record->bytes) {
		if (chunk_find(check))
			continue;
		fprintf(stderr,
			"streamcheck: byte %zu (read %zu) is not in the stream at or after %zu\n",
			check->done, check->read, check->pos);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	struct record record = { 0 };
	struct check check = { .record = &record };
	unsigned char *stream;
	size_t total;
	int fd;

	if (argc > 1 && !strcmp(argv[1], "-g")) {
		check.say_gaps = true;
		argv++;
		argc--;
	}
	if (argc < 5) {
		fprintf(stderr,
			"usage: streamcheck [-g] FILE SPEC BYTES SIZE...\n");
		return 64;
	}
	total = strtoull(argv[3], NULL, 10);
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die(argv[1], strerror(errno));
	record_read(&record, fd, total, argv + 4, argc - 4);
	close(fd);

	check.stream_len = total + (4u << 20);
	stream = stream_make(argv[2], &check.stream_len);
	check.stream = stream;
	check_run(&check);
	printf("bytes=%zu chunks=%zu short=%zu gaps=%zu gap_bytes=%zu end=%zu\n",
	       record.bytes, check.chunks, check.shorts, check.gaps,
	       check.gap_bytes, check.pos);
	free(record.data);
	free(record.ends);
	free(stream);
	return 0;
}
