// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * streamcheck [-g] [-c CHUNK] [-p PIECE] FILE SPEC BYTES SIZE...: checks that FILE
 * gives the stream of SPEC.
 *
 * Reads BYTES in all, with each SIZE in turn, and compares them with the
 * deterministic stream of the host's source. Three things change the stream:
 *
 * - The hwrng core reads chunks of up to CHUNK bytes (64 on most architectures,
 *   see hwrng_chunk.h) from the driver and returns each from its end
 *   (hw_random/core.c, rng_dev_read: the tail of what is left goes first). So the
 *   ends of reads decide the order within a chunk, which is modelled here.
 * - The core reads chunks for itself: one at registration, one a minute for the
 *   kernel's pool. Those are gaps. The caller compares their sum with the driver's
 *   count of bytes that it gave to others.
 * - The driver keeps 64 bytes while nothing reads, and drops what it had read
 *   ahead beyond them. A larger chunk begins with those and continues after what
 *   was dropped: it has a gap inside.
 *
 * A byte that is lost, repeated or moved in any other way makes the check fail.
 * Prints "bytes=N chunk=N chunks=N short=N split=N gaps=N gap_bytes=N end=N
 * longest_ms=N": chunk is the size of one, split counts those with a gap inside, end is
 * the position in the stream after the last chunk, longest_ms the time of the longest
 * read. With -g, a line "gap AT TO" before for each gap:
 * byte AT of those read is byte TO of the stream. With -p, a line "got" after each
 * PIECE bytes; SIGTERM then ends the reading.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rngd/base/clock.h"
#include "rngd/base/crypto.h"
#include "tests/guest/hwrng_chunk.h"
#include "vrng/source.h"

#define SURE 8u /* bytes that do not agree by chance anywhere in a gap */
/* More bytes than are under way: 64 KiB in the driver, the rest on the host. */
#define GAP_MAX (1u << 20)
#define STEP	(4u << 20) /* bytes by which the stream is extended */

struct record {
	unsigned char *data;
	size_t *ends; /* where each read ended, ascending */
	size_t reads, room; /* elements of ends: used, allocated */
	size_t bytes;
	size_t piece, said; /* of -p; piece is 0 without it */
	uint64_t longest; /* read, in ns */
};

struct stream {
	const char *spec;
	struct vrng_source *source; /* NULL at its end */
	unsigned char *data;
	size_t len;
};

struct check {
	const struct record *record;
	struct stream *stream;
	size_t chunk; /* bytes that the core requests at once */
	size_t pos; /* in the stream */
	size_t done; /* bytes of the record */
	size_t read; /* index of the read that has byte done */
	size_t chunks, shorts, splits, gaps, gap_bytes;
	bool say_gaps;
};

static volatile sig_atomic_t over;

static int die(const char *what, const char *error)
{
	fprintf(stderr, "streamcheck: %s: %s\n", what, error);
	exit(1);
}

static void *must_have(void *memory)
{
	if (!memory)
		die("memory", strerror(errno));
	return memory;
}

static void on_term(int signal)
{
	(void)signal;
	over = 1;
}

/* Without SA_RESTART, so that the signal ends a waiting read. */
static void end_by_term(void)
{
	const struct sigaction action = { .sa_handler = on_term };

	sigaction(SIGTERM, &action, NULL);
}

static void record_end(struct record *record)
{
	if (record->reads == record->room) {
		record->room = record->room ? 2 * record->room : 4096;
		record->ends = must_have(realloc(
			record->ends, record->room * sizeof(*record->ends)));
	}
	record->ends[record->reads++] = record->bytes;
}

static void say_pieces(struct record *record)
{
	for (; record->piece && record->said + record->piece <= record->bytes;
	     record->said += record->piece)
		puts("got");
	fflush(stdout);
}

static ssize_t timed_read(struct record *record, int fd, size_t size)
{
	const uint64_t begins = vrng_now();
	const ssize_t got = read(fd, record->data + record->bytes, size);
	const uint64_t took = vrng_now() - begins;

	if (took > record->longest)
		record->longest = took;
	return got;
}

