// SPDX-License-Identifier: GPL-2.0-or-later
/* Several guests in one process do not disturb each other. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/front.h"
#include "tests/device/vhost-user-rng/worker.h"
#include "tests/device/guest-memory/sigbus.h"
#include "tests/device/entropy/shared_source.h"
#include "tests/unit/fds.h"
#include "tests/unit/front_rig.h"
#include "tests/unit/machine.h"
#include "vrng/source.h"

#define GUESTS	2
#define NUM	16
#define W	VRING_DESC_F_WRITE
#define NEXT	VRING_DESC_F_NEXT
#define BOUND	10000 /* ms; only a hang takes so long */
#define STALLED 0x50000 /* in the second region, which no other request uses */
#define BLOCK	64
#define DRBG                                                         \
	"drbg:seed=0123456789abcdef0123456789abcdef0123456789abcdef" \
	"0123456789abcdef"

struct fixture {
	struct shared_source shared;
	struct device_worker worker[GUESTS];
	struct front front[GUESTS];
	char path[GUESTS][64];
	char dir[40];
	int changed;
	int fds;
};

static int complaints; /* of connections that could not be taken; atomic */

static void count_line(const struct vrng_log *log, enum vrng_log_level level,
		       const char *text)
{
	(void)log;
	(void)level;
	if (strstr(text, "cannot take a connection"))
		__atomic_fetch_add(&complaints, 1, __ATOMIC_RELAXED);
}

static int complained(void)
{
	return __atomic_load_n(&complaints, __ATOMIC_RELAXED);
}

static void connect_front(struct front *front, const char *path)
{
	if (front->sock >= 0)
		close(front->sock);
	front->sock = rig_dial(path);
	assert_true(front->sock >= 0);
}

static void start_ring(struct front *front)
{
	front_begin_at(front, 0);
	assert_int_equal(front_send_ring(front, FRONT_FEATURES, 0), 0);
	assert_int_equal(front_send_state(front, VU_SET_VRING_ENABLE, 0, 1), 0);
}

/* cmocka puts a SIGBUS handler of its own in place for each test. */
static void start_front(struct front *front, const char *path)
{
	assert_int_equal(sigbus_install(), 0);
	connect_front(front, path);
	start_ring(front);
}

/* @silence_ns: 0 is the default. */
static int setup_with(void **state, uint64_t silence_ns)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.fds = fds_open();
	strcpy(f.dir, "/tmp/vrng-device_worker_test.XXXXXX");
	f.changed = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (!mkdtemp(f.dir) || f.changed < 0 ||
	    shared_source_init(&f.shared, DRBG, "", NULL, NULL))
		return -1;
	for (unsigned int i = 0; i < GUESTS; i++) {
		struct device_worker *g = &f.worker[i];

		snprintf(f.path[i], sizeof(f.path[i]), "%s/%u", f.dir, i);
		vrng_log_init(&g->log, "#", f.path[i], VRNG_LOG_BURST_HOST);
		g->log.sink = count_line;
		g->connection.path = f.path[i];
		g->connection.silence_ns = silence_ns;
		g->changed = f.changed;
		if (request_buffer_init(&g->buffer, &f.shared, NULL, NULL, 0,
					1) ||
		    front_init(&f.front[i], NUM) ||
		    device_worker_start(g, NULL) || device_worker_run(g, NULL))
			return -1;
	}
	*state = &f;
	return 0;
}

static int setup(void **state)
{
	return setup_with(state, 0);
}

static int setup_impatient(void **state)
{
	return setup_with(state, 100000000);
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	uint64_t until = vrng_now() + BOUND * 1000000ULL;

	for (unsigned int i = 0; i < GUESTS; i++) {
		device_worker_stop(&f->worker[i]);
		if (!device_worker_join(&f->worker[i], until))
			return -1;
		vrng_listener_remove(&f->worker[i].connection.listener);
		request_buffer_done(&f->worker[i].buffer);
		front_done(&f->front[i]);
	}
	shared_source_done(&f->shared);
	close(f->changed);
	rmdir(f->dir);
	return fds_left(f->fds);
}

static void offer(struct front *front, uint16_t i, uint64_t addr, uint32_t len)
{
	front_desc(front, i, addr, len, W, 0);
	front_offer(front, i);
}

static void assert_served(struct front *front)
{
	for (int i = 0; i < 100; i++) {
		offer(front, 0, FRONT_BUF, 64);
		assert_int_equal(front_kick(front), 0);
		assert_int_equal(rig_await_answer(front, BOUND), 64);
	}
}

/* ---- memory that does not come ---- */

