// SPDX-License-Identifier: GPL-2.0-or-later
/* A source process, and a scheduler that distributes its bytes to two rings. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/device/entropy/request_buffer.h"
#include "tests/device/entropy/scheduler.h"
#include "tests/device/entropy/shared_source.h"
#include "tests/device/runtime/fork_signs.h"
#include "tests/unit/fds.h"

#define RINGS 2
#define BOUND 10000000000ULL /* ns to wait for what should happen at once */

struct fixture {
	struct shared_source shared;
	struct loop loop;
	struct scheduler scheduler;
	struct prefetch_ring prefetch[RINGS];
	char dir[40];
	char path[64];
	char page[64];
	char id[64]; /* as the driver's clone_id */
	struct fork_signs signs;
	int fifo; /* the writing end, or -1 */
	int gone;
	int fds;
};

static void on_gone(struct scheduler *scheduler)
{
	struct fixture *f = (void *)((char *)scheduler -
				     offsetof(struct fixture, scheduler));

	f->gone++;
}

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.fds = fds_open();
	f.fifo = -1;
	f.scheduler.process.sock = -1;
	f.scheduler.bytes.fd = f.scheduler.room.fd = -1;
	strcpy(f.dir, "/tmp/vrng-scheduler_test.XXXXXX");
	if (!mkdtemp(f.dir) || loop_init(&f.loop))
		return -1;
	snprintf(f.path, sizeof(f.path), "%s/source", f.dir);
	snprintf(f.page, sizeof(f.page), "%s/page", f.dir);
	snprintf(f.id, sizeof(f.id), "%s/id", f.dir);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	scheduler_stop(&f->scheduler);
	waitpid(f->scheduler.process.pid, NULL, 0);
	for (int i = 0; i < RINGS; i++)
		prefetch_done(&f->prefetch[i]);
	shared_source_done(&f->shared);
	loop_done(&f->loop);
	if (f->fifo >= 0)
		close(f->fifo);
	fork_signs_close(&f->signs);
	unlink(f->page);
	unlink(f->id);
	unlink(f->path);
	rmdir(f->dir);
	return fds_left(f->fds);
}

static void begin_with(struct fixture *f, const char *spec)
{
	int room = scheduler_room();

	assert_true(room >= 0);
	assert_int_equal(shared_source_init(&f->shared, spec, "", NULL, NULL),
			 0);
	assert_int_equal(shared_source_kind(&f->shared), SHARED_SOURCE_FETCHED);
	f->shared.signs = &f->signs;
	f->scheduler.signs = &f->signs;
	assert_int_equal(source_process_start(&f->scheduler.process, &f->shared,
					      NULL),
			 0);
	f->scheduler.loop = &f->loop;

	f->scheduler.gone = on_gone;
	assert_int_equal(scheduler_start(&f->scheduler, room), 0);
	for (int i = 0; i < RINGS; i++) {
		assert_int_equal(prefetch_init(&f->prefetch[i], SCHEDULER_RING,
					       room, NULL),
				 0);
		assert_int_equal(scheduler_add(&f->scheduler, &f->prefetch[i]),
				 0);
	}
}

static void begin(struct fixture *f)
{
	char spec[80];

	snprintf(spec, sizeof(spec), "file:%s", f->path);
	begin_with(f, spec);
}

/* The child of @pid, or 0. */
static pid_t child_of(pid_t pid)
{
	DIR *proc = opendir("/proc");
	char path[64], line[512];
	struct dirent *entry;
	pid_t found = 0;

	assert_non_null(proc);
	while (!found && (entry = readdir(proc))) {
		const pid_t one = (pid_t)atoi(entry->d_name);
		FILE *stat;
		int parent;
		char *end;

		snprintf(path, sizeof(path), "/proc/%d/stat", one);
		stat = one ? fopen(path, "r") : NULL;
		if (!stat)
			continue;
		end = fgets(line, sizeof(line), stat) ? strrchr(line, ')') :
							NULL;
		if (end && sscanf(end, ") %*c %d", &parent) == 1 &&
		    parent == pid)
			found = one;
		fclose(stat);
	}
	closedir(proc);
	return found;
}

