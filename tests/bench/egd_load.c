// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Generates EGD load as a server or as clients, for benches and tests:
 *
 *	egd_load delay PATH MS
 *		a server for one client at a time that answers each request
 *		MS milliseconds after it arrived, however many there are
 *	egd_load source SPEC BYTES SECONDS
 *		reads BYTES at a time from a source, and waits for them
 *	egd_load clients ADDRESS N [key=value]...
 *		N clients of the server at unix:PATH or tcp:HOST:PORT, each of
 *		which requests 255 bytes at a time:
 *		seconds=S	for S seconds (default 2), or
 *		requests=R	until each has R replies, at most 60 s
 *		ahead=K		keep K requests outstanding (1 to 64)
 *		slow=S		S further clients that request and never read
 *
 *	egd_load leave ADDRESS N
 *		N clients, one after another, each of which requests 255 bytes
 *		and leaves: by a reset on TCP
 *
 * Prints results as name=value. replies_least and replies_most count replies
 * after all clients had their first one. Status 0, or 1 on an error or if a
 * client got no reply.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <netdb.h>
#include <time.h>
#include <unistd.h>

#include "rngd/base/crypto.h"
#include "vrng/source.h"

#define REPLY	   255
#define AHEAD_MAX  64
#define WAITS_MAX  (1 << 22)
#define LIMIT_S	   60
#define NS_PER_S   1000000000ULL
#define CONNECT_MS 10000

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static int fail(const char *what)
{
	fprintf(stderr, "egd_load: %s: %s\n", what, strerror(errno));
	return EXIT_FAILURE;
}

/* ---- a server with a delay ---- */

#define ENTRIES 65536

/* Replies that are due at the same time. */
struct due {
	uint64_t at; /* ns */
	uint32_t bytes; /* top bit: the reply begins with its length */
};

static struct due queue[ENTRIES];
static unsigned int first, count;

/*
 * Take requests 01 N and 02 N, which may be split between two reads. Returns
 * false to end the client: on any other request, or at its end.
 */
static bool take_requests(int fd, uint64_t delay)
{
	static uint8_t in[16384];
	static size_t have;
	uint32_t bytes = 0;
	ssize_t got = recv(fd, in + have, sizeof(in) - have, MSG_DONTWAIT);
	size_t i;

	if (got <= 0) {
		have = 0;
		return got < 0 && errno == EAGAIN;
	}
	have += (size_t)got;
	for (i = 0; i + 1 < have; i += 2) {
		if (in[i] != 1 && in[i] != 2)
			return false;
		bytes += in[i + 1];
		if (in[i] == 1) { /* has a length: needs an entry of its own */
			queue[(first + count++) % ENTRIES] =
				(struct due){ now_ns() + delay,
					      bytes | 1u << 31 };
			bytes = 0;
		}
	}
	have -= i;
	memmove(in, in + i, have);
	if (bytes)
		queue[(first + count++) % ENTRIES] =
			(struct due){ now_ns() + delay, bytes };
	return count < ENTRIES / 2;
}

/* Sent again and again. It is larger than the blocks that clients test. */
static uint8_t out[65536];

