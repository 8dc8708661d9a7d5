// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * forkread [OPTION]...: reads /dev/hwrng across a VM fork or a suspend, and prints
 * the bytes with their times. After a line "from GENERATION" there is a line for
 * each read:
 *
 *	MICROSECONDS GENERATION RECEIVED HEX
 *
 * Generation and received bytes are the driver's values before the read began, so
 * that a line of a new generation has no bytes of a read that the fork
 * interrupted. Without our driver the generation is the number of the kernel's log
 * lines about VM forks.
 *
 *  -d DIR  the driver's sysfs group
 *  -f      wait for a fork, see fork_marker.h: print "ready" on stdout, then
 *          nothing until the fork, which is time 0
 *  -q      do not read while waiting for the fork
 *  -r N    first of all read N bytes without printing them (65536)
 *  -w      after the fork, do not read before the kernel was notified
 *  -x N    then read N bytes more without printing them
 *  -g N    end after N new generations (1)
 *  -b N    and N bytes after the last of them (8192)
 *  -p MS   pause for MS milliseconds after each 4,096 bytes, or -s bytes
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/fork_marker.h"
#include "tests/guest/hwrng_chunk.h"

#define CHUNK HWRNG_CHUNK

/* Seconds to wait for a fork or a new generation. */
#define PATIENCE 300

struct forkread {
	const char *group; /* the driver's sysfs directory, or NULL */
	int rng;
	int generation_fd; /* -1: count the forks in the kernel's log */
	int received_fd;
	int log_fd;
	unsigned int log_forks;
	unsigned int marker; /* fw_cfg's key; 0: do not wait for a fork */
	bool quiet, wait_notice;
	unsigned long warm_up, drain, generations, bytes, pause_ms, burst;
	size_t since_rest; /* bytes */
	uint64_t start_us;
	uint64_t news_us; /* the time of the last event, for PATIENCE */
};

static _Noreturn void die(const char *what, const char *error)
{
	fprintf(stderr, "forkread: %s: %s\n", what, error);
	exit(1);
}

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static void rest(unsigned long ms)
{
	struct timespec ts = { (time_t)(ms / 1000),
			       (long)(ms % 1000) * 1000000 };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

static int open_file(const char *dir, const char *name, int flags)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		die(path, strerror(errno));
	return fd;
}

static unsigned long read_number(int fd)
{
	char text[32];
	ssize_t len = pread(fd, text, sizeof(text) - 1, 0);

	if (len <= 0)
		die("sysfs", len ? strerror(errno) : "empty file");
	text[len] = '\0';
	return strtoul(text, NULL, 10);
}

static unsigned int log_forks(struct forkread *reader)
{
	char line[1024];
	ssize_t len;

	/* EPIPE means that lines were overwritten: continue after them. */
	while ((len = read(reader->log_fd, line, sizeof(line) - 1)) > 0 ||
	       (len < 0 && errno == EPIPE)) {
		line[len > 0 ? len : 0] = '\0';
		if (strstr(line, "virtual machine fork"))
			reader->log_forks++;
	}
	return reader->log_forks;
}

static unsigned long generation(struct forkread *reader)
{
	if (reader->generation_fd < 0)
		return log_forks(reader);
	return read_number(reader->generation_fd);
}

static unsigned long received(const struct forkread *reader)
{
	if (reader->received_fd < 0)
		return 0;
	return read_number(reader->received_fd);
}

static size_t read_some(struct forkread *reader, unsigned char *data,
			size_t len)
{
	ssize_t got = read(reader->rng, data, len);

	if (got < 0 && errno == EINTR)
		return 0;
	if (got <= 0)
		die("/dev/hwrng", got ? strerror(errno) : "end of file");
	return (size_t)got;
}

static size_t read_away(struct forkread *reader, size_t len)
{
	unsigned char data[CHUNK];
	size_t left = len;

	while (left)
		left -= read_some(reader, data, left < CHUNK ? left : CHUNK);
	return len;
}

/* Pauses if enough bytes were read since the last pause. */
static void pace(struct forkread *reader, size_t bytes)
{
	reader->since_rest += bytes;
	if (!reader->pause_ms || reader->since_rest < reader->burst)
		return;
	rest(reader->pause_ms);
	reader->since_rest = 0;
}

