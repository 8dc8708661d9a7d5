// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pieces [OPTION]...: several threads read /dev/hwrng across a VM fork, 64 bytes at
 * a time. Each numbers its pieces and keeps the last ones in memory. What it kept
 * when a snapshot was taken is in the snapshot, so pieces_shared can tell what was
 * read before from what was read after.
 *
 * Prints "ready" when the snapshot may be taken. In a clone (see fork_marker.h) it
 * reads on, prints "done", and sleeps: dump the memory then.
 *
 *  -r N    threads (2)
 *  -n N    pieces that each thread reads after the fork (4096)
 *  -q      do not read while waiting for the fork
 *  -d DIR  the driver's sysfs group: print what it says of forks before "done"
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/fork_marker.h"
#include "tests/guest/pieces.h"

#define READERS_MAX 8u

/* Pieces that each thread keeps: 4 MiB. */
#define KEPT 32768u

/* Pieces of a thread before the snapshot: more than the driver holds. */
#define WARM_UP 4096u

/* How long the driver needs to be at rest, in ms. */
#define REST_MS 3000

#define PATIENCE_MS 300000

struct reader {
	pthread_t thread;
	unsigned int index;
	struct piece *kept;
	atomic_ulong number;
	atomic_ulong last; /* it reads no further than this number */
};

static struct reader readers[READERS_MAX];
static unsigned int count = 2;
static atomic_bool paused;

static _Noreturn void die(const char *what, const char *error)
{
	fprintf(stderr, "pieces: %s: %s\n", what, error);
	exit(1);
}

static void rest(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

static void read_piece(int fd, unsigned char *bytes)
{
	size_t got = 0;
	ssize_t n;

	while (got < PIECE_SIZE) {
		n = read(fd, bytes + got, PIECE_SIZE - got);
		if (n > 0)
			got += (size_t)n;
		else if (!n || (errno != EINTR && errno != EAGAIN))
			die("/dev/hwrng", n ? strerror(errno) : "end of file");
	}
}

/* The piece is whole in memory before its check is. */
static void keep_piece(struct reader *reader, unsigned long number,
		       const unsigned char *bytes)
{
	struct piece *piece = &reader->kept[number % KEPT];

	piece->check = 0;
	atomic_signal_fence(memory_order_seq_cst);
	piece->magic = piece_magic();
	piece->reader = reader->index;
	piece->number = number;
	memcpy(piece->bytes, bytes, PIECE_SIZE);
	atomic_signal_fence(memory_order_seq_cst);
	piece->check = piece_check(piece);
}

static void *reader_thread(void *data)
{
	struct reader *reader = data;
	const int fd = open("/dev/hwrng", O_RDONLY | O_CLOEXEC);
	unsigned char bytes[PIECE_SIZE];
	unsigned long number = 0;

	if (fd < 0)
		die("/dev/hwrng", strerror(errno));
	for (;;) {
		if (atomic_load(&paused) ||
		    number >= atomic_load(&reader->last)) {
			rest(1);
			continue;
		}
		read_piece(fd, bytes);
		keep_piece(reader, ++number, bytes);
		atomic_store(&reader->number, number);
	}
	return NULL;
}

static void start(struct reader *reader, unsigned int index)
{
	reader->index = index;
	atomic_store(&reader->last, ULONG_MAX);
	reader->kept =
		mmap(NULL, KEPT * sizeof(*reader->kept), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (reader->kept == MAP_FAILED)
		die("mmap", strerror(errno));
	errno = pthread_create(&reader->thread, NULL, reader_thread, reader);
	if (errno)
		die("thread", strerror(errno));
}

/*
 * Wait until each thread has read this many pieces more. If @stop, none reads on: a
 * thread on a processor that the host serves better would overwrite what it kept.
 */
static void await_pieces(unsigned long more, bool stop)
{
	unsigned long want[READERS_MAX];
	unsigned int i;
	long ms = 0;

	for (i = 0; i < count; i++) {
		want[i] = atomic_load(&readers[i].number) + more;
		if (stop)
			atomic_store(&readers[i].last, want[i]);
	}
	for (i = 0; i < count; i++) {
		for (; atomic_load(&readers[i].number) < want[i]; ms++) {
			if (ms > PATIENCE_MS)
				die("gave up", "too few bytes");
			rest(1);
		}
	}
}

static void await_fork(void)
{
	const unsigned int marker = fork_marker_find("pieces");
	long ms;

	printf("ready\n");
	fflush(stdout);
	for (ms = 0; !fork_marker_is_set(marker); ms++) {
		if (ms > PATIENCE_MS)
			die("gave up", "no fork");
		rest(1);
	}
}

/* Print NAME=VALUE of an attribute. Returns whether it has a value. */
static bool show(const char *dir, const char *name)
{
	char path[256], value[64] = "";
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%63s", value) != 1)
		value[0] = '\0';
	if (file)
		fclose(file);
	if (value[0])
		printf("%s=%s\n", name, value);
	return value[0];
}

/* The ID is drawn a second after the fork, or before. */
static void show_driver(const char *dir)
{
	int tries;

	rest(100);
	show(dir, "fork_notice");
	show(dir, "clone_generation");
	show(dir, "bytes_discarded");
	for (tries = 0; !show(dir, "clone_id") && tries < 50; tries++)
		rest(100);
}

/* Notice a fork before the threads have overwritten what they kept. */
static void hurry(void)
{
	const struct sched_param param = { .sched_priority = 1 };

	if (sched_setscheduler(0, SCHED_FIFO, &param))
		die("sched_setscheduler", strerror(errno));
}

static unsigned long number_of(const char *text)
{
	char *end;
	const unsigned long value = strtoul(text, &end, 10);

	if (!*text || *end || !value)
		die(text, "not a number above 0");
	return value;
}

int main(int argc, char **argv)
{
	unsigned long after = 4096;
	const char *group = NULL;
	bool quiet = false;
	unsigned int i;
	int option;

	while ((option = getopt(argc, argv, "r:n:qd:")) != -1) {
		if (option == 'r')
			count = (unsigned int)number_of(optarg);
		else if (option == 'n')
			after = number_of(optarg);
		else if (option == 'q')
			quiet = true;
		else if (option == 'd')
			group = optarg;
		else
			return 64;
	}
	if (count > READERS_MAX || after > KEPT / 2)
		die("usage", "at most 8 readers and 16384 pieces");

	for (i = 0; i < count; i++)
		start(&readers[i], i);
	hurry();
	await_pieces(WARM_UP, false);
	if (quiet) {
		atomic_store(&paused, true);
		rest(REST_MS);
	}
	await_fork();
	atomic_store(&paused, false);
	await_pieces(after, true);
	atomic_store(&paused, true);
	rest(10);
	if (group)
		show_driver(group);
	printf("done\n");
	fflush(stdout);
	for (;;)
		pause();
}