/* The page of the device's own mapping with FRONT_GUEST1 + STALLED in it. */
static uintptr_t find_stalled(const struct front *front)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	unsigned long from, to, inode;
	uint64_t offset;
	uintptr_t found = 0;
	struct stat st;
	char line[256];

	assert_int_equal(fstat(front->memfd, &st), 0);
	while (fgets(line, sizeof(line), maps)) {
		uint64_t want = FRONT_OFF1 + STALLED;

		if (sscanf(line, "%lx-%lx %*s %" SCNx64 " %*s %lu", &from, &to,
			   &offset, &inode) != 4 ||
		    inode != st.st_ino || from == (uintptr_t)front->file)
			continue;
		if (want >= offset && want < offset + (to - from))
			found = from + (uintptr_t)(want - offset);
	}
	fclose(maps);
	return found & ~(page - 1);
}

/* Page faults of the device's mapping wait until the returned fd is closed. */
static int stall_memory(const struct front *front)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { .start = find_stalled(front),
			   .len = (uint64_t)sysconf(_SC_PAGESIZE) },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = (int)syscall(SYS_userfaultfd,
			      O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);

	if (fd < 0)
		return -errno;
	assert_int_not_equal(range.range.start, 0);
	assert_int_equal(ioctl(fd, UFFDIO_API, &api), 0);
	assert_int_equal(ioctl(fd, UFFDIO_REGISTER, &range), 0);
	return fd;
}

static void memory_that_does_not_come_stalls_its_own_guest_only(void **state)
{
	struct fixture *f = *state;
	struct front *bad = &f->front[0], *good = &f->front[1];
	struct pollfd fault = { .events = POLLIN };

	start_front(bad, f->path[0]);
	start_front(good, f->path[1]);
	assert_served(bad);
	fault.fd = stall_memory(bad);
	if (fault.fd < 0)
		LEAVE_OUT(strerror(-fault.fd)); /* no userfaultfd */
	offer(bad, 1, FRONT_GUEST1 + STALLED, 64);
	assert_int_equal(front_kick(bad), 0);
	assert_int_equal(poll(&fault, 1, BOUND), 1);
	/* Its thread waits in the page fault now. */
	assert_served(good);
	device_worker_stop(&f->worker[0]);
	assert_false(device_worker_join(&f->worker[0], vrng_now() + 1));
	assert_served(good);
	close(fault.fd);
}

/* ---- abuse ---- */

static void a_flood_of_loops_does_not_starve_another(void **state)
{
	struct fixture *f = *state;
	struct front *bad = &f->front[0], *good = &f->front[1];

	start_front(bad, f->path[0]);
	start_front(good, f->path[1]);
	for (uint16_t i = 0; i < NUM; i++)
		front_desc(bad, i, FRONT_BUF, 0, W | NEXT,
			   (uint16_t)((i + 1) % NUM));
	for (int round = 0; round < 200; round++) {
		for (int i = 0; i < NUM; i++)
			front_offer(bad, 0);
		front_kick(bad);
		offer(good, 0, FRONT_BUF, 64);
		front_kick(good);
		assert_int_equal(rig_await_answer(good, BOUND), 64);
		for (int i = 0; i < NUM; i++)
			assert_int_equal(rig_await_answer(bad, BOUND), 0);
	}
}

static void endless_bad_connections_do_not_disturb_other_guests(void **state)
{
	struct fixture *f = *state;
	struct front *bad = &f->front[0], *good = &f->front[1];

	start_front(good, f->path[1]);
	for (int i = 0; i < 300; i++) {
		connect_front(bad, f->path[0]);
		if (i % 3 == 0)
			front_send_part(bad, VU_SET_MEM_TABLE, 72, bad->memfd);
		else if (i % 3 == 1)
			front_send_u64(bad, 77, 0);
		else
			front_send_ring(bad, FRONT_FEATURES, 0);
		if (i % 30 == 0)
			assert_served(good);
	}
	/* The bad guest is served, too, once it behaves. */
	start_front(bad, f->path[0]);
	offer(bad, 0, FRONT_BUF, 64);
	front_kick(bad);
	assert_int_equal(rig_await_answer(bad, BOUND), 64);
}

static void a_silent_connection_does_not_hold_the_socket(void **state)
{
	struct fixture *f = *state;
	struct front *good = &f->front[1];
	int silent[2];

	assert_int_equal(sigbus_install(), 0);
	for (int i = 0; i < 2; i++) {
		silent[i] = rig_dial(f->path[0]);
		assert_true(silent[i] >= 0);
	}
	connect_front(good, f->path[0]);
	start_ring(good);
	assert_served(good);
	for (int i = 0; i < 2; i++)
		close(silent[i]);
}

