// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The program itself, in its sandbox, with hostile front ends. After each of them
 * a good front end is served at the same socket and at another one, and no
 * descriptor and no mapping is left over. Random numbers come from fixed seeds.
 *
 * Environment: KILLS is how often a device is killed and restarted (5).
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/front.h"
#include "tests/device/runtime/loop.h"
#include "tests/unit/fds.h"
#include "tests/unit/front_rig.h"
#include "tests/unit/machine.h"

#define NUM   16
#define W     VRING_DESC_F_WRITE
#define NEXT  VRING_DESC_F_NEXT
#define IND   VRING_DESC_F_INDIRECT
#define BOUND 10000 /* ms to wait for what should happen at once */
#define NS_MS 1000000ULL

static const char *program;

struct fixture {
	char dir[40];
	char path[2][64];
	pid_t device;
	int fds;
};

static uint64_t rand_state;

static uint32_t any(uint32_t below)
{
	rand_state =
		rand_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(rand_state >> 33) % below;
}

/* ---- the device ---- */

/* Start the program with up to three options. */
static pid_t begin(const char *first, const char *second, const char *third)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (!freopen("/dev/null", "w", stderr))
		_exit(1);
	execl(program, program, first, second, third, (char *)NULL);
	_exit(127);
}

static int count_fds(pid_t pid)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", (int)pid);
	return fds_of(text);
}

/* Number of mappings of front ends' memory in the process @pid. */
static int count_maps(pid_t pid)
{
	char path[64], line[256];
	FILE *maps;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = fopen(path, "r");
	if (!maps)
		return -1;
	while (fgets(line, sizeof(line), maps))
		n += strstr(line, "memfd:front") != NULL;
	fclose(maps);
	return n;
}

/* Connect to @path; wait up to 10 s, as the device may still be starting. */
static int dial_soon(const char *path)
{
	uint64_t end = vrng_now() + BOUND * NS_MS;
	int fd;

	while ((fd = rig_dial(path)) < 0 && vrng_now() < end)
		poll(NULL, 0, 5);
	assert_true(fd >= 0);
	return fd;
}

static int setup(void **state)
{
	static struct fixture f;
	char option[2][96];

	strcpy(f.dir, "/tmp/vrng-hostile_test.XXXXXX");
	if (!mkdtemp(f.dir))
		return -1;
	for (int i = 0; i < 2; i++) {
		snprintf(f.path[i], sizeof(f.path[i]), "%s/%d", f.dir, i);
		snprintf(option[i], sizeof(option[i]), "--socket-path=%s",
			 f.path[i]);
	}
	f.device = begin(option[0], option[1], NULL);
	close(dial_soon(f.path[0]));
	close(dial_soon(f.path[1]));
	f.fds = 0;
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	int status;

	kill(f->device, SIGTERM);
	if (waitpid(f->device, &status, 0) != f->device || status) {
		print_error("the device ended with 0x%x\n", status);
		return -1;
	}
	return rmdir(f->dir);
}

/* ---- front ends ---- */

static void begin_front(struct front *front, const char *path)
{
	assert_int_equal(front_init(front, NUM), 0);
	front->sock = dial_soon(path);
	assert_int_equal(front_send_ring(front, FRONT_FEATURES, 0), 0);
	assert_int_equal(front_send_state(front, VU_SET_VRING_ENABLE, 0, 1), 0);
}

static void assert_served(const char *path)
{
	struct front good;

	begin_front(&good, path);
	for (int i = 0; i < 20; i++) {
		front_desc(&good, 0, FRONT_BUF, 64, W, 0);
		front_offer(&good, 0);
		front_kick(&good);
		assert_int_equal(rig_await_answer(&good, BOUND), 64);
	}
	front_done(&good);
}

/*
 * The device has no more descriptors than at the last call, if there was one, and
 * maps no front end's memory. Waits up to 10 s for that.
 */
static void assert_nothing_left(struct fixture *f)
{
	uint64_t end = vrng_now() + BOUND * NS_MS;

	for (;;) {
		int fds = count_fds(f->device), maps = count_maps(f->device);

		if (maps == 0 && (!f->fds || fds <= f->fds)) {
			f->fds = fds;
			return;
		}
		if (vrng_now() > end)
			fail_msg("%d descriptors, %d before; %d mappings", fds,
				 f->fds, maps);
		poll(NULL, 0, 5);
	}
}

