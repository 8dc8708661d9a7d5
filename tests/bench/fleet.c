// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fleet churn FOLDER GUESTS ROUNDS SEED
 * fleet hold FOLDER GUESTS
 * fleet wait FOLDER GREEDY MS
 * fleet take FOLDER NUMBER BYTES
 * fleet stay FOLDER GUESTS BYTES
 *
 * Guests of a vhost-user-rng --socket-dir=FOLDER, which are NAME.conf and NAME.sock.
 *
 * churn	adds GUESTS guests, then removes one and adds another ROUNDS times.
 *		Each reads, and no 16 bytes may come twice
 * hold		adds GUESTS guests, has each read once, prints "ready", and leaves them
 *		alone until its input ends
 * wait		adds one guest that asks for 64 bytes every 2 ms beside GREEDY ones
 *		that ask for as much as they get; prints how long the one waits, in
 *		microseconds, and what the greedy ones get
 *
 * take		is the guest that has been added as guestNUMBER, and reads BYTES, 16 at a
 *		time; prints "got N" each time
 * stay		adds GUESTS guests that all read, BYTES at a time; prints "round N"
 *		when each has read so often, until its input ends. No eight bytes may
 *		come twice, wherever they begin. Prints the longest wait then
 *
 * Each wait is bounded. Status 1, with a line, if something does not come.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/front.h"

#define PATIENCE_MS 60000
#define NUM	    4
#define BLOCK	    16
#define READ	    64
#define GREEDY_READ 65536
#define NS	    1000000000ULL

struct guest {
	struct front front;
	unsigned int number;
	uint64_t bytes; /* of a greedy one; atomic */
};

static const char *folder;
static bool stop; /* the greedy ones; atomic */

static _Noreturn void die(const char *what, unsigned int number, int err)
{
	fprintf(stderr, "fleet: guest %u: %s: %s\n", number, what,
		strerror(-err));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS + (uint64_t)t.tv_nsec;
}

static void nap(uint64_t ns)
{
	const struct timespec t = { .tv_sec = (time_t)(ns / NS),
				    .tv_nsec = (long)(ns % NS) };

	nanosleep(&t, NULL);
}

/* ---- the folder ---- */

static void path_of(char path[108], unsigned int number, const char *suffix)
{
	if (snprintf(path, 108, "%s/guest%u.%s", folder, number, suffix) >= 108)
		die("path", number, -ENAMETOOLONG);
}

static void make_file(unsigned int number)
{
	char path[108];
	int fd;

	path_of(path, number, "conf");
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		die(path, number, -errno);
	close(fd);
}

/* Connected, or -1. */
static int dial(unsigned int number)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket", number, -errno);
	path_of(addr.sun_path, number, "sock");
	if (!connect(fd, (const struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	close(fd);
	return -1;
}

static int await_socket(unsigned int number)
{
	const uint64_t until = now_ns() + PATIENCE_MS * 1000000ULL;
	int fd;

	while ((fd = dial(number)) < 0) {
		if (now_ns() > until)
			die("no socket", number, -ETIMEDOUT);
		nap(2000000);
	}
	return fd;
}

static void await_no_socket(unsigned int number)
{
	const uint64_t until = now_ns() + PATIENCE_MS * 1000000ULL;
	char path[108];

	path_of(path, number, "sock");
	while (!access(path, F_OK)) {
		if (now_ns() > until)
			die("its socket stays", number, -ETIMEDOUT);
		nap(2000000);
	}
}

/* ---- one guest ---- */

static void begin(struct guest *g)
{
	struct front *f = &g->front;
	int err;

	if (front_init(f, NUM))
		die("memory", g->number, -ENOMEM);
	f->sock = await_socket(g->number);
	err = front_start(f, FRONT_FEATURES);
	if (err)
		die("message", g->number, err);
}

static void offer(struct guest *g, uint32_t size)
{
	struct front *f = &g->front;

	front_desc(f, 0, FRONT_BUF, size, VRING_DESC_F_WRITE, 0);
	front_offer(f, 0);
	front_kick(f);
}

/* Wait for the answer. Returns how many bytes have come. */
static uint32_t await(struct guest *g)
{
	struct front *f = &g->front;
	struct pollfd call = { .fd = f->call, .events = POLLIN };
	uint32_t id, len;

	while (!front_answer(f, &id, &len)) {
		if (poll(&call, 1, PATIENCE_MS) != 1)
			die("no answer", g->number, -ETIMEDOUT);
		front_interrupts(f);
	}
	if (!len)
		die("nothing but an answer", g->number, -EIO);
	return len;
}

static uint32_t ask(struct guest *g, uint32_t size)
{
	offer(g, size);
	return await(g);
}

/* ---- churn ---- */

static unsigned char (*seen)[BLOCK];
static size_t n_seen, room;

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, BLOCK);
}