static bool reply(int fd)
{
	struct due *due = &queue[first % ENTRIES];
	size_t n;
	ssize_t put;

	if (due->bytes & 1u << 31) {
		due->bytes &= ~(1u << 31);
		out[0] = (uint8_t)due->bytes;
		if (send(fd, out, 1, MSG_NOSIGNAL) != 1)
			return false;
	}
	n = due->bytes < sizeof(out) ? due->bytes : sizeof(out);
	put = send(fd, out, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (put < 0)
		return errno == EAGAIN;
	due->bytes -= (uint32_t)put;
	if (!due->bytes) {
		first++;
		count--;
	}
	return true;
}

static void serve_one(int fd, uint64_t delay)
{
	struct pollfd pfd = { .fd = fd };
	struct timespec wait;
	uint64_t now, left;
	bool is_due, ok = true;

	first = count = 0;
	while (ok) {
		now = now_ns();
		is_due = count && queue[first % ENTRIES].at <= now;
		left = count && !is_due ? queue[first % ENTRIES].at - now : 0;
		wait = (struct timespec){ .tv_nsec = (long)left };
		pfd.events = (short)(POLLIN | (is_due ? POLLOUT : 0));
		if (ppoll(&pfd, 1, count && !is_due ? &wait : NULL, NULL) < 0)
			return;
		if (pfd.revents & (POLLIN | POLLHUP))
			ok = take_requests(fd, delay);
		if (ok && is_due && pfd.revents & POLLOUT)
			ok = reply(fd);
	}
}

static int delay(const char *path, const char *ms)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd, listener = socket(AF_UNIX, SOCK_STREAM, 0);

	if (getrandom(out, sizeof(out), 0) != sizeof(out))
		return fail("getrandom");
	strncpy(at.sun_path, path, sizeof(at.sun_path) - 1);
	unlink(path);
	if (listener < 0 || bind(listener, (void *)&at, sizeof(at)) ||
	    listen(listener, 8))
		return fail(path);
	puts("ready");
	fflush(stdout);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		serve_one(fd, strtoull(ms, NULL, 10) * 1000000);
		close(fd);
	}
	return fail("accept");
}

/* ---- a source ---- */

/* Read @len bytes, or until the time @until. Returns false on an error. */
static bool read_all(struct vrng_source *src, uint8_t *buf, size_t len,
		     uint64_t until, struct vrng_error *error)
{
	struct pollfd pfd = { .fd = vrng_source_fd(src), .events = POLLIN };
	size_t done = 0;
	ssize_t got;

	while (done < len) {
		got = vrng_source_read(src, buf + done, len - done, error);
		if (got > 0)
			done += (size_t)got;
		else if (got != -EAGAIN)
			return false;
		else if (now_ns() > until)
			return true;
		else
			(void)poll(&pfd, pfd.fd >= 0, pfd.fd >= 0 ? 1000 : 1);
	}
	return true;
}

static int draw(const char *spec, const char *bytes, const char *seconds)
{
	static uint8_t buf[1 << 20];
	const size_t len = strtoul(bytes, NULL, 10);
	struct vrng_source *src = NULL;
	struct vrng_error error = { "" };
	uint64_t begin, until, reads = 0, end;

	if (!len || len > sizeof(buf) || vrng_crypto_init(&error) ||
	    vrng_source_parse(&src, spec, &vrng_opener_plain, &error) ||
	    vrng_source_open(src, &error))
		goto failed;
	/* The first read waits for the connection and does not count. */
	if (!read_all(src, buf, len, now_ns() + 5 * NS_PER_S, &error))
		goto failed;
	begin = now_ns();
	until = begin + (uint64_t)(strtod(seconds, NULL) * 1e9);
	do {
		if (!read_all(src, buf, len, until, &error))
			goto failed;
		reads++;
		end = now_ns();
	} while (end < until);
	printf("requests=%llu per_second=%.0f bytes_per_second=%.0f\n",
	       (unsigned long long)reads,
	       (double)reads * 1e9 / (double)(end - begin),
	       (double)reads * (double)len * 1e9 / (double)(end - begin));
	vrng_source_free(src);
	return EXIT_SUCCESS;
failed:
	fprintf(stderr, "egd_load: %s\n", error.text);
	vrng_source_free(src);
	return EXIT_FAILURE;
}

/* ---- clients ---- */

struct client {
	int fd;
	uint64_t asked[AHEAD_MAX]; /* ring: ns of each outstanding request */
	unsigned int oldest; /* index of the oldest one */
	size_t have; /* bytes of its reply */
	uint64_t replies;
	uint64_t early; /* replies before all clients had one */
	bool is_done;
};

static struct {
	unsigned int clients, slow, ahead;
	uint64_t requests; /* for each client; 0: until the time is over */
	double seconds;
	int epoll;
	struct client *list;
	uint32_t *waits; /* us from request to reply */
	size_t n_waits;
	unsigned int done; /* clients that have all their replies */
	unsigned int served; /* clients that had a reply */
	uint64_t bytes;
} load = { .ahead = 1, .seconds = 2 };