/* The process that reads the source, once there is one. */
static pid_t source_pid(struct fixture *f)
{
	uint64_t end = vrng_now() + BOUND;
	pid_t pid;

	while (!(pid = child_of(f->scheduler.process.pid))) {
		assert_true(vrng_now() < end);
		(void)poll(NULL, 0, 1);
	}
	return pid;
}

/* The descriptor by which the source process has the source open, or -1. */
static int source_fd(struct fixture *f)
{
	char link[64], target[128];

	for (int fd = 0; fd < 64; fd++) {
		ssize_t n;

		snprintf(link, sizeof(link), "/proc/%d/fd/%d",
			 (int)source_pid(f), fd);
		n = readlink(link, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		target[n] = '\0';
		if (!strcmp(target, f->path))
			return fd;
	}
	return -1;
}

static bool source_is_open(struct fixture *f)
{
	return source_fd(f) >= 0;
}

/* How far the source process has read the source, in bytes. */
static long long source_at(struct fixture *f)
{
	char path[64];
	long long at;
	FILE *info;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", (int)source_pid(f),
		 source_fd(f));
	info = fopen(path, "r");
	assert_non_null(info);
	assert_int_equal(fscanf(info, "pos: %lld", &at), 1);
	fclose(info);
	return at;
}

static void begin_with_fifo(struct fixture *f)
{
	assert_int_equal(mkfifo(f->path, 0600), 0);
	begin(f);
	f->fifo = open(f->path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(f->fifo >= 0);
}

/* The file holds the 32-bit numbers from 0 to @n - 1: each piece is unique. */
static void begin_with_file(struct fixture *f, uint32_t n)
{
	FILE *file = fopen(f->path, "w");

	assert_non_null(file);
	for (uint32_t i = 0; i < n; i++)
		fwrite(&i, sizeof(i), 1, file);
	fclose(file);
	begin(f);
}

/* Wait until the source is open, or closed. */
static void await_source(struct fixture *f, bool open)
{
	uint64_t end = vrng_now() + BOUND;

	while (source_is_open(f) != open) {
		if (vrng_now() > end)
			fail_msg("not within 10 s");
		loop_step(&f->loop, 10);
	}
}

/* Draw exactly @len bytes from ring @i. */
static void draw(struct fixture *f, int i, void *buf, size_t len)
{
	uint64_t end = vrng_now() + BOUND;
	unsigned char *to = buf;

	while (len) {
		size_t n = prefetch_draw(&f->prefetch[i], to, len);

		to += n;
		len -= n;
		if (!n && vrng_now() > end)
			fail_msg("not within 10 s");
		if (!n)
			loop_step(&f->loop, 10);
	}
}

static void the_source_is_open_while_any_ring_is(void **state)
{
	struct fixture *f = *state;

	begin_with_fifo(f);
	loop_step(&f->loop, 0);
	assert_false(source_is_open(f));
	prefetch_want(&f->prefetch[0], SCHEDULER_RING);
	await_source(f, true);
	prefetch_want(&f->prefetch[1], SCHEDULER_RING);
	prefetch_want(&f->prefetch[0], 0);
	for (int i = 0; i < 3; i++)
		loop_step(&f->loop, 10);
	assert_true(source_is_open(f));
	prefetch_want(&f->prefetch[1], 0);
	await_source(f, false);
}

/* Guests come and go while the source process is stopped. */
static void of_many_changes_the_last_one_counts(void **state)
{
	enum {
		TIMES = 1000
	};
	struct fixture *f = *state;

	begin_with_fifo(f);
	for (int open = 1; open >= 0; open--) {
		kill(source_pid(f), SIGSTOP);
		for (int i = 0; i < TIMES; i++) {
			prefetch_want(&f->prefetch[0],
				      open ? 0 : SCHEDULER_RING);
			while (loop_step(&f->loop, 0))
				;
			prefetch_want(&f->prefetch[0],
				      open ? SCHEDULER_RING : 0);
			while (loop_step(&f->loop, 0))
				;
		}
		kill(source_pid(f), SIGCONT);
		await_source(f, open);
	}
}

static void a_stream_arrives_whole_and_in_order(void **state)
{
	enum {
		N = 200000
	};
	static uint32_t got[N];
	struct fixture *f = *state;

	begin_with_file(f, N);
	prefetch_want(&f->prefetch[0], SCHEDULER_RING);
	/* as from one guest to the next: the source is closed in between */
	draw(f, 0, got, sizeof(got) / 2);
	prefetch_want(&f->prefetch[0], 0);
	await_source(f, false);
	prefetch_want(&f->prefetch[0], SCHEDULER_RING);
	draw(f, 0, got + N / 2, sizeof(got) / 2);
	for (uint32_t i = 0; i < N; i++)
		assert_int_equal(got[i], i);
}

/* A guest of few bytes takes no more from the source, however fast it is. */
static void no_more_is_read_than_was_asked_for(void **state)
{
	const uint64_t minute = 60000000000;
	struct request_buffer buffer;
	uint64_t now = minute;
	struct fixture *f = *state;
	unsigned char *bytes;
	ssize_t n;
	int got = 0;

	begin_with_file(f, 100000);
	assert_int_equal(request_buffer_init(&buffer, NULL, &f->prefetch[0],
					     NULL, 16, minute),
			 0);
	request_buffer_open(&buffer, 1);
	for (uint64_t end = vrng_now() + BOUND; got < 16;) {
		n = request_buffer_peek(&buffer, &bytes, 16, now);
		if (n > 0) {
			request_buffer_take(&buffer, (size_t)n, now);
			got += (int)n;
		}
		now += minute;
		assert_true(vrng_now() < end);
		loop_step(&f->loop, 10);
	}
	for (uint64_t end = vrng_now() + BOUND;
	     prefetch_level(&f->prefetch[0]) < 16;) {
		assert_true(vrng_now() < end);
		loop_step(&f->loop, 10);
	}
	assert_int_equal(source_at(f), 32);
	request_buffer_done(&buffer);
}

/* One line for each time that it was started. */
static int starts(const char *path)
{
	FILE *file = fopen(path, "r");
	int c, n = 0;

	while (file && (c = getc(file)) != EOF)
		n += c == '\n';
	if (file)
		fclose(file);
	return n;
}

/* Wait until the source process has been told, and has taken it. */
static void await_change(struct fixture *f)
{
	struct pollfd changes = { .fd = f->scheduler.process.changes,
				  .events = POLLIN };

	for (uint64_t end = vrng_now() + BOUND;;) {
		while (loop_step(&f->loop, 0))
			;
		if (!poll(&changes, 1, 0))
			return;
		assert_true(vrng_now() < end);
		(void)poll(NULL, 0, 1);
	}
}

static void a_program_outlives_guests_that_come_and_go(void **state)
{
	struct fixture *f = *state;
	unsigned char bytes[40];
	char spec[200];

	snprintf(spec, sizeof(spec),
		 "exec:echo started >>%s; exec cat /dev/zero", f->path);
	begin_with(f, spec);
	for (int i = 0; i < 20; i++) {
		prefetch_want(&f->prefetch[0], 64);
		draw(f, 0, bytes, sizeof(bytes)); /* more than half */
		prefetch_want(&f->prefetch[0], 0);
		await_change(f);
	}
	assert_int_equal(starts(f->path), 1);
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void no_byte_goes_to_both_rings(void **state)
{
	enum {
		N = 100000,
		EACH = 20000
	};
	static uint32_t got[2 * EACH];
	struct fixture *f = *state;

	begin_with_file(f, N);
	prefetch_want(&f->prefetch[0], SCHEDULER_RING);
	prefetch_want(&f->prefetch[1], SCHEDULER_RING);
	for (int i = 0; i < 2 * EACH; i += 100)
		draw(f, i / 100 % 2, got + i, 100 * sizeof(*got));
	qsort(got, sizeof(got) / sizeof(*got), sizeof(*got), compare);
	for (int i = 1; i < 2 * EACH; i++)
		assert_true(got[i] != got[i - 1]);
}

static void a_full_ring_does_not_delay_another(void **state)
{
	enum {
		N = 200000
	};
	static uint32_t got[N / 2];
	struct fixture *f = *state;

	begin_with_file(f, N);
	prefetch_want(&f->prefetch[0], SCHEDULER_RING);
	prefetch_want(&f->prefetch[1], SCHEDULER_RING);
	for (uint64_t end = vrng_now() + BOUND;
	     prefetch_level(&f->prefetch[0]) < SCHEDULER_RING;) {
		assert_true(vrng_now() < end);
		loop_step(&f->loop, 10);
	}
	draw(f, 1, got, sizeof(got));
}

/* From a slow source, the guest that asks for less gets all that it asks for. */
static void a_greedy_ring_does_not_starve_another(void **state)
{
	unsigned char bytes[256] = { 0 }, rest[SCHEDULER_RING];
	struct fixture *f = *state;
	size_t greedy = 0, modest = 0;

	begin_with_fifo(f);
	prefetch_want(&f->prefetch[0], SCHEDULER_RING);
	prefetch_want(&f->prefetch[1], SCHEDULER_RING);
	await_source(f, true);
	for (int round = 0; round < 200; round++) {
		uint64_t end = vrng_now() + BOUND;
		size_t have = greedy + modest + prefetch_level(&f->prefetch[1]);

		assert_int_equal(write(f->fifo, bytes, sizeof(bytes)), 256);
		while (greedy + modest + prefetch_level(&f->prefetch[1]) <
		       have + 256) {
			assert_true(vrng_now() < end);
			loop_step(&f->loop, 10);
			greedy += prefetch_draw(&f->prefetch[0], rest,
						sizeof(rest));
		}
		modest += prefetch_draw(&f->prefetch[1], rest, 64);
	}
	/* it was always served, although the other takes all it can get */
	assert_true(modest >= 64 * 195);
	assert_true(greedy > modest);
}

static void the_end_of_the_source_process_is_reported(void **state)
{
	struct fixture *f = *state;

	pid_t child;

	begin_with_fifo(f);
	child = source_pid(f);
	kill(f->scheduler.process.pid, SIGKILL);
	kill(child, SIGKILL);
	for (uint64_t end = vrng_now() + BOUND; !f->gone;) {
		assert_true(vrng_now() < end);
		loop_step(&f->loop, 10);
	}
	assert_int_equal(f->gone, 1);
}

/* Nothing that was asked for of one that is killed is lost. */
static void a_source_process_that_is_killed_is_started_again(void **state)
{
	enum {
		TIMES = 3
	};
	static unsigned char got[SCHEDULER_RING];
	struct fixture *f = *state;

	begin_with_file(f, 200000);
	prefetch_want(&f->prefetch[0], SCHEDULER_RING);
	for (int i = 0; i < TIMES; i++) {
		draw(f, 0, got, sizeof(got));
		kill(source_pid(f), SIGKILL);
	}
	draw(f, 0, got, sizeof(got));
	assert_int_equal(f->gone, 0);
}

/* An errno left over from an earlier call must not count as an end. */
static void stopping_waits_only_until_the_source_process_ends(void **state)
{
	struct fixture *f = *state;
	uint64_t begin;

	begin_with_fifo(f);
	prefetch_want(&f->prefetch[0], SCHEDULER_RING);
	await_source(f, true);
	begin = vrng_now();
	errno = EAGAIN;
	scheduler_stop(&f->scheduler);
	assert_true(vrng_now() - begin < SOURCE_PROCESS_END_MS * 1000000ULL);
}

/* The device is killed; its source process must end, too. */
static void the_source_process_does_not_outlive_the_device(void **state)
{
	struct fixture *f = *state;
	char byte;
	int alive[2];
	pid_t device;

	assert_int_equal(mkfifo(f->path, 0600), 0);
	assert_int_equal(pipe(alive), 0);
	device = fork();
	if (!device) {
		begin(f);
		prefetch_want(&f->prefetch[0], SCHEDULER_RING);
		await_source(f, true);
		kill(getpid(), SIGKILL);
	}
	close(alive[1]);
	/* the pipe ends when both are gone */
	assert_int_equal(read(alive[0], &byte, 1), 0);
	close(alive[0]);
	waitpid(device, NULL, 0);
}

/* ---- this machine is cloned ---- */

/* Writes @generation into the page, as rngd does. */
static void set_generation(const struct fixture *f, uint64_t generation)
{
	int fd = open(f->page, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 4096), 0);
	assert_int_equal(pwrite(fd, &generation, sizeof(generation), 104),
			 sizeof(generation));
	close(fd);
}

static void watch_page(struct fixture *f)
{
	set_generation(f, 1);
	f->signs.page_path = f->page;
	f->signs.counts = f->signs.ids = "/nowhere";
	fork_signs_open(&f->signs);
	assert_int_equal(fork_signs_count(&f->signs), 1);
}

static void write_all(const struct fixture *f, int byte, size_t n)
{
	unsigned char bytes[4096];

	memset(bytes, byte, sizeof(bytes));
	assert_int_equal(write(f->fifo, bytes, n), n);
}

static int in_socket(const struct fixture *f)
{
	int bytes;

	assert_int_equal(ioctl(f->scheduler.process.sock, FIONREAD, &bytes), 0);
	return bytes;
}

/* Wait until @n bytes lie in the socket. 'b's come meanwhile, if @more. */
static void await_in_socket(const struct fixture *f, int n, bool more)
{
	const uint64_t end = vrng_now() + BOUND;

	while (in_socket(f) < n) {
		assert_true(vrng_now() < end);
		if (more)
			(void)!write(f->fifo, "bbbbbbbb", 8);
		(void)poll(NULL, 0, 1);
	}
}

/*
 * Old bytes are in the ring, in the socket, in the source process and in the FIFO when
 * the machine is forked. None of them is given out.
 */
static void no_byte_of_before_a_fork_is_given_out(void **state)
{
	struct fixture *f = *state;
	uint64_t end = vrng_now() + BOUND;
	unsigned char buf[512];
	size_t i, n = 0;

	watch_page(f);
	begin_with_fifo(f);
	prefetch_want(&f->prefetch[0], 1024);
	for (i = 0; i < 4; i++)
		write_all(f, 'a', 4096);
	while (prefetch_level(&f->prefetch[0]) < 1024 && vrng_now() < end)
		loop_step(&f->loop, 10);
	assert_int_equal(prefetch_level(&f->prefetch[0]), 1024);
	source_process_ask(&f->scheduler.process, 1024);
	await_in_socket(f, 1024, false);
	set_generation(f, 2);
	source_process_ask(&f->scheduler.process, 65536);
	await_in_socket(f, 1025, true); /* the source process goes on */
	assert_int_equal(prefetch_forget(&f->prefetch[0],
					 fork_signs_now(&f->signs)),
			 1024);
	while (!n && vrng_now() < end) {
		loop_step(&f->loop, 10);
		(void)prefetch_forget(&f->prefetch[0],
				      fork_signs_now(&f->signs));
		n = prefetch_draw(&f->prefetch[0], buf, sizeof(buf));
		/* The source process drops what it finds first: go on. */
		(void)!write(f->fifo, "bbbbbbbb", 8);
	}
	assert_true(n > 0);
	for (i = 0; i < n; i++)
		assert_int_equal(buf[i], 'b');
}

/* A guest's buffer has bytes at hand, of a stream that anyone can compute. */
static void a_guest_gets_no_byte_of_before_a_fork(void **state)
{
	static const char spec[] =
		"drbg:seed=0000000000000000000000000000000000000000000000000000000000000001";
	struct fixture *f = *state;
	struct request_buffer buffer;
	struct shared_source again;
	struct shared_source_wait wait;
	unsigned char stream[REQUEST_BUFFER_AHEAD + 16], *bytes;

	watch_page(f);
	assert_int_equal(shared_source_init(&f->shared, spec, "", NULL, NULL),
			 0);
	assert_int_equal(shared_source_init(&again, spec, "", NULL, NULL), 0);
	shared_source_use(&again);
	assert_int_equal(shared_source_read(&again, stream, sizeof(stream),
					    vrng_now(), &wait),
			 sizeof(stream));
	assert_int_equal(request_buffer_init(&buffer, &f->shared, NULL, NULL, 0,
					     VRNG_NS_PER_S),
			 0);
	buffer.signs = &f->signs;
	buffer.tag = fork_signs_now(&f->signs);
	request_buffer_open(&buffer, vrng_now());
	assert_int_equal(request_buffer_peek(&buffer, &bytes, 16, vrng_now()),
			 16);
	assert_memory_equal(bytes, stream, 16);
	assert_false(request_buffer_is_void(&buffer));
	set_generation(f, 2);
	assert_true(request_buffer_is_void(&buffer));
	assert_false(request_buffer_is_void(&buffer));
	assert_int_equal(request_buffer_peek(&buffer, &bytes, 16, vrng_now()),
			 16);
	assert_memory_equal(bytes, stream + REQUEST_BUFFER_AHEAD, 16);
	request_buffer_done(&buffer);
	shared_source_leave(&again);
	shared_source_done(&again);
}

/* The first byte of clone_id: '\n' while the kernel may not have reseeded. */
static void set_id(const struct fixture *f, char first)
{
	int fd = open(f->id, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, &first, 1, 0), 1);
	close(fd);
}

