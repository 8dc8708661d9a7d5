// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Dirty log of a guest that is being migrated: which pages are marked, and which
 * logs are refused.
 */
#include <fcntl.h>
#include <sys/mman.h>

#include "tests/device/guest-memory/dirty_log.h"
#include "tests/device/guest-memory/sigbus.h"
#include "tests/unit/front_rig.h"
#include "tests/unit/machine.h"
#include "tests/unit/protocol_rig.h"

#define LOGGED	 (FRONT_FEATURES | BIT(VU_F_LOG_ALL))
#define W	 VRING_DESC_F_WRITE
#define LOG_SIZE (FRONT_END / DIRTY_LOG_PAGE / 8)
#define LOG_OFF	 0x1808 /* bytes into its file; not page-aligned */
#define LOG_FILE (LOG_OFF + LOG_SIZE + 8)
#define EDGE	 0xa5 /* the byte before and the byte after the log */

/* A log in its own file, as the front end maps it. */
struct page_log {
	int fd;
	unsigned char *file;
	unsigned char *bits;
};

static struct page_log log_make(void)
{
	struct page_log log = { .fd = memfd_create("front-log", MFD_CLOEXEC) };

	assert_int_equal(ftruncate(log.fd, LOG_FILE), 0);
	log.file = mmap(NULL, LOG_FILE, PROT_READ | PROT_WRITE, MAP_SHARED,
			log.fd, 0);
	assert_ptr_not_equal(log.file, MAP_FAILED);
	log.bits = log.file + LOG_OFF;
	log.bits[-1] = log.bits[LOG_SIZE] = EDGE;
	return log;
}

static void log_free(struct page_log *log)
{
	munmap(log->file, LOG_FILE);
	close(log->fd);
}

/* Count the marked pages, and clear the log. */
static unsigned int log_count(struct page_log *log)
{
	unsigned int n = 0;

	for (size_t i = 0; i < LOG_SIZE; i++)
		n += (unsigned int)__builtin_popcount(log->bits[i]);
	memset(log->bits, 0, LOG_SIZE);
	assert_int_equal(log->bits[-1], EDGE);
	assert_int_equal(log->bits[LOG_SIZE], EDGE);
	assert_int_equal(n % RIG_PAGE_BITS, 0);
	return n / RIG_PAGE_BITS;
}

static bool log_has(const struct page_log *log, uint64_t guest)
{
	return rig_is_marked(log->bits, guest / DIRTY_LOG_PAGE);
}

static int send_base(struct fixture *f, int fd, uint64_t size, uint64_t offset)
{
	struct vu_log base = { size, offset };

	front_send(&f->front, VU_SET_LOG_BASE, VU_VERSION, &base, sizeof(base),
		   &fd, 1);
	return take(f);
}

static void set_base(struct fixture *f, const struct page_log *log)
{
	assert_int_equal(send_base(f, log->fd, LOG_SIZE, LOG_OFF), 0);
	assert_int_equal(reply_u64(f, VU_SET_LOG_BASE), 0);
}

/* Log the used ring at guest address @used; 0: do not log it. */
static void log_ring(struct fixture *f, uint64_t used)
{
	struct vu_addr addr = { .flags = used ? VU_ADDR_LOG : 0,
				.desc = front_addr(FRONT_DESC),
				.avail = front_addr(FRONT_AVAIL),
				.used = front_addr(FRONT_USED),
				.log = used };

	front_send(&f->front, VU_SET_VRING_ADDR, VU_VERSION, &addr,
		   sizeof(addr), NULL, 0);
	assert_int_equal(take(f), 0);
}

/* Serve one request with @len bytes, as a device does. */
static void serve(struct fixture *f, uint32_t len)
{
	static struct virtq_request req;

	assert_non_null(f->vq);
	assert_int_equal(virtq_peek(f->vq, &req), 1);
	virtq_wrote(f->vq, &req, len);
	virtq_done(f->vq, &req, len);
	virtq_publish(f->vq);
	virtq_rearm(f->vq);
}

