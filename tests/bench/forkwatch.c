// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * forkwatch [OPTION]...: runs in a guest, and reports what follows a VM fork. See
 * forks for the method.
 *
 * It prints "ready" on stdout, and waits until the machine is a clone (fork_marker.h).
 * Its report goes to QEMU's debug port, which takes a byte by one instruction: no
 * driver and no interrupt delays it. Lines:
 *
 *	event NAME US           US: microseconds since the event "run", by
 *	                        CLOCK_MONOTONIC
 *	sample US NAME HEX      16 bytes, whose read began at US
 *	end                     the last line
 *
 * Events, in the order in which they are reported:
 *	run      the first instruction of this program in the clone
 *	told     the host's word came through the agent's channel (-a)
 *	kernel   the kernel's log has the line of a VM fork
 *	page     the generation page has changed
 *	fed      it has changed once more: fresh entropy was credited and the kernel
 *	         has reseeded
 *	hooks    the file of the last hook is there
 *	command  the command of -g has ended with status 0
 *	failed   it has ended otherwise
 *
 *  -a TTY   the agent's channel
 *  -g CMD   run CMD by the shell at the first of "told" and "kernel"
 *  -k FILE  the last hook makes it; its folder exists
 *  -p FILE  the generation page
 *  -m MS    end after that time (1000), or at the end of CMD if that is first
 *  -s MS    time between samples (4); 0: take none
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/io.h>
#include <sys/random.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "rngd/signs/vmclock_page.h"
#include "tests/guest/fork_marker.h"

#define DEBUG_PORT 0xe9

#define SAMPLE	     16 /* bytes */
#define SAMPLES_MAX  1024
#define SAMPLES_LAST 8 /* after the end of the command */

/* Seconds to wait for a fork. */
#define PATIENCE 120

enum kind {
	HWRNG,
	URANDOM,
	GETRANDOM,
	UUID,
	KINDS
};

static const char *const kind_names[KINDS] = { "hwrng", "urandom", "getrandom",
					       "uuid" };

struct sample {
	uint64_t us[KINDS];
	bool is_there[KINDS];
	unsigned char bytes[KINDS][SAMPLE];
};

struct watch {
	const char *agent, *command, *hook, *page;
	unsigned long most_ms, pause_ms;

	unsigned int marker;
	uint64_t began_us;
	pthread_mutex_t port; /* one line at a time */
	int agent_fd, log_fd, notify_fd, page_fd;
	uint32_t changes_before, changes; /* of the page; since then */
	int go_fd; /* eventfd: run the command */
	int done_fd; /* eventfd: it has ended */
	bool has_failed; /* before done_fd */
	atomic_bool is_clone, is_over;

	struct sample sample[SAMPLES_MAX]; /* of the sampling thread */
	size_t samples;
};

static _Noreturn void die(const char *what, const char *error)
{
	fprintf(stderr, "forkwatch: %s: %s\n", what, error);
	exit(1);
}

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static void rest_ms(unsigned long ms)
{
	struct timespec ts = { (time_t)(ms / 1000),
			       (long)(ms % 1000) * 1000000 };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

/* ------------------------------------------------------------------ the report */

static void put(const char *text)
{
	for (; *text; text++)
		outb((unsigned char)*text, DEBUG_PORT);
}

static void event_at(struct watch *w, const char *name, uint64_t us)
{
	char line[80];

	snprintf(line, sizeof(line), "event %s %" PRIu64 "\n", name, us);
	pthread_mutex_lock(&w->port);
	put(line);
	pthread_mutex_unlock(&w->port);
}

static void event(struct watch *w, const char *name)
{
	event_at(w, name, now_us() - w->began_us);
}

static void put_sample(const struct sample *sample, enum kind kind)
{
	char line[120];
	int used;
	size_t i;

	if (!sample->is_there[kind])
		return;
	used = snprintf(line, sizeof(line), "sample %" PRIu64 " %s ",
			sample->us[kind], kind_names[kind]);
	for (i = 0; i < SAMPLE; i++)
		used += snprintf(line + used, sizeof(line) - (size_t)used,
				 "%02x", sample->bytes[kind][i]);
	snprintf(line + used, sizeof(line) - (size_t)used, "\n");
	put(line);
}

static void put_samples(const struct watch *w)
{
	enum kind kind;
	size_t i;

	for (i = 0; i < w->samples; i++)
		for (kind = 0; kind < KINDS; kind++)
			put_sample(&w->sample[i], kind);
}

/* --------------------------------------------------------------------- samples */

static int open_or_none(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC);
}

