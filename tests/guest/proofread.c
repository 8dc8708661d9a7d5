// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proofread [-n] FILE SPEC BYTES SECONDS: reads FILE, a chunk at a time, until it
 * has BYTES or SECONDS are over, and looks the bytes up in the stream of SPEC.
 *
 * A faulty host loses, delays or repeats bytes, so the stream arrives with pieces
 * missing, and seams may be anywhere. But all bytes must be of the stream, and no
 * piece may arrive twice. So each eight consecutive bytes are looked up: those
 * across a seam are not found, at most seven in a row. A buffer that was never
 * filled gives a longer row.
 *
 * The first chunk is skipped: the hwrng core may have held it from another device.
 * With -n reads do not wait.
 *
 * Prints "bytes=N again=N errors=N longest_ms=N strange=N twice=N": the bytes read,
 * the reads that found nothing, the reads that failed, the time of the longest
 * read, the longest row of bytes that are not of the stream (less the seven of a
 * seam), and the number of eights that came a second time.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "rngd/base/crypto.h"
#include "tests/guest/hwrng_chunk.h"
#include "vrng/source.h"

#define CHUNK HWRNG_CHUNK
#define GRAM  8u
#define SEAM  (GRAM - 1)

/* Bytes of the stream to look in: with losses, more than were read. */
#define SCAN(bytes) (8 * (bytes) + (1u << 19))

struct record {
	unsigned char *data;
	size_t bytes;
	unsigned long again, errors, longest_ms;
};

/* Hash table of each eight bytes in the record: 1 + their offset, or 0. */
struct index {
	const struct record *record;
	uint32_t *slots;
	size_t mask;
	unsigned long twice;
};

static volatile sig_atomic_t over;

static int die(const char *what, const char *error)
{
	fprintf(stderr, "proofread: %s: %s\n", what, error);
	exit(1);
}

static void *must_alloc(size_t n, size_t size)
{
	void *memory = calloc(n, size);

	if (!memory)
		die("memory", strerror(errno));
	return memory;
}

static void on_alarm(int signal)
{
	(void)signal;
	over = 1;
}

/*
 * Without SA_RESTART, so that a signal ends a waiting read. It repeats, in case one
 * comes just before a read.
 */
static void set_alarm(const char *seconds)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval timer = { .it_interval.tv_usec = 10000 };

	timer.it_value.tv_sec = strtol(seconds, NULL, 10);
	if (timer.it_value.tv_sec <= 0)
		die(seconds, "not a number of seconds");
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void clear_alarm(void)
{
	const struct itimerval never = { 0 };

	setitimer(ITIMER_REAL, &never, NULL);
}

static unsigned long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (unsigned long)ts.tv_sec * 1000 +
	       (unsigned long)ts.tv_nsec / 1000000;
}

static ssize_t timed_read(struct record *record, int fd, void *to, size_t len)
{
	const unsigned long began = now_ms();
	const ssize_t got = read(fd, to, len);
	const unsigned long took = now_ms() - began;

	if (took > record->longest_ms)
		record->longest_ms = took;
	return got;
}

static void rest(void)
{
	const struct timespec ms = { .tv_nsec = 1000000 };

	nanosleep(&ms, NULL);
}

static void record_read(struct record *record, int fd, size_t total)
{
	size_t len;
	ssize_t got;

	record->data = must_alloc(total, 1);
	while (record->bytes < total && !over) {
		len = total - record->bytes < CHUNK ? total - record->bytes :
						      CHUNK;
		got = timed_read(record, fd, record->data + record->bytes, len);
		if (got > 0) {
			record->bytes += (size_t)got;
		} else if (got < 0 && errno == EINTR) {
			continue;
		} else {
			if (got < 0 && errno == EAGAIN)
				record->again++;
			else
				record->errors++;
			rest();
		}
	}
}

/* ---- looking it up ---- */

static uint64_t gram_at(const unsigned char *data)
{
	uint64_t gram;

	memcpy(&gram, data, sizeof(gram));
	return gram;
}

/* Returns the slot that holds @gram, or the free one for it. */
static uint32_t *slot_of(const struct index *index, uint64_t gram)
{
	size_t i = (size_t)(gram * 0x9e3779b97f4a7c15u >> 32);

	for (;; i++) {
		uint32_t *slot = &index->slots[i & index->mask];

		if (!*slot || gram_at(index->record->data + *slot - 1) == gram)
			return slot;
	}
}

static void index_make(struct index *index, const struct record *record)
{
	size_t size = 2;

	while (size < 2 * record->bytes)
		size *= 2;
	index->record = record;
	index->slots = must_alloc(size, sizeof(*index->slots));
	index->mask = size - 1;
	for (size_t i = CHUNK; i + GRAM <= record->bytes; i++) {
		uint32_t *slot = slot_of(index, gram_at(record->data + i));

		index->twice += *slot != 0;
		*slot = (uint32_t)i + 1;
	}
}

/* Marks the offsets of the record whose eight bytes are in the stream. */
static void mark_known(const struct index *index, const char *spec, bool *known)
{
	const size_t len = SCAN(index->record->bytes);
	unsigned char *stream = must_alloc(len, 1);
	struct vrng_source *source = NULL;
	struct vrng_error error;
	size_t done = 0;

	if (vrng_crypto_init(&error) ||
	    vrng_source_parse(&source, spec, &vrng_opener_plain, &error) ||
	    vrng_source_open(source, &error))
		die(spec, error.text);
	while (done < len) {
		ssize_t got = vrng_source_read(source, stream + done,
					       len - done, &error);

		if (got <= 0)
			die(spec, got ? error.text : "end of stream");
		done += (size_t)got;
	}
	for (size_t i = 0; i + GRAM <= len; i++) {
		const uint32_t at = *slot_of(index, gram_at(stream + i));

		if (at)
			known[at - 1] = true;
	}
	vrng_source_free(source);
	free(stream);
}

static size_t longest_strange(const struct record *record, const bool *known)
{
	size_t longest = 0, row = 0;

	for (size_t i = CHUNK; i + GRAM <= record->bytes; i++) {
		row = known[i] ? 0 : row + 1;
		if (row > longest)
			longest = row;
	}
	return longest > SEAM ? longest - SEAM : 0;
}

static void proofread(const struct record *record, const char *spec)
{
	struct index index = { 0 };
	bool *known = must_alloc(record->bytes + 1, sizeof(*known));

	index_make(&index, record);
	mark_known(&index, spec, known);
	printf("bytes=%zu again=%lu errors=%lu longest_ms=%lu strange=%zu "
	       "twice=%lu\n",
	       record->bytes, record->again, record->errors, record->longest_ms,
	       longest_strange(record, known), index.twice);
	free(index.slots);
	free(known);
}

int main(int argc, char **argv)
{
	struct record record = { 0 };
	int flags = O_RDONLY | O_CLOEXEC;
	size_t total;
	int fd;

	if (argc > 1 && !strcmp(argv[1], "-n")) {
		flags |= O_NONBLOCK;
		argv++;
		argc--;
	}
	if (argc != 5) {
		fprintf(stderr,
			"usage: proofread [-n] FILE SPEC BYTES SECONDS\n");
		return 64;
	}
	total = strtoul(argv[3], NULL, 10);
	fd = open(argv[1], flags);
	if (fd < 0)
		die(argv[1], strerror(errno));
	set_alarm(argv[4]);
	record_read(&record, fd, total);
	clear_alarm();
	close(fd);
	proofread(&record, argv[2]);
	free(record.data);
	return 0;
}