static void offer(struct fixture *f, uint64_t addr, uint32_t len)
{
	front_desc(&f->front, 0, addr, len, W, 0);
	front_offer(&f->front, 0);
}

static void start_logged(struct fixture *f, const struct page_log *log)
{
	assert_int_equal(sigbus_install(), 0);
	set_base(f, log);
	start_ring(f, LOGGED);
}

/* ---- marked pages ---- */

static void only_written_pages_are_marked(void **state)
{
	struct fixture *f = *state;
	struct page_log log = log_make();

	start_logged(f, &log);
	assert_int_equal(log_count(&log), 0);
	offer(f, FRONT_BUF + 100, 64);
	serve(f, 64);
	assert_true(log_has(&log, FRONT_BUF));
	assert_int_equal(log_count(&log), 1);
	/* fewer bytes than the buffer has */
	offer(f, FRONT_BUF, 3 * DIRTY_LOG_PAGE);
	serve(f, DIRTY_LOG_PAGE);
	assert_true(log_has(&log, FRONT_BUF));
	assert_int_equal(log_count(&log), 1);
	offer(f, FRONT_BUF, 3 * DIRTY_LOG_PAGE);
	serve(f, DIRTY_LOG_PAGE + 1);
	assert_true(log_has(&log, FRONT_BUF + DIRTY_LOG_PAGE));
	assert_int_equal(log_count(&log), 2);
	offer(f, FRONT_BUF, 64);
	serve(f, 0);
	assert_int_equal(log_count(&log), 0);
	log_free(&log);
}

/* The two regions are adjacent for the guest only. */
static void a_buffer_that_spans_two_regions_is_marked_in_both(void **state)
{
	struct fixture *f = *state;
	struct page_log log = log_make();

	start_logged(f, &log);
	offer(f, FRONT_GUEST1 - 8, 16);
	serve(f, 16);
	assert_true(log_has(&log, FRONT_GUEST1 - 1));
	assert_true(log_has(&log, FRONT_GUEST1));
	assert_int_equal(log_count(&log), 2);
	offer(f, FRONT_END - 8, 8);
	serve(f, 8);
	assert_true(log_has(&log, FRONT_END - 1));
	assert_int_equal(log_count(&log), 1);
	log_free(&log);
}

static void the_used_ring_is_marked_at_the_address_that_was_set(void **state)
{
	const uint64_t elsewhere = FRONT_GUEST1 + 0x10000;
	struct fixture *f = *state;
	struct page_log log = log_make();

	start_logged(f, &log);
	log_ring(f, FRONT_USED);
	offer(f, FRONT_BUF, 64);
	serve(f, 64);
	assert_true(log_has(&log, FRONT_USED));
	assert_int_equal(log_count(&log), 2);
	/* this used ring spans two pages */
	log_ring(f, elsewhere - 8);
	offer(f, FRONT_BUF, 64);
	serve(f, 64);
	assert_true(log_has(&log, elsewhere - 1));
	assert_true(log_has(&log, elsewhere));
	assert_int_equal(log_count(&log), 3);
	log_ring(f, 0);
	offer(f, FRONT_BUF, 64);
	serve(f, 64);
	assert_true(log_has(&log, FRONT_BUF));
	assert_int_equal(log_count(&log), 1);
	log_free(&log);
}

static void a_packed_ring_is_marked_at_its_guest_address(void **state)
{
	struct fixture *f = *state;
	struct vring_packed_desc *d = front_mem(&f->front, FRONT_DESC);
	struct page_log log = log_make();

	assert_int_equal(sigbus_install(), 0);
	set_base(f, &log);
	front_send_ring(&f->front, LOGGED | BIT(34), 0);
	front_send_state(&f->front, VU_SET_VRING_BASE, 0, VIRTQ_PACKED_BASE);
	front_send_state(&f->front, VU_SET_VRING_ENABLE, 0, 1);
	assert_int_equal(take(f), 0);
	log_ring(f, FRONT_USED);
	d[0].addr = htole64(FRONT_BUF);
	d[0].len = htole32(64);
	d[0].flags = htole16(W | 1 << VRING_PACKED_DESC_F_AVAIL);
	serve(f, 64);
	assert_true(log_has(&log, FRONT_BUF));
	assert_true(log_has(&log, FRONT_DESC));
	assert_true(
		log_has(&log, FRONT_USED)); /* the device's event suppression */
	assert_int_equal(log_count(&log), 3);
	log_free(&log);
}