/* Allow no descriptor above @last, the highest that is open. */
static void limit_fds(int last, struct rlimit *before)
{
	struct rlimit cut;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, before), 0);
	cut = *before;
	cut.rlim_cur = (rlim_t)last + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &cut), 0);
}

static void a_connection_without_a_descriptor_is_taken_later(void **state)
{
	struct fixture *f = *state;
	struct front *front = &f->front[0];
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct rlimit before;
	uint64_t begin = vrng_now();
	int said;

	__atomic_store_n(&complaints, 0, __ATOMIC_RELAXED);
	strcpy(at.sun_path, f->path[0]);
	front->sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	limit_fds(front->sock, &before);
	assert_int_equal(
		connect(front->sock, (struct sockaddr *)&at, sizeof(at)), 0);
	while (complained() < 3 && vrng_now() - begin < BOUND * 1000000ULL)
		poll(NULL, 0, 5);
	said = complained();
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_true(said >= 3);
	/* One line after each pause. */
	assert_true((uint64_t)said - 1 <=
		    (vrng_now() - begin) / CONNECTION_INTERVAL_NS);
	start_ring(front);
	assert_served(front);
}

static void truncated_memory_affects_its_own_guest_only(void **state)
{
	struct fixture *f = *state;
	struct front *bad = &f->front[0], *good = &f->front[1];
	struct pollfd gone = { .events = POLLIN };

	start_front(good, f->path[1]);
	start_front(bad, f->path[0]);
	if (!machine_sigbus_tells())
		LEAVE_OUT("SIGBUS does not give the address");
	assert_served(bad);
	assert_int_equal(ftruncate(bad->memfd, 0x1000), 0);
	front_kick(bad);
	gone.fd = bad->sock;
	assert_int_equal(poll(&gone, 1, BOUND), 1);
	assert_served(good);
	assert_int_equal(ftruncate(bad->memfd, FRONT_FILE), 0);
	start_front(bad, f->path[0]);
	assert_served(bad);
}

/* ---- one source ---- */

static int compare_blocks(const void *a, const void *b)
{
	return memcmp(a, b, BLOCK);
}

/* Have both guests draw a full ring at the same time, @rounds times. */
static void draw_blocks(struct fixture *f, unsigned char (*to)[BLOCK],
			int rounds)
{
	for (int round = 0; round < rounds; round++) {
		for (int g = 0; g < GUESTS; g++) {
			for (uint16_t i = 0; i < NUM; i++)
				offer(&f->front[g], i,
				      FRONT_BUF + i * (uint64_t)BLOCK, BLOCK);
			front_kick(&f->front[g]);
		}
		for (int g = 0; g < GUESTS; g++) {
			for (int i = 0; i < NUM; i++)
				assert_int_equal(rig_await_answer(&f->front[g],
								  BOUND),
						 BLOCK);
			memcpy(to, front_mem(&f->front[g], FRONT_BUF),
			       (size_t)NUM * BLOCK);
			to += NUM;
		}
	}
}

static void no_byte_of_a_shared_source_goes_to_two_guests(void **state)
{
	enum {
		ROUNDS = 200,
		BLOCKS = ROUNDS * GUESTS * NUM
	};
	static unsigned char got[BLOCKS][BLOCK], want[BLOCKS][BLOCK];
	struct fixture *f = *state;
	struct vrng_source *known;

	for (int g = 0; g < GUESTS; g++)
		start_front(&f->front[g], f->path[g]);
	draw_blocks(f, got, ROUNDS);
	assert_int_equal(
		vrng_source_parse(&known, DRBG, &vrng_opener_plain, NULL), 0);
	assert_int_equal(vrng_source_open(known, NULL), 0);
	assert_int_equal(vrng_source_read(known, want, sizeof(want), NULL),
			 sizeof(want));
	vrng_source_free(known);
	/* Each block of the stream's beginning is there once. */
	qsort(got, BLOCKS, BLOCK, compare_blocks);
	qsort(want, BLOCKS, BLOCK, compare_blocks);
	assert_memory_equal(got, want, sizeof(want));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(memory_that_does_not_come_stalls_its_own_guest_only),
		T(a_flood_of_loops_does_not_starve_another),
		T(endless_bad_connections_do_not_disturb_other_guests),
		cmocka_unit_test_setup_teardown(
			a_silent_connection_does_not_hold_the_socket,
			setup_impatient, teardown),
		T(a_connection_without_a_descriptor_is_taken_later),
		T(truncated_memory_affects_its_own_guest_only),
		T(no_byte_of_a_shared_source_goes_to_two_guests),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("guest", tests, NULL, NULL);
}