static unsigned int digit(char c)
{
	return (unsigned int)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Reads a UUID, without its hyphens. */
static bool take_uuid(unsigned char *bytes)
{
	char text[64];
	int fd = open_or_none("/proc/sys/kernel/random/uuid");
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	size_t used = 0;
	ssize_t i;

	if (fd >= 0)
		close(fd);
	for (i = 0; i + 1 < got && used < SAMPLE; i += 2) {
		if (text[i] == '-')
			i++;
		bytes[used++] = (unsigned char)(digit(text[i]) << 4 |
						digit(text[i + 1]));
	}
	return used == SAMPLE;
}

static bool take(enum kind kind, int fd, unsigned char *bytes)
{
	switch (kind) {
	case GETRANDOM:
		return getrandom(bytes, SAMPLE, 0) == SAMPLE;
	case UUID:
		return take_uuid(bytes);
	case HWRNG:
	case URANDOM:
	case KINDS:
	default:
		return fd >= 0 && read(fd, bytes, SAMPLE) == SAMPLE;
	}
}

static void take_sample(struct watch *w, const int fd[KINDS])
{
	struct sample *sample = &w->sample[w->samples];
	enum kind kind;

	if (w->samples == SAMPLES_MAX)
		return;
	for (kind = 0; kind < KINDS; kind++) {
		sample->us[kind] = now_us() - w->began_us;
		sample->is_there[kind] =
			take(kind, fd[kind], sample->bytes[kind]);
	}
	w->samples++;
}

/* The last ones are read after the command has ended. */
static void *sampling_main(void *arg)
{
	struct watch *w = arg;
	const int fd[KINDS] = { open_or_none("/dev/hwrng"),
				open_or_none("/dev/urandom"), -1, -1 };
	unsigned int last = 0;

	while (!atomic_load(&w->is_clone))
		rest_ms(1);
	while (last < SAMPLES_LAST) {
		last += atomic_load(&w->is_over);
		if (w->pause_ms)
			take_sample(w, fd);
		rest_ms(w->pause_ms && !last ? w->pause_ms : 1);
	}
	return NULL;
}

/* --------------------------------------------------------------------- the gate */

static void *gate_main(void *arg)
{
	struct watch *w = arg;
	const uint64_t one = 1;
	uint64_t count;

	if (!w->command ||
	    read(w->go_fd, &count, sizeof(count)) != sizeof(count))
		return NULL;
	w->has_failed = system(w->command) != 0;
	if (write(w->done_fd, &one, sizeof(one)) < 0)
		die("eventfd", strerror(errno));
	return NULL;
}

static void start_gate(struct watch *w)
{
	const uint64_t one = 1;

	if (write(w->go_fd, &one, sizeof(one)) < 0)
		die("eventfd", strerror(errno));
}

/* --------------------------------------------------------------------- signs */

static void look_at_agent(struct watch *w)
{
	char text[64];

	if (read(w->agent_fd, text, sizeof(text)) <= 0)
		return;
	event(w, "told");
	start_gate(w);
}

static void look_at_log(struct watch *w)
{
	char line[8192];
	ssize_t len;

	/* EPIPE means that lines were overwritten: continue after them. */
	while ((len = read(w->log_fd, line, sizeof(line) - 1)) > 0 ||
	       (len < 0 && errno == EPIPE)) {
		line[len > 0 ? len : 0] = '\0';
		if (!strstr(line, "due to virtual machine fork"))
			continue;
		event(w, "kernel");
		if (!w->agent)
			start_gate(w);
	}
}

/* The sequence grows by two with each change of the generation. */
static uint32_t count_changes(const struct watch *w)
{
	struct rngd_vmclock_page page;

	if (pread(w->page_fd, &page, sizeof(page), 0) != sizeof(page))
		die(w->page, "cannot be read");
	return le32toh(page.sequence) / 2;
}

static void look_at_page(struct watch *w)
{
	static const char *const names[] = { "page", "fed" };
	const uint32_t changes = count_changes(w) - w->changes_before;

	for (; w->changes < 2 && w->changes < changes; w->changes++)
		event(w, names[w->changes]);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void look_at_files(struct watch *w)
{
	char text[4096] __attribute__((aligned(8)));
	const struct inotify_event *news;
	ssize_t got = read(w->notify_fd, text, sizeof(text));
	ssize_t i;

	if (w->page)
		look_at_page(w);
	for (i = 0; i < got; i += (ssize_t)(sizeof(*news) + news->len)) {
		news = (const struct inotify_event *)(text + i);
		if (news->len && w->hook &&
		    !strcmp(news->name, last_part(w->hook)))
			event(w, "hooks");
	}
}

/* --------------------------------------------------------------------- running */

/* True when the command has ended. */
static bool look(struct watch *w, int timeout_ms)
{
	struct pollfd fd[] = {
		{ .fd = w->log_fd, .events = POLLIN },
		{ .fd = w->notify_fd, .events = POLLIN },
		{ .fd = w->agent_fd, .events = POLLIN },
		{ .fd = w->done_fd, .events = POLLIN },
	};

	(void)poll(fd, sizeof(fd) / sizeof(fd[0]), timeout_ms);
	if (!atomic_load(&w->is_clone)) {
		if (!fork_marker_is_set(w->marker))
			return false;
		w->began_us = now_us();
		event_at(w, "run", 0);
		atomic_store(&w->is_clone, true);
	}
	if (fd[2].revents)
		look_at_agent(w);
	if (fd[0].revents)
		look_at_log(w);
	/* What came before the end of the command is reported before it. */
	if (fd[1].revents || fd[3].revents)
		look_at_files(w);
	if (!fd[3].revents)
		return false;
	event(w, w->has_failed ? "failed" : "command");
	return true;
}

static void await_fork(struct watch *w)
{
	const uint64_t end = now_us() + PATIENCE * UINT64_C(1000000);

	printf("ready\n");
	fflush(stdout);
	while (!atomic_load(&w->is_clone)) {
		(void)look(w, 1);
		if (now_us() > end)
			die("gave up", "no fork");
	}
}

static void run(struct watch *w)
{
	pthread_t sampling, gate;
	bool is_done = false;

	if (pthread_create(&sampling, NULL, sampling_main, w) ||
	    pthread_create(&gate, NULL, gate_main, w))
		die("threads", "cannot be started");
	await_fork(w);
	while (!is_done && now_us() < w->began_us + w->most_ms * 1000)
		is_done = look(w, 20);
	atomic_store(&w->is_over, true);
	pthread_join(sampling, NULL);
	put_samples(w);
	put("end\n");
}

static int open_channel(const char *path)
{
	int fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct termios raw;

	if (fd < 0 || tcgetattr(fd, &raw))
		die(path, strerror(errno));
	cfmakeraw(&raw);
	if (tcsetattr(fd, TCSANOW, &raw))
		die(path, strerror(errno));
	return fd;
}

static void watch_file(struct watch *w, const char *path, uint32_t events)
{
	if (inotify_add_watch(w->notify_fd, path, events) < 0)
		die(path, strerror(errno));
}

static void open_all(struct watch *w)
{
	char folder[256];

	w->marker = fork_marker_find("forkwatch");
	w->log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	w->notify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	w->go_fd = eventfd(0, EFD_CLOEXEC);
	w->done_fd = eventfd(0, EFD_CLOEXEC);
	if (w->log_fd < 0 || w->notify_fd < 0 || w->go_fd < 0 || w->done_fd < 0)
		die("cannot start", strerror(errno));
	(void)lseek(w->log_fd, 0, SEEK_END);
	w->agent_fd = w->agent ? open_channel(w->agent) : -1;
	if (w->page) {
		w->page_fd = open(w->page, O_RDONLY | O_CLOEXEC);
		if (w->page_fd < 0)
			die(w->page, strerror(errno));
		w->changes_before = count_changes(w);
		watch_file(w, w->page, IN_MODIFY);
	}
	if (w->hook) {
		snprintf(folder, sizeof(folder), "%.*s",
			 (int)(last_part(w->hook) - w->hook), w->hook);
		watch_file(w, folder, IN_CLOSE_WRITE);
	}
}

static void take_option(struct watch *w, int option)
{
	switch (option) {
	case 'a':
		w->agent = optarg;
		return;
	case 'g':
		w->command = optarg;
		return;
	case 'k':
		w->hook = optarg;
		return;
	case 'p':
		w->page = optarg;
		return;
	case 'm':
		w->most_ms = strtoul(optarg, NULL, 10);
		return;
	case 's':
		w->pause_ms = strtoul(optarg, NULL, 10);
		return;
	default:
		fprintf(stderr, "usage: forkwatch [-a TTY] [-g CMD] [-k FILE] "
				"[-p FILE] [-m MS] [-s MS]\n");
		exit(64);
	}
}

int main(int argc, char **argv)
{
	static struct watch w = {
		.most_ms = 1000,
		.pause_ms = 4,
		.port = PTHREAD_MUTEX_INITIALIZER,
	};
	int option;

	while ((option = getopt(argc, argv, "a:g:k:p:m:s:")) != -1)
		take_option(&w, option);
	open_all(&w);
	run(&w);
	return 0;
}