static void watch_page_and_id(struct fixture *f)
{
	set_generation(f, 1);
	set_id(f, '0');
	f->signs.page_path = f->page;
	f->signs.counts = "/nowhere";
	f->signs.ids = f->id;
	fork_signs_open(&f->signs);
	assert_true(fork_signs_settled(&f->signs));
}

/* Also if the kernel is the source, which then gives what it gives in each clone. */
static void a_source_is_not_read_before_the_kernel_has_reseeded(void **state)
{
	struct fixture *f = *state;
	struct request_buffer buffer;
	unsigned char *bytes;

	watch_page_and_id(f);
	assert_int_equal(
		shared_source_init(&f->shared, "getrandom", "", NULL, NULL), 0);
	assert_int_equal(request_buffer_init(&buffer, &f->shared, NULL, NULL, 0,
					     VRNG_NS_PER_S),
			 0);
	buffer.signs = &f->signs;
	buffer.tag = fork_signs_now(&f->signs);
	request_buffer_open(&buffer, vrng_now());
	set_id(f, '\n');
	set_generation(f, 2);
	assert_true(request_buffer_is_void(&buffer));
	assert_int_equal(request_buffer_peek(&buffer, &bytes, 16, vrng_now()),
			 -EAGAIN);
	assert_true(buffer.again != 0); /* it looks again by itself */
	set_id(f, '0');
	assert_int_equal(request_buffer_peek(&buffer, &bytes, 16, vrng_now()),
			 16);
	request_buffer_done(&buffer);
}