/* QEMU switches logging on and off while the ring is in use. */
static void pages_are_marked_while_the_feature_is_set(void **state)
{
	struct fixture *f = *state;
	struct page_log log = log_make();

	assert_int_equal(sigbus_install(), 0);
	start_ring(f, FRONT_FEATURES);
	set_base(f, &log);
	offer(f, FRONT_BUF, 64);
	serve(f, 64);
	assert_int_equal(log_count(&log), 0);
	front_send_u64(&f->front, VU_SET_FEATURES, LOGGED);
	assert_int_equal(take(f), 0);
	offer(f, FRONT_BUF, 64);
	serve(f, 64);
	assert_int_equal(log_count(&log), 1);
	front_send_u64(&f->front, VU_SET_FEATURES, FRONT_FEATURES);
	assert_int_equal(take(f), 0);
	offer(f, FRONT_BUF, 64);
	serve(f, 64);
	assert_int_equal(log_count(&log), 0);
	log_free(&log);
}

static void the_log_outlives_a_device_reset(void **state)
{
	struct fixture *f = *state;
	struct page_log log = log_make();

	start_logged(f, &log);
	front_send(&f->front, VU_RESET_DEVICE, VU_VERSION, NULL, 0, NULL, 0);
	assert_int_equal(take(f), 0);
	assert_null(f->vq);
	front_begin_at(&f->front, 0);
	start_ring(f, LOGGED);
	offer(f, FRONT_BUF, 64);
	serve(f, 64);
	assert_int_equal(log_count(&log), 1);
	log_free(&log);
}

/* ---- logs that a front end may and may not set ---- */

static void another_log_replaces_the_first(void **state)
{
	struct fixture *f = *state;
	struct page_log first = log_make(), second = log_make();

	start_logged(f, &first);
	set_base(f, &second);
	offer(f, FRONT_BUF, 64);
	serve(f, 64);
	assert_int_equal(log_count(&first), 0);
	assert_int_equal(log_count(&second), 1);
	log_free(&first);
	log_free(&second);
}

/* Pages beyond a short log have no bit; the bytes behind the log stay as they are. */
static void no_byte_beyond_a_short_log_is_written(void **state)
{
	const uint64_t pages = FRONT_GUEST1 / DIRTY_LOG_PAGE;
	struct fixture *f = *state;
	struct page_log log = log_make();

	assert_int_equal(sigbus_install(), 0);
	assert_int_equal(send_base(f, log.fd, pages / 8, LOG_OFF), 0);
	assert_int_equal(reply_u64(f, VU_SET_LOG_BASE), 0);
	start_ring(f, LOGGED);
	log_ring(f, INT64_MAX);
	offer(f, FRONT_GUEST1 - 8, 16);
	serve(f, 16);
	assert_true(log_has(&log, FRONT_GUEST1 - 1));
	assert_false(log_has(&log, FRONT_GUEST1));
	offer(f, FRONT_END - 8, 8);
	serve(f, 8);
	assert_int_equal(log_count(&log), 1);
	log_free(&log);
}

/* SET_LOG_BASE has a reply that cannot report a failure: the connection ends. */
static void refused(struct fixture *f, int fd, uint64_t size, uint64_t offset)
{
	assert_int_equal(send_base(f, fd, size, offset), -EPROTO);
	assert_no_reply(f);
	disconnect_front(f);
	connect_front(f, 0);
}