static bool dial(const char *address, struct sockaddr_storage *to,
		 socklen_t *len)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct sockaddr_un *un = (void *)to;
	struct addrinfo *list;
	char host[256], *port;

	memset(to, 0, sizeof(*to));
	if (!strncmp(address, "unix:", 5)) {
		un->sun_family = AF_UNIX;
		strncpy(un->sun_path, address + 5, sizeof(un->sun_path) - 1);
		*len = sizeof(*un);
		return true;
	}
	snprintf(host, sizeof(host), "%s", address + 4);
	port = strrchr(host, ':');
	if (strncmp(address, "tcp:", 4) || !port)
		return false;
	*port++ = '\0';
	if (getaddrinfo(host, port, &hints, &list))
		return false;
	memcpy(to, list->ai_addr, list->ai_addrlen);
	*len = list->ai_addrlen;
	freeaddrinfo(list);
	return true;
}

/* Connects in blocking mode: the listener's queue may be full for a while. */
static int connect_one(const struct sockaddr_storage *to, socklen_t len)
{
	int fd = socket(to->ss_family, SOCK_STREAM, 0);

	if (fd >= 0 && connect(fd, (const void *)to, len)) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool ask(struct client *c, unsigned int n)
{
	uint8_t request[2 * AHEAD_MAX];
	unsigned int i;

	for (i = 0; i < 2 * n; i++)
		request[i] = i % 2 ? REPLY : 2;
	return send(c->fd, request, 2 * (size_t)n, MSG_NOSIGNAL) ==
	       2 * (ssize_t)n;
}

static void note_wait(uint64_t ns)
{
	if (load.n_waits < WAITS_MAX)
		load.waits[load.n_waits++] = (uint32_t)(ns / 1000);
}

/* Clients that began first have more replies: note how many, to subtract. */
static void all_are_served(void)
{
	unsigned int i;

	for (i = 0; i < load.clients; i++)
		load.list[i].early = load.list[i].replies;
}

static bool on_bytes(struct client *c)
{
	static uint8_t buf[REPLY * AHEAD_MAX];
	ssize_t got = recv(c->fd, buf, sizeof(buf), MSG_DONTWAIT);
	const uint64_t now = now_ns();
	unsigned int again = 0;

	if (got <= 0)
		return got < 0 && errno == EAGAIN;
	load.bytes += (uint64_t)got;
	for (c->have += (size_t)got; c->have >= REPLY; c->have -= REPLY) {
		note_wait(now - c->asked[c->oldest]);
		c->asked[c->oldest] = now;
		c->oldest = (c->oldest + 1) % load.ahead;
		if (!c->replies++ && ++load.served == load.clients)
			all_are_served();
		again++;
	}
	if (load.requests && c->replies >= load.requests && !c->is_done) {
		c->is_done = true;
		load.done++;
	}
	return c->is_done || !again || ask(c, again);
}

static bool begin_all(const char *address)
{
	const unsigned int all = load.clients + load.slow;
	struct sockaddr_storage to;
	socklen_t len;
	unsigned int i, k;

	if (!dial(address, &to, &len))
		return false;
	load.list = calloc(all, sizeof(*load.list));
	load.waits = calloc(WAITS_MAX, sizeof(*load.waits));
	load.epoll = epoll_create1(0);
	if (!load.list || !load.waits || load.epoll < 0)
		return false;
	for (i = 0; i < all; i++) {
		load.list[i].fd = connect_one(&to, len);
		if (load.list[i].fd < 0)
			return false;
	}
	for (i = 0; i < all; i++) {
		struct client *c = &load.list[i];
		struct epoll_event event = { EPOLLIN, { .ptr = c } };

		if (i >= load.clients) { /* slow */
			for (k = 0; k < 64; k++)
				if (!ask(c, AHEAD_MAX))
					return false;
			continue;
		}
		for (k = 0; k < load.ahead; k++)
			c->asked[k] = now_ns();
		if (!ask(c, load.ahead) ||
		    epoll_ctl(load.epoll, EPOLL_CTL_ADD, c->fd, &event))
			return false;
	}
	return true;
}

static bool run_until(uint64_t end)
{
	struct epoll_event events[64];
	uint64_t now;
	int i, n;

	while ((now = now_ns()) < end && load.done < load.clients) {
		n = epoll_wait(load.epoll, events, 64,
			       (int)((end - now) / 1000000 + 1));
		for (i = 0; i < n; i++)
			if (!on_bytes(events[i].data.ptr))
				return false;
	}
	return true;
}

static int by_size(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static uint32_t percentile(unsigned int p)
{
	return load.n_waits ? load.waits[(load.n_waits - 1) * p / 100] : 0;
}

static int report(uint64_t ns)
{
	uint64_t least = UINT64_MAX, most = 0;
	unsigned int i;

	for (i = 0; i < load.clients; i++) {
		const uint64_t n = load.list[i].replies - load.list[i].early;

		least = n < least ? n : least;
		most = n > most ? n : most;
	}
	if (load.n_waits)
		qsort(load.waits, load.n_waits, sizeof(*load.waits), by_size);
	printf("served=%u bytes_per_second=%.0f replies_least=%llu "
	       "replies_most=%llu wait_p50_us=%u wait_p99_us=%u "
	       "wait_most_us=%u\n",
	       load.served, (double)load.bytes * 1e9 / (double)ns,
	       (unsigned long long)least, (unsigned long long)most,
	       percentile(50), percentile(99), percentile(100));
	if (load.requests && load.done < load.clients)
		return EXIT_FAILURE;
	return load.served == load.clients ? EXIT_SUCCESS : EXIT_FAILURE;
}

static bool option(const char *word)
{
	const char *value = strchr(word, '=');
	unsigned long n;

	if (!value++)
		return false;
	n = strtoul(value, NULL, 10);
	if (!strncmp(word, "seconds=", 8))
		load.seconds = strtod(value, NULL);
	else if (!strncmp(word, "requests=", 9))
		load.requests = n;
	else if (!strncmp(word, "ahead=", 6))
		load.ahead = (unsigned int)n;
	else if (!strncmp(word, "slow=", 5))
		load.slow = (unsigned int)n;
	else
		return false;
	return load.ahead >= 1 && load.ahead <= AHEAD_MAX;
}

static int clients(const char *address, const char *n, char **words)
{
	struct rlimit files;
	uint64_t begin;

	load.clients = (unsigned int)strtoul(n, NULL, 10);
	for (; *words; words++)
		if (!option(*words)) {
			errno = EINVAL;
			return fail(*words);
		}
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (!begin_all(address))
		return fail(address);
	begin = now_ns();
	if (!run_until(begin + (load.requests ?
					LIMIT_S * NS_PER_S :
					(uint64_t)(load.seconds * 1e9))))
		return fail("a client was dropped");
	return report(now_ns() - begin);
}

/* Closing it with this resets a TCP connection. */
static const struct linger at_once = { .l_onoff = 1 };

static int leave(const char *address, unsigned long n)
{
	static const uint8_t request[] = { 2, REPLY };
	struct sockaddr_storage to;
	socklen_t len;
	int fd;

	if (!dial(address, &to, &len))
		return fail(address);
	for (; n; n--) {
		fd = connect_one(&to, len);
		if (fd < 0)
			return fail(address);
		(void)send(fd, request, sizeof(request), MSG_NOSIGNAL);
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once,
				 sizeof(at_once));
		close(fd);
	}
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "delay"))
		return delay(argv[2], argv[3]);
	if (argc == 5 && !strcmp(argv[1], "source"))
		return draw(argv[2], argv[3], argv[4]);
	if (argc >= 4 && !strcmp(argv[1], "clients"))
		return clients(argv[2], argv[3], argv + 4);
	if (argc == 4 && !strcmp(argv[1], "leave"))
		return leave(argv[2], strtoul(argv[3], NULL, 10));
	fprintf(stderr, "usage: egd_load delay|source|clients|leave ...\n");
	return 64;
}