static void record_read(struct record *record, int fd, size_t total,
			char **sizes, int count)
{
	size_t size;
	ssize_t got;
	int turn;

	record->data = must_have(malloc(total));
	for (turn = 0; record->bytes < total && !over;
	     turn = (turn + 1) % count) {
		size = strtoul(sizes[turn], NULL, 10);
		if (size > total - record->bytes)
			size = total - record->bytes;
		got = timed_read(record, fd, size);
		if (got < 0 && errno == EINTR && over)
			return;
		if (got <= 0)
			die("read", got ? strerror(errno) : "end of file");
		record->bytes += (size_t)got;
		record_end(record);
		say_pieces(record);
	}
}

static void stream_open(struct stream *stream)
{
	struct vrng_error error;

	if (vrng_crypto_init(&error) ||
	    vrng_source_parse(&stream->source, stream->spec, &vrng_opener_plain,
			      &error) ||
	    vrng_source_open(stream->source, &error))
		die(stream->spec, error.text);
}

static void stream_close(struct stream *stream)
{
	vrng_source_free(stream->source);
	stream->source = NULL;
}

/* Extends the stream by STEP, or to its end. */
static void stream_extend(struct stream *stream)
{
	const size_t goal = stream->len + STEP;
	struct vrng_error error;
	ssize_t got;

	stream->data = must_have(realloc(stream->data, goal));
	while (stream->len < goal) {
		got = vrng_source_read(stream->source,
				       stream->data + stream->len,
				       goal - stream->len, &error);
		if (got < 0)
			die(stream->spec, error.text);
		if (!got) {
			stream_close(stream);
			return;
		}
		stream->len += (size_t)got;
	}
}

/* Does the stream have @len bytes? */
static bool stream_has(struct stream *stream, size_t len)
{
	while (stream->len < len && stream->source)
		stream_extend(stream);
	return stream->len >= len;
}

/*
 * Does a chunk of @size at @pos give the next bytes of the record? If so, moves
 * *@done and *@read behind it.
 */