/* Run @harm @times times, each with its own front end. */
static void harm_all(struct fixture *f, void (*harm)(struct front *), int times)
{
	assert_served(f->path[0]);
	assert_nothing_left(f);
	for (int i = 0; i < times; i++) {
		struct front bad;

		rand_state = (uint64_t)i;
		begin_front(&bad, f->path[0]);
		harm(&bad);
		front_done(&bad);
	}
	assert_served(f->path[0]);
	assert_served(f->path[1]);
	assert_nothing_left(f);
}

/* ---- messages ---- */

static void any_messages(struct front *bad)
{
	unsigned char payload[400];
	int fds[8], pair[2];

	assert_int_equal(pipe(pair), 0);
	for (int i = 0; i < 8; i++)
		fds[i] = any(3) ? bad->memfd : any(2) ? bad->kick : pair[1];
	for (int n = 0; n < 30; n++) {
		uint32_t size = any(2) ? 8 * any(12) : any(sizeof(payload));

		for (uint32_t i = 0; i < size; i++)
			payload[i] = (unsigned char)(any(3) ? 0 : any(256));
		if (front_send(bad, any(44), any(8) ? 9 : any(16), payload,
			       size, fds, any(3) ? 0 : any(9)))
			break;
	}
	close(pair[0]);
	close(pair[1]);
}

static void random_messages_end_at_most_their_own_connection(void **state)
{
	harm_all(*state, any_messages, 200);
}

static void half_a_message(struct front *bad)
{
	front_send_part(bad, any(40), any(300), bad->memfd);
}

static void half_a_message_delays_no_other_guest(void **state)
{
	harm_all(*state, half_a_message, 50);
}

/* Send @n bytes and as many descriptors as a message may have. */
static void send_with_fds(struct front *bad, const void *bytes, size_t n)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(VU_FDS * sizeof(int))];
	} control = { .head = { .cmsg_len = CMSG_LEN(VU_FDS * sizeof(int)),
				.cmsg_level = SOL_SOCKET,
				.cmsg_type = SCM_RIGHTS } };
	struct iovec part = { .iov_base = (void *)(uintptr_t)bytes,
			      .iov_len = n };
	struct msghdr hdr = { .msg_iov = &part,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };

	for (size_t i = 0; i < VU_FDS; i++)
		memcpy(CMSG_DATA(&control.head) + i * sizeof(int), &bad->memfd,
		       sizeof(int));
	assert_int_equal(sendmsg(bad->sock, &hdr, MSG_NOSIGNAL), n);
}

static void descriptors_with_each_half(struct front *bad)
{
	const struct vu_header header = { .request = VU_SET_VRING_KICK,
					  .flags = VU_VERSION,
					  .size = sizeof(uint64_t) };
	const uint64_t payload = 0;

	send_with_fds(bad, &header, sizeof(header));
	send_with_fds(bad, &payload, sizeof(payload));
}

static void too_many_descriptors_are_closed(void **state)
{
	harm_all(*state, descriptors_with_each_half, 20);
}

/* ---- memory ---- */

static void truncate_and_kick(struct front *bad)
{
	struct pollfd gone = { .fd = bad->sock, .events = POLLIN };
	/* truncate away the ring, or only the buffer */
	off_t keep = any(2) ? 0x1000 : FRONT_OFF0 + 0xc000;

	front_desc(bad, 0, FRONT_BUF, 4096, W, 0);
	front_offer(bad, 0);
	front_kick(bad);
	assert_int_equal(rig_await_answer(bad, BOUND), 4096);
	assert_int_equal(ftruncate(bad->memfd, keep), 0);
	if (keep > FRONT_OFF0)
		front_offer(bad, 0);
	front_kick(bad);
	assert_int_equal(poll(&gone, 1, BOUND), 1);
}

static void truncated_memory_ends_the_connection_of_its_guest(void **state)
{
	harm_all(*state, truncate_and_kick, 30);
}

/* ---- rings ---- */

static void four_gigabytes(struct front *bad)
{
	for (uint16_t i = 0; i < NUM; i++)
		front_desc(bad, i, FRONT_BUF, UINT32_MAX,
			   i < NUM - 1 ? W | NEXT : W, (uint16_t)(i + 1));
	front_offer(bad, 0);
	front_kick(bad);
	assert_int_equal(rig_await_answer(bad, BOUND), 65536);
	for (uint16_t i = 0; i < NUM; i++)
		front_desc(bad, i, FRONT_BUF, 0xe0000,
			   i < NUM - 1 ? W | NEXT : W, (uint16_t)(i + 1));
	front_offer(bad, 0);
	front_kick(bad);
	assert_int_equal(rig_await_answer(bad, BOUND), 65536);
}