static void grow(void)
{
	void *more;

	room = room ? 2 * room : 4096;
	more = realloc(seen, room * BLOCK);
	if (!more)
		die("memory", 0, -ENOMEM);
	seen = more;
}

static void note(const unsigned char *bytes, size_t len)
{
	for (; len >= BLOCK; bytes += BLOCK, len -= BLOCK) {
		if (n_seen == room)
			grow();
		memcpy(seen[n_seen++], bytes, BLOCK);
	}
}

static void read_some(struct guest *g)
{
	uint32_t got = 0, n;

	while (got < READ) {
		n = ask(g, READ - got);
		note(front_mem(&g->front, FRONT_BUF), n);
		got += n;
	}
}

/* The device ends the connection. */
static void end(struct guest *g)
{
	struct pollfd gone = { .fd = g->front.sock, .events = POLLIN };
	char path[108], byte;

	path_of(path, g->number, "conf");
	if (unlink(path))
		die(path, g->number, -errno);
	await_no_socket(g->number);
	if (poll(&gone, 1, PATIENCE_MS) != 1 ||
	    recv(g->front.sock, &byte, 1, 0) > 0)
		die("its connection stays", g->number, -ETIMEDOUT);
	front_done(&g->front);
}

static void check_seen(void)
{
	qsort(seen, n_seen, BLOCK, compare);
	for (size_t i = 1; i < n_seen; i++)
		if (!compare(seen[i - 1], seen[i]))
			die("bytes came twice", 0, -EEXIST);
	printf("blocks=%zu\n", n_seen);
}

/* They stay connected until the program ends. */
static struct guest *make_all(unsigned int n)
{
	struct guest *guests = calloc(n, sizeof(*guests));

	if (!guests)
		die("memory", 0, -ENOMEM);
	for (unsigned int i = 0; i < n; i++) {
		guests[i].number = i;
		make_file(i);
	}
	for (unsigned int i = 0; i < n; i++)
		begin(&guests[i]);
	return guests;
}

static void churn(unsigned int n, unsigned int rounds, unsigned int seed)
{
	struct guest *guests = make_all(n);
	unsigned int next = n, i;

	if (!n)
		die("none", 0, -EINVAL);
	for (i = 0; i < n; i++)
		read_some(&guests[i]);
	while (rounds--) {
		seed = seed * 1103515245U + 12345U;
		i = seed / 65536U % n;
		end(&guests[i]);
		guests[i].number = next++;
		make_file(guests[i].number);
		begin(&guests[i]);
		read_some(&guests[i]);
		read_some(&guests[(i + 1) % n]);
	}
	for (i = 0; i < n; i++)
		read_some(&guests[i]);
	check_seen();
	free(guests);
}

/* ---- hold ---- */

static void hold(unsigned int n)
{
	struct guest *guests = make_all(n);
	uint64_t begins, first = 0, took;
	char byte;

	for (unsigned int i = 0; i < n; i++) {
		begins = now_ns();
		ask(&guests[i], READ);
		took = now_ns() - begins;
		first = took > first ? took : first;
	}
	printf("ready slowest_us=%" PRIu64 "\n", first / 1000);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	free(guests);
}

/* ---- wait ---- */