/* What could be read meanwhile is there for 50 ms. */
static void nor_by_its_process(void **state)
{
	struct fixture *f = *state;
	uint64_t end = vrng_now() + BOUND;

	watch_page_and_id(f);
	begin_with_fifo(f);
	prefetch_want(&f->prefetch[0], 1024);
	write_all(f, 'a', 2048);
	while (prefetch_level(&f->prefetch[0]) < 1024 && vrng_now() < end)
		loop_step(&f->loop, 10);
	source_process_ask(&f->scheduler.process, 1024);
	await_in_socket(f, 1024, false);
	set_id(f, '\n');
	set_generation(f, 2);
	source_process_ask(&f->scheduler.process, 65536);
	for (int i = 0; i < 50; i++) {
		(void)!write(f->fifo, "bbbbbbbb", 8);
		(void)poll(NULL, 0, 1);
	}
	assert_int_equal(in_socket(f), 1024);
	set_id(f, '0');
	await_in_socket(f, 1025, true);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_source_is_open_while_any_ring_is),
		T(of_many_changes_the_last_one_counts),
		T(a_stream_arrives_whole_and_in_order),
		T(no_byte_goes_to_both_rings),
		T(a_full_ring_does_not_delay_another),
		T(no_more_is_read_than_was_asked_for),
		T(a_program_outlives_guests_that_come_and_go),
		T(a_greedy_ring_does_not_starve_another),
		T(the_end_of_the_source_process_is_reported),
		T(a_source_process_that_is_killed_is_started_again),
		T(stopping_waits_only_until_the_source_process_ends),
		T(the_source_process_does_not_outlive_the_device),
		T(no_byte_of_before_a_fork_is_given_out),
		T(a_guest_gets_no_byte_of_before_a_fork),
		T(a_source_is_not_read_before_the_kernel_has_reseeded),
		T(nor_by_its_process),
	};

	alarm(120); /* no case waits in a call of its own for so long */
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("scheduler", tests, NULL, NULL);
}