static void overlapping_buffers_are_capped(void **state)
{
	harm_all(*state, four_gigabytes, 3);
}

/* Fill descriptor @i with random values close to valid ones. */
static void scribble(struct front *bad, uint16_t i)
{
	static const uint64_t at[] = { FRONT_BUF,      FRONT_DESC,
				       FRONT_AVAIL,    FRONT_USED,
				       FRONT_END - 8,  FRONT_GUEST1 - 8,
				       UINT64_MAX - 7, 0 };

	front_desc(bad, i, at[any(8)] + any(4096), any(4) ? any(512) : ~0U,
		   (uint16_t)any(8), (uint16_t)any(NUM + 2));
}

static void *scribble_on(void *opaque)
{
	struct front *bad = opaque;
	struct vring_avail *avail = front_avail(bad);

	for (int n = 0; n < 20000; n++) {
		scribble(bad, (uint16_t)any(NUM));
		if (n % 8 == 0)
			__atomic_store_n(&avail->ring[any(NUM)],
					 htole16((uint16_t)any(NUM + 1)),
					 __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Change the ring and its descriptors while the device reads them. */
static void rewrite_in_use(struct front *bad)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, scribble_on, bad), 0);
	for (int n = 0; n < 300; n++) {
		struct vring_avail *avail = front_avail(bad);

		__atomic_store_n(&avail->idx, htole16((uint16_t)(n * 4)),
				 __ATOMIC_RELEASE);
		front_kick(bad);
		sched_yield();
	}
	pthread_join(thread, NULL);
}

static void a_ring_may_change_while_it_is_in_use(void **state)
{
	harm_all(*state, rewrite_in_use, 10);
}

/* ---- descriptors ---- */

static void odd_descriptors(struct front *bad)
{
	int pair[2], flags;

	assert_int_equal(pipe(pair), 0);
	flags = fcntl(pair[1], F_GETFL);
	fcntl(pair[1], F_SETFL, flags | O_NONBLOCK);
	while (write(pair[1], "full", 4) > 0)
		;
	/* a pipe for interrupts that is full, or has no reader */
	front_send_fd(bad, VU_SET_VRING_CALL, pair[1]);
	front_send_fd(bad, VU_SET_VRING_ERR, pair[1]);
	if (any(2))
		close(pair[0]);
	front_desc(bad, 0, FRONT_BUF, 64, W, 0);
	for (int i = 0; i < NUM; i++)
		front_offer(bad, 0);
	front_kick(bad);
	front_send_fd(bad, VU_SET_VRING_KICK, pair[1]);
	front_send_fd(bad, VU_SET_VRING_KICK, bad->memfd);
	close(pair[1]);
}

static void unsuitable_descriptors_are_tolerated(void **state)
{
	harm_all(*state, odd_descriptors, 30);
}

/* ---- killed devices ---- */

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, 64);
}

/* Of requests before, during and after, none is lost or answered twice. */
static void the_successor_of_a_killed_device_continues(void **state)
{
	enum {
		EACH = 40
	};
	const char *text = getenv("KILLS");
	const int kills = text ? atoi(text) : 5;
	struct fixture *f = *state;
	unsigned char(*got)[64] = calloc((size_t)(kills + 1) * EACH, 64);
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char option[128];
	struct front front;
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), n = 0;

	assert_non_null(got);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/client", f->dir);
	snprintf(option, sizeof(option), "--socket-path=%s", addr.sun_path);
	assert_int_equal(bind(listener, (const struct sockaddr *)&addr,
			      sizeof(addr)),
			 0);
	assert_int_equal(listen(listener, 4), 0);
	assert_int_equal(front_init(&front, NUM), 0);
	for (int k = 0; k <= kills; k++) {
		pid_t pid = begin("--client", option, NULL);

		assert_int_equal(poll(&(struct pollfd){ listener, POLLIN, 0 },
				      1, BOUND),
				 1);
		close(front.sock);
		front.sock = accept(listener, NULL, NULL);
		/* the front end knows only an outdated index */
		front_send_ring(&front, FRONT_FEATURES, front.offered);
		front_send_state(&front, VU_SET_VRING_ENABLE, 0, 1);
		/* the request that waited for the killed device comes first */
		for (int i = 0; i < EACH; i++) {
			front_desc(&front, 0, FRONT_BUF, 64, W, 0);
			if (i || !k)
				front_offer(&front, 0);
			front_kick(&front);
			assert_int_equal(rig_await_answer(&front, BOUND), 64);
			memcpy(got[n++], front_mem(&front, FRONT_BUF), 64);
		}
		kill(pid, SIGSTOP);
		waitpid(pid, NULL, WUNTRACED);
		front_offer(&front, 0);
		front_kick(&front);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	/* the last request is open; every other was answered once */
	assert_int_equal(le16toh(front_used(&front)->idx),
			 (uint16_t)(front.offered - 1));
	qsort(got, (size_t)n, 64, compare);
	for (int i = 1; i < n; i++)
		assert_memory_not_equal(got[i], got[i - 1], 64);
	front_done(&front);
	close(listener);
	unlink(addr.sun_path);
	free(got);
}