static void *be_greedy(void *opaque)
{
	struct guest *g = opaque;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
		__atomic_fetch_add(&g->bytes, ask(g, GREEDY_READ),
				   __ATOMIC_RELAXED);
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void report(uint64_t *waits, size_t n, const struct guest *guests,
		   unsigned int greedy, uint64_t ms)
{
	uint64_t bytes = 0;

	for (unsigned int i = 1; i <= greedy; i++)
		bytes += guests[i].bytes;
	qsort(waits, n, sizeof(*waits), by_size);
	printf("reads=%zu p50=%" PRIu64 " p99=%" PRIu64 " max=%" PRIu64
	       " greedy=%" PRIu64 "\n",
	       n, waits[n / 2] / 1000, waits[n * 99 / 100] / 1000,
	       waits[n - 1] / 1000, bytes / 1000 / ms);
}

static void measure(unsigned int greedy, uint64_t ms)
{
	struct guest *guests = make_all(1 + greedy);
	pthread_t *threads = calloc(greedy + 1, sizeof(*threads));
	uint64_t *waits = calloc(ms, sizeof(*waits));
	const uint64_t until = now_ns() + ms * 1000000;
	size_t n = 0;
	uint64_t begins;

	if (!threads || !waits)
		die("memory", 0, -ENOMEM);
	for (unsigned int i = 1; i <= greedy; i++)
		if (pthread_create(&threads[i], NULL, be_greedy, &guests[i]))
			die("thread", i, -EAGAIN);
	while (n < ms && now_ns() < until) {
		nap(2000000);
		begins = now_ns();
		ask(&guests[0], READ);
		waits[n++] = now_ns() - begins;
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (unsigned int i = 1; i <= greedy; i++)
		pthread_join(threads[i], NULL);
	if (!n)
		die("no time", 0, -ETIMEDOUT);
	report(waits, n, guests, greedy, ms);
	free(guests);
	free(threads);
	free(waits);
}

/* ---- take ---- */

static void take(unsigned int who, uint32_t bytes)
{
	struct guest g = { .number = who };

	begin(&g);
	for (uint32_t got = 0; got < bytes;) {
		got += ask(&g, BLOCK);
		printf("got %" PRIu32 "\n", got);
		fflush(stdout);
	}
	front_done(&g.front);
}

/* ---- stay ---- */

static uint64_t *grams;
static size_t n_grams, gram_room;

/* There is room for @more. */
static void grow_grams(size_t more)
{
	uint64_t *bigger;

	while (gram_room < n_grams + more)
		gram_room = gram_room ? 2 * gram_room : 65536;
	bigger = realloc(grams, gram_room * sizeof(*grams));
	if (!bigger)
		die("memory", 0, -ENOMEM);
	grams = bigger;
}

static void note_grams(const unsigned char *bytes, size_t len)
{
	if (gram_room < n_grams + len)
		grow_grams(len);
	for (; len >= sizeof(*grams); bytes++, len--)
		memcpy(&grams[n_grams++], bytes, sizeof(*grams));
}

static void check_grams(void)
{
	qsort(grams, n_grams, sizeof(*grams), by_size);
	for (size_t i = 1; i < n_grams; i++)
		if (grams[i - 1] == grams[i])
			die("bytes came twice", 0, -EEXIST);
}

static bool input_has_ended(void)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	char byte;

	return poll(&input, 1, 0) == 1 && read(STDIN_FILENO, &byte, 1) <= 0;
}

/* All ask, then all wait. */
static void read_round(struct guest *guests, unsigned int n, uint32_t size)
{
	for (unsigned int i = 0; i < n; i++)
		offer(&guests[i], size);
	for (unsigned int i = 0; i < n; i++)
		note_grams(front_mem(&guests[i].front, FRONT_BUF),
			   await(&guests[i]));
}

static void stay(unsigned int n, uint32_t size)
{
	struct guest *guests = make_all(n);
	uint64_t longest = 0;

	for (unsigned int round = 1; !input_has_ended(); round++) {
		const uint64_t begins = now_ns();

		read_round(guests, n, size);
		if (now_ns() - begins > longest)
			longest = now_ns() - begins;
		printf("round %u\n", round);
		fflush(stdout);
	}
	check_grams();
	printf("bytes=%zu longest_ms=%" PRIu64 "\n", n_grams,
	       longest / 1000000);
	free(guests);
}

static unsigned int number(const char *text)
{
	return (unsigned int)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
	const char *what = argc > 3 ? argv[1] : "";

	if (argc > 3)
		folder = argv[2];
	if (!strcmp(what, "churn") && argc == 6) {
		churn(number(argv[3]), number(argv[4]), number(argv[5]));
	} else if (!strcmp(what, "hold") && argc == 4) {
		hold(number(argv[3]));
	} else if (!strcmp(what, "wait") && argc == 5) {
		measure(number(argv[3]), number(argv[4]));
	} else if (!strcmp(what, "take") && argc == 5) {
		take(number(argv[3]), number(argv[4]));
	} else if (!strcmp(what, "stay") && argc == 5) {
		stay(number(argv[3]), number(argv[4]));
	} else {
		fputs("usage: fleet churn FOLDER GUESTS ROUNDS SEED | "
		      "hold FOLDER GUESTS | wait FOLDER GREEDY MS | "
		      "take FOLDER NUMBER BYTES | stay FOLDER GUESTS BYTES\n",
		      stderr);
		return 64;
	}
	return 0;
}