static int chunk_fits(const struct check *check, size_t pos, size_t size,
		      size_t *done, size_t *read)
{
	const struct record *record = check->record;
	size_t left = size, at = check->done, in = check->read, piece;
	const unsigned char *chunk;

	if (!stream_has(check->stream, pos + size))
		return 0;
	chunk = check->stream->data + pos;
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

/* Returns the number of last bytes that are equal. */
static size_t same_at_end(const unsigned char *a, const unsigned char *b,
			  size_t len)
{
	size_t same = 0;

	while (same < len && a[len - 1 - same] == b[len - 1 - same])
		same++;
	return same;
}

/*
 * Returns how many of the last bytes of a chunk at @pos agree with the next bytes
 * of the record. The core returns a chunk from its end.
 */
static size_t chunk_tail(const struct check *check, size_t pos)
{
	const struct record *record = check->record;
	size_t left = check->chunk, at = check->done, in = check->read;
	const unsigned char *chunk;
	size_t piece, same;

	if (!stream_has(check->stream, pos + left))
		return 0;
	chunk = check->stream->data + pos;
	while (left && at < record->bytes) {
		piece = record->ends[in] - at;
		if (piece > left)
			piece = left;
		left -= piece;
		same = same_at_end(record->data + at, chunk + left, piece);
		if (same < piece)
			return check->chunk - left - piece + same;
		at += piece;
		if (at == record->ends[in])
			in++;
	}
	return check->chunk - left;
}

static void chunk_count(struct check *check, size_t at, size_t gap, size_t size)
{
	if (gap && check->say_gaps)
		printf("gap %zu %zu\n", at, check->pos + gap);
	check->pos += gap + size;
	check->chunks++;
	check->shorts += size < check->chunk;
	check->gaps += gap > 0;
	check->gap_bytes += gap;
}

static int chunk_take(struct check *check, size_t gap, size_t size)
{
	const size_t at = check->done;

	if (!chunk_fits(check, check->pos + gap, size, &check->done,
			&check->read))
		return 0;
	chunk_count(check, at, gap, size);
	return 1;
}

/*
 * Does the next chunk begin with the @head bytes at @from and end like the chunk at
 * @pos? The bytes at @from are put into the chunk at @pos for the comparison only.
 */
static int split_fits(struct check *check, size_t from, size_t head, size_t pos)
{
	unsigned char *chunk = check->stream->data + pos;
	unsigned char was[HWRNG_CHUNK_MAX];
	int fits;

	memcpy(was, chunk, head);
	memmove(chunk, check->stream->data + from, head);
	fits = chunk_fits(check, pos, check->chunk, &check->done, &check->read);
	memcpy(chunk, was, head);
	return fits;
}

/*
 * Finds a chunk with a gap inside; @gap bytes are left out before it and in it. The
 * longest matching tail shows where it is divided; then the head is searched.
 */
static int chunk_take_split(struct check *check, size_t gap)
{
	const size_t at = check->done, pos = check->pos + gap;
	const size_t tail = chunk_tail(check, pos);
	const size_t head = check->chunk - tail;
	size_t from;

	if (tail < SURE || !head)
		return 0;
	for (from = check->pos; from < pos; from++) {
		if (!split_fits(check, from, head, pos))
			continue;
		check->splits++;
		chunk_count(check, at, gap, check->chunk);
		return 1;
	}
	return 0;
}

/*
 * Tries whole chunks first, at any distance: they do not agree by chance. A short
 * chunk of one byte agrees by chance once in 256, and so always somewhere in a gap.
 */
static int chunk_find(struct check *check)
{
	size_t gap, size;

	for (gap = 0; gap <= GAP_MAX; gap++) {
		if (chunk_take(check, gap, check->chunk))
			return 1;
	}
	for (gap = 1; gap <= GAP_MAX; gap++) {
		if (chunk_take_split(check, gap))
			return 1;
	}
	for (gap = 0; gap <= GAP_MAX; gap++) {
		for (size = check->chunk - 1; size >= (gap ? SURE : 1);
		     size--) {
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

static void read_file(struct record *record, const char *path, size_t total,
		      char **sizes, int count)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die(path, strerror(errno));
	if (record->piece)
		end_by_term();
	record_read(record, fd, total, sizes, count);
	close(fd);
}

static int usage(void)
{
	fputs("usage: streamcheck [-g] [-c CHUNK] [-p PIECE] FILE SPEC BYTES "
	      "SIZE...\n",
	      stderr);
	return 64;
}

int main(int argc, char **argv)
{
	struct record record = { 0 };
	struct stream stream = { 0 };
	struct check check = { .record = &record,
			       .stream = &stream,
			       .chunk = HWRNG_CHUNK };
	int option;

	while ((option = getopt(argc, argv, "+gc:p:")) != -1) {
		if (option == 'g')
			check.say_gaps = true;
		else if (option == 'p')
			record.piece = strtoul(optarg, NULL, 10);
		else if (option == 'c')
			check.chunk = strtoul(optarg, NULL, 10);
		else
			return usage();
	}
	argv += optind;
	argc -= optind;
	if (argc < 4 || check.chunk < SURE || check.chunk > HWRNG_CHUNK_MAX)
		return usage();
	read_file(&record, argv[0], strtoul(argv[2], NULL, 10), argv + 3,
		  argc - 3);
	stream.spec = argv[1];
	stream_open(&stream);
	check_run(&check);
	printf("bytes=%zu chunk=%zu chunks=%zu short=%zu split=%zu gaps=%zu gap_bytes=%zu end=%zu longest_ms=%llu\n",
	       record.bytes, check.chunk, check.chunks, check.shorts,
	       check.splits, check.gaps, check.gap_bytes, check.pos,
	       record.longest / (unsigned long long)VRNG_NS_PER_MS);
	free(record.data);
	free(record.ends);
	free(stream.data);
	stream_close(&stream);
	return 0;
}