/* ---- files ---- */

static pid_t last_child(pid_t pid)
{
	char path[64];
	FILE *list;
	int child = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid,
		 (int)pid);
	list = fopen(path, "r");
	assert_non_null(list);
	while (fscanf(list, "%d", &child) == 1)
		;
	fclose(list);
	assert_true(child > 0);
	return child;
}

/* Serve more bytes than can have been read ahead. */
static void assert_fetched(const char *path)
{
	struct front good;
	int64_t n;

	begin_front(&good, path);
	for (int64_t got = 0; got < 1024 * 1024; got += n) {
		front_desc(&good, 0, FRONT_BUF, 65536, W, 0);
		front_offer(&good, 0);
		front_kick(&good);
		n = rig_await_answer(&good, BOUND);
		assert_true(n > 0);
	}
	front_done(&good);
}

/* The file helper is stopped, as it would be by a disk that does not answer. */
static void a_disk_that_does_not_answer_delays_no_guest(void **state)
{
	char dir[] = "/tmp/vrng-hostile_test.XXXXXX";
	char path[64], stats[64], options[2][96];
	uint64_t end;
	pid_t device, helper;
	int status;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/socket", dir);
	snprintf(stats, sizeof(stats), "%s/stats", dir);
	snprintf(options[0], sizeof(options[0]), "--socket-path=%s", path);
	snprintf(options[1], sizeof(options[1]), "--stats=%s", stats);
	device = begin(options[0], options[1], "--source=file:/dev/zero");
	close(dial_soon(path));
	helper = last_child(device);
	kill(helper, SIGSTOP);
	unlink(stats);
	kill(device, SIGUSR1);
	for (int i = 0; i < 20; i++)
		assert_fetched(path);
	kill(helper, SIGCONT);
	/* once the disk answers, the statistics are written */
	end = vrng_now() + BOUND * NS_MS;
	while (access(stats, F_OK) && vrng_now() < end)
		poll(NULL, 0, 5);
	assert_int_equal(access(stats, F_OK), 0);
	kill(device, SIGTERM);
	assert_int_equal(waitpid(device, &status, 0), device);
	assert_int_equal(status, 0);
	unlink(stats);
	assert_int_equal(rmdir(dir), 0);
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(random_messages_end_at_most_their_own_connection),
		T(half_a_message_delays_no_other_guest),
		T(too_many_descriptors_are_closed),
		T(truncated_memory_ends_the_connection_of_its_guest),
		T(overlapping_buffers_are_capped),
		T(a_ring_may_change_while_it_is_in_use),
		T(unsuitable_descriptors_are_tolerated),
		T(the_successor_of_a_killed_device_continues),
		cmocka_unit_test(a_disk_that_does_not_answer_delays_no_guest),
	};
	static char path[4096];
	const char *slash = strrchr(argv[0], '/');

	(void)argc;
	snprintf(path, sizeof(path), "%.*s/../device/vhost-user-rng",
		 slash ? (int)(slash - argv[0]) : 1, slash ? argv[0] : ".");
	program = path;
	signal(SIGPIPE, SIG_IGN);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (!machine_has_seccomp()) {
		puts("1..0 # SKIP no seccomp, which the device needs");
		return 0;
	}
	return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