/* Reads once and prints the bytes. Returns their number. */
static size_t read_one(struct forkread *reader, unsigned long now)
{
	const uint64_t when = now_us() - reader->start_us;
	const unsigned long before = received(reader);
	unsigned char data[CHUNK];
	size_t i, got;

	got = read_some(reader, data, sizeof(data));
	printf("%llu %lu %lu ", (unsigned long long)when, now, before);
	for (i = 0; i < got; i++)
		printf("%02x", data[i]);
	putchar('\n');
	return got;
}

static void check_patience(const struct forkread *reader)
{
	if (now_us() - reader->news_us > PATIENCE * 1000000ULL)
		die("gave up", "no new generation");
}

static void await_fork(struct forkread *reader)
{
	printf("ready\n");
	fflush(stdout);
	reader->news_us = now_us();
	while (!fork_marker_is_set(reader->marker)) {
		if (reader->quiet)
			rest(1);
		else
			pace(reader, read_away(reader, CHUNK));
		check_patience(reader);
	}
	reader->start_us = reader->news_us = now_us();
}

static void await_notice(struct forkread *reader, unsigned long first)
{
	while (generation(reader) == first) {
		rest(1);
		check_patience(reader);
	}
	printf("noticed %llu\n",
	       (unsigned long long)(now_us() - reader->start_us));
}

/* Reads until the last generation has had enough bytes. */
static void record(struct forkread *reader, unsigned long first)
{
	unsigned long now, last = first, bytes = 0;

	while (bytes < reader->bytes) {
		now = generation(reader);
		if (now != last)
			reader->news_us = now_us();
		last = now;
		pace(reader, read_one(reader, now));
		if (now - first >= reader->generations)
			bytes += CHUNK;
		check_patience(reader);
	}
}

static void run(struct forkread *reader)
{
	unsigned long first;
	char byte;

	/* The kernel logs a fork only when its own pool is ready. */
	if (getrandom(&byte, 1, 0) != 1)
		die("getrandom", strerror(errno));
	first = generation(reader);
	read_away(reader, reader->warm_up);
	reader->start_us = reader->news_us = now_us();
	if (reader->marker)
		await_fork(reader);
	printf("from %lu\n", first);
	if (reader->wait_notice)
		await_notice(reader, first);
	read_away(reader, reader->drain);
	record(reader, first);
}

static void take_option(struct forkread *reader, int option)
{
	switch (option) {
	case 'd':
		reader->group = optarg;
		return;
	case 'f':
		reader->marker = fork_marker_find("forkread");
		return;
	case 'q':
		reader->quiet = true;
		return;
	case 'w':
		reader->wait_notice = true;
		return;
	case 'r':
		reader->warm_up = strtoul(optarg, NULL, 10);
		return;
	case 'x':
		reader->drain = strtoul(optarg, NULL, 10);
		return;
	case 'g':
		reader->generations = strtoul(optarg, NULL, 10);
		return;
	case 'b':
		reader->bytes = strtoul(optarg, NULL, 10);
		return;
	case 'p':
		reader->pause_ms = strtoul(optarg, NULL, 10);
		return;
	case 's':
		reader->burst = strtoul(optarg, NULL, 10);
		return;
	default:
		fprintf(stderr, "usage: forkread [-d DIR] [-f] [-q] [-w] "
				"[-r N] [-x N] [-g N] [-b N] [-p MS] [-s N]\n");
		exit(64);
	}
}

int main(int argc, char **argv)
{
	struct forkread reader = {
		.generation_fd = -1,
		.received_fd = -1,
		.warm_up = 65536,
		.generations = 1,
		.bytes = 8192,
		.burst = 4096,
	};
	int option;

	while ((option = getopt(argc, argv, "d:fqwr:x:g:b:p:s:")) != -1)
		take_option(&reader, option);

	reader.rng = open_file("/dev", "hwrng", O_RDONLY);
	reader.log_fd = open_file("/dev", "kmsg", O_RDONLY | O_NONBLOCK);
	if (reader.group) {
		reader.generation_fd =
			open_file(reader.group, "clone_generation", O_RDONLY);
		reader.received_fd =
			open_file(reader.group, "bytes_received", O_RDONLY);
	}
	run(&reader);
	return 0;
}