static void an_invalid_log_ends_the_connection(void **state)
{
	struct fixture *f = *state;
	struct page_log log = log_make();
	int pair[2];

	assert_int_equal(pipe(pair), 0);
	refused(f, log.fd, 0, 0);
	refused(f, log.fd, LOG_FILE + 1, 0);
	refused(f, log.fd, LOG_SIZE, LOG_FILE - LOG_SIZE + 1);
	refused(f, log.fd, 1, UINT64_MAX);
	refused(f, log.fd, UINT64_MAX, 1);
	refused(f, log.fd, 1, INT64_MAX);
	refused(f, log.fd, DIRTY_LOG_MAX + 1, 0);
	refused(f, pair[0], LOG_SIZE, 0);
	refused(f, f->front.kick, LOG_SIZE, 0);
	close(pair[0]);
	close(pair[1]);
	log_free(&log);
}

static void a_log_without_a_descriptor_ends_the_connection(void **state)
{
	struct vu_log base = { LOG_SIZE, 0 };
	struct fixture *f = *state;
	struct page_log log = log_make();
	int two[] = { log.fd, log.fd };

	front_send(&f->front, VU_SET_LOG_BASE, VU_VERSION, &base, sizeof(base),
		   NULL, 0);
	assert_int_equal(take(f), -EPROTO);
	disconnect_front(f);
	connect_front(f, 0);
	front_send(&f->front, VU_SET_LOG_BASE, VU_VERSION, &base, sizeof(base),
		   two, 2);
	assert_int_equal(take(f), -EPROTO);
	disconnect_front(f);
	connect_front(f, 0);
	/* the payload of front ends without LOG_SHMFD */
	front_send(&f->front, VU_SET_LOG_BASE, VU_VERSION, &base, 8, two, 1);
	assert_int_equal(take(f), -EPROTO);
	log_free(&log);
}

static void a_log_address_of_the_used_ring_that_wraps_is_refused(void **state)
{
	struct vu_addr addr = { .flags = VU_ADDR_LOG, .log = UINT64_MAX - 4 };
	struct fixture *f = *state;

	assert_int_equal(
		acked(f, VU_SET_VRING_ADDR, &addr, sizeof(addr), NULL, 0), 1);
	addr.flags = 0;
	assert_int_equal(
		acked(f, VU_SET_VRING_ADDR, &addr, sizeof(addr), NULL, 0), 0);
}

static void a_truncated_log_ends_the_connection(void **state)
{
	struct fixture *f = *state;
	struct page_log log;

	if (!machine_sigbus_tells())
		LEAVE_OUT("SIGBUS does not give the address");
	log = log_make();
	start_logged(f, &log);
	assert_false(session_torn(f->session));
	assert_int_equal(ftruncate(log.fd, 0), 0);
	offer(f, FRONT_BUF, 64);
	serve(f, 64);
	assert_true(session_torn(f->session));
	log_free(&log);
}

static unsigned int mapped(const char *name)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned int n = 0;
	char line[256];

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps))
		n += strstr(line, name) != NULL;
	fclose(maps);
	return n;
}

static void no_log_stays_mapped(void **state)
{
	struct fixture *f = *state;
	struct page_log log = log_make();
	const unsigned int before = mapped("front-log");

	for (int i = 0; i < 100; i++) {
		set_base(f, &log);
		assert_int_equal(mapped("front-log"), before + 1);
	}
	disconnect_front(f);
	assert_int_equal(mapped("front-log"), before);
	connect_front(f, 0);
	log_free(&log);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(only_written_pages_are_marked),
		T(a_buffer_that_spans_two_regions_is_marked_in_both),
		T(the_used_ring_is_marked_at_the_address_that_was_set),
		T(a_packed_ring_is_marked_at_its_guest_address),
		T(pages_are_marked_while_the_feature_is_set),
		T(the_log_outlives_a_device_reset),
		T(another_log_replaces_the_first),
		T(no_byte_beyond_a_short_log_is_written),
		T(an_invalid_log_ends_the_connection),
		T(a_log_without_a_descriptor_ends_the_connection),
		T(a_log_address_of_the_used_ring_that_wraps_is_refused),
		T(a_truncated_log_ends_the_connection),
		T(no_log_stays_mapped),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("dirty_log", tests, NULL, NULL);
}
