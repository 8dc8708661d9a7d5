// SPDX-License-Identifier: GPL-2.0-or-later
/* A session that another process goes on with, and what is refused from it. */
#include <linux/virtio_config.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#include "tests/unit/protocol_rig.h"
#include "tests/unit/machine.h"
#include "tests/unit/transcript_rig.h"

#define W VRING_DESC_F_WRITE

/* ---- helpers ---- */

static struct transcript *pass_on(struct fixture *f)
{
	struct transcript *saved = transcript_new(), *t;

	assert_non_null(saved);
	assert_int_equal(session_save(f->session, saved), 0);
	t = transcript_pass_on(saved);
	free(saved);
	return t;
}

/* A new session on the same connection, which *@t sets up. @t is freed. */
static int go_on(struct fixture *f, struct transcript *t,
		 struct vrng_error *error)
{
	int sock = dup(session_socket(f->session)), err;

	session_free(f->session);
	f->session = session_new(sock, 0, &ops, f, &f->log);
	assert_non_null(f->session);
	err = session_replay(f->session, t, error);
	transcript_close(t);
	free(t);
	return err;
}

static void succeed(struct fixture *f)
{
	struct vrng_error error = { "" };

	if (go_on(f, pass_on(f), &error))
		fail_msg("%s", error.text);
}

/* The device answers what waits. Returns the number of requests. */
static int answer_all(struct fixture *f)
{
	struct virtq_request req;
	int n = 0;

	while (virtq_peek(f->vq, &req) == 1) {
		virtq_done(f->vq, &req, (uint32_t)req.bytes);
		n++;
	}
	if (virtq_publish(f->vq))
		assert_true(session_signal(f->session));
	return n;
}

static void offer(struct fixture *f, uint16_t head, uint32_t len)
{
	front_desc(&f->front, head, FRONT_BUF, len, W, 0);
	front_offer(&f->front, head);
}

/* A transcript of one message, which the session refuses. */
static void refuses(struct fixture *f, uint32_t request, const void *payload,
		    size_t size, int fd, const char *text)
{
	struct vrng_error error = { "" };
	struct transcript *t = transcript_new();

	assert_non_null(t);
	transcript_add(t, request, payload, size, fd < 0 ? -1 : dup(fd));
	assert_true(go_on(f, t, &error) < 0);
	if (!strstr(error.text, text))
		fail_msg("\"%s\" has no \"%s\"", error.text, text);
	assert_null(f->vq);
}

/* ---- cases ---- */

static void each_request_is_answered_once(void **state)
{
	struct fixture *f = *state;
	uint32_t id, len;

	front_begin_at(&f->front, 65534);
	assert_int_equal(front_send_ring(&f->front, FRONT_FEATURES, 65534), 0);
	front_send_state(&f->front, VU_SET_VRING_ENABLE, 0, 1);
	assert_int_equal(take(f), 0);
	offer(f, 1, 100);
	offer(f, 2, 200);
	assert_int_equal(answer_all(f), 2);
	offer(f, 3, 300);
	for (uint16_t round = 0; round < 3; round++) {
		succeed(f);
		assert_non_null(f->vq);
		assert_int_equal(answer_all(f), 1);
		offer(f, round, 400U + round);
	}
	for (uint32_t n = 0; n < 5; n++) {
		static const uint32_t lens[] = { 100, 200, 300, 400, 401 };

		assert_true(front_answer(&f->front, &id, &len));
		assert_int_equal(len, lens[n]);
	}
	assert_false(front_answer(&f->front, &id, &len));
}

static void the_guest_is_interrupted_by_the_next_one(void **state)
{
	struct fixture *f = *state;

	start_ring(f, FRONT_FEATURES | FRONT_EVENT_IDX);
	offer(f, 1, 100);
	succeed(f);
	front_interrupts(&f->front);
	assert_int_equal(answer_all(f), 1);
	assert_true(front_interrupts(&f->front) > 0);
}

/* What the front end sends next is understood, and it sees no other offer. */
static void the_front_end_goes_on(void **state)
{
	struct fixture *f = *state;
	const uint64_t offered = get_u64(f, VU_GET_FEATURES);

	start_ring(f, FRONT_FEATURES);
	succeed(f);
	assert_int_equal(get_u64(f, VU_GET_FEATURES), offered);
	offer(f, 1, 100);
	assert_int_equal(answer_all(f), 1);
	assert_int_equal(base_of(f), 1);
	assert_null(f->vq);
	succeed(f);
	assert_null(f->vq);
	front_send_fd(&f->front, VU_SET_VRING_KICK, f->front.kick);
	assert_int_equal(take(f), 0);
	assert_non_null(f->vq);
	offer(f, 2, 100);
	assert_int_equal(answer_all(f), 1);
}

static void a_ring_that_is_not_set_up_stays_so(void **state)
{
	struct fixture *f = *state;

	succeed(f);
	assert_false(session_spoke(f->session));
	start_ring(f, FRONT_FEATURES);
	front_send_state(&f->front, VU_SET_VRING_ENABLE, 0, 0);
	assert_int_equal(take(f), 0);
	succeed(f);
	assert_true(session_spoke(f->session));
	assert_null(f->vq);
	front_send_state(&f->front, VU_SET_VRING_ENABLE, 0, 1);
	assert_int_equal(take(f), 0);
	assert_non_null(f->vq);
}

/* UML: it does not negotiate VHOST_USER_F_PROTOCOL_FEATURES, and enables nothing. */
static void a_ring_without_enable_goes_on(void **state)
{
	struct fixture *f = *state;

	start_ring(f, BIT(32));
	succeed(f);
	assert_non_null(f->vq);
}

static void written_pages_are_logged_by_the_next_one(void **state)
{
	struct fixture *f = *state;
	struct vu_log log = { .size = 0x40000, .offset = 0x1000 };
	int fd = memfd_create("log", MFD_CLOEXEC);
	const uint64_t page = FRONT_BUF / 4096;
	unsigned char *bits;
	struct virtq_request req;

	assert_int_equal(ftruncate(fd, 0x41000), 0);
	bits = mmap(NULL, 0x41000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(bits, MAP_FAILED);
	front_send(&f->front, VU_SET_LOG_BASE, VU_VERSION, &log, sizeof(log),
		   &fd, 1);
	assert_int_equal(take(f), 0);
	assert_int_equal(reply_u64(f, VU_SET_LOG_BASE), 0);
	start_ring(f, FRONT_FEATURES | BIT(VU_F_LOG_ALL));
	succeed(f);
	offer(f, 1, 100);
	assert_int_equal(virtq_peek(f->vq, &req), 1);
	virtq_wrote(f->vq, &req, 100);
	assert_true(bits[0x1000 + page / 8] >> page % 8 & 1);
	munmap(bits, 0x41000);
	close(fd);
}

static void a_packed_ring_goes_on(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(front_send(&f->front, VU_SET_OWNER, VU_VERSION, NULL,
				    0, NULL, 0),
			 0);
	front_send_u64(&f->front, VU_SET_FEATURES,
		       FRONT_FEATURES | BIT(VIRTIO_F_RING_PACKED));
	front_send_mem_table(&f->front);
	front_send_state(&f->front, VU_SET_VRING_NUM, 0, 16);
	front_send_state(&f->front, VU_SET_VRING_BASE, 0, 0x00058005);
	front_send_addr(&f->front);
	front_send_fd(&f->front, VU_SET_VRING_KICK, f->front.kick);
	front_send_state(&f->front, VU_SET_VRING_ENABLE, 0, 1);
	assert_int_equal(take(f), 0);
	assert_non_null(f->vq);
	succeed(f);
	assert_int_equal(base_of(f), 0x00050005);
}

/* As many regions as there may be, each with its file. */
static void all_memory_is_handed_over(void **state)
{
	struct fixture *f = *state;
	const int before = fds_open();
	struct transcript *t;

	for (unsigned int i = 0; i < MEMMAP_REGIONS; i++) {
		struct vu_mem_reg reg = { .region = { .guest = i * 8192ULL,
						      .size = 4096,
						      .front = i * 8192ULL,
						      .offset = 0x1000 } };

		assert_int_equal(acked(f, VU_ADD_MEM_REG, &reg, sizeof(reg),
				       &f->front.memfd, 1),
				 0);
	}
	t = pass_on(f);
	assert_int_equal(t->n, MEMMAP_REGIONS + 1);
	assert_int_equal(go_on(f, t, NULL), 0);
	assert_int_equal(fds_open(), before + MEMMAP_REGIONS);
	for (unsigned int i = 0; i < MEMMAP_REGIONS; i++) {
		struct vu_mem_reg reg = { .region = { .guest = i * 8192ULL,
						      .size = 4096,
						      .front = i * 8192ULL } };

		assert_int_equal(acked(f, VU_REM_MEM_REG, &reg, sizeof(reg),
				       NULL, 0),
				 0);
	}
	assert_int_equal(fds_open(), before);
}

static void half_a_message_is_not_handed_over(void **state)
{
	struct fixture *f = *state;
	struct transcript *t = transcript_new();

	assert_non_null(t);
	assert_int_equal(front_send_part(&f->front, VU_SET_VRING_KICK, 8,
					 f->front.kick),
			 0);
	assert_int_equal(take(f), 0);
	assert_int_equal(session_save(f->session, t), -EBUSY);
	free(t);
}

/* As from a front end: a number that lies is refused, whoever says it. */
static void what_lies_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct vu_state far = { .index = 0, .num = 70000 };
	const struct vu_state ring1 = { .index = 1, .num = 1 };
	const struct vu_mem_reg large = { .region = { .guest = 0,
						      .size = 1ULL << 40 } };
	const struct vu_mem_reg wraps = { .region = { .guest = UINT64_MAX,
						      .size = 4096 } };
	const uint64_t zero = 0, one = 1;

	refuses(f, VU_SET_VRING_NUM, &far, sizeof(far), -1, "ring size 70000");
	refuses(f, VU_SET_VRING_BASE, &far, sizeof(far), -1, "is no index");
	refuses(f, VU_SET_VRING_ENABLE, &ring1, sizeof(ring1), -1, "ring 1");
	refuses(f, VU_SET_VRING_ENABLE, &far, 4, -1, "size 4");
	refuses(f, VU_ADD_MEM_REG, &large, sizeof(large), f->front.memfd,
		"beyond its file");
	refuses(f, VU_ADD_MEM_REG, &wraps, sizeof(wraps), f->front.memfd,
		"wraps around");
	refuses(f, VU_ADD_MEM_REG, &large, sizeof(large), -1,
		"0 descriptors, not 1");
	refuses(f, VU_ADD_MEM_REG, &large, sizeof(large), f->front.kick,
		"not backed by a file");
	refuses(f, VU_SET_VRING_KICK, &zero, sizeof(zero), f->front.memfd,
		"no eventfd");
	refuses(f, VU_SET_MEM_TABLE, &one, sizeof(one), -1, "1 regions");
	refuses(f, 99, NULL, 0, -1, "request 99");
	refuses(f, UINT32_MAX, NULL, 0, f->front.memfd, "unknown request");
}

/* ---- datagrams ---- */

struct wire {
	struct transcript *t;
	int pair[2];
};

static void wire_open(struct wire *w)
{
	w->t = transcript_new();
	assert_non_null(w->t);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, w->pair), 0);
}

static void wire_close(struct wire *w)
{
	close(w->pair[0]);
	close(w->pair[1]);
	free(w->t);
}

/* @n messages are announced, and *@m comes with @nfds descriptors. */
static void wire_refuses(const struct transcript_message *m, size_t size,
			 unsigned int n, unsigned int nfds)
{
	const int before = fds_open();
	int fds[4] = { 2, 2, 2, 2 };
	struct vrng_error error = { "" };
	struct wire w;

	wire_open(&w);
	if (size)
		assert_int_equal(vrng_passing_send_all(w.pair[0], m, size, fds,
						       nfds, 0),
				 0);
	assert_int_equal(transcript_receive(w.t, w.pair[1], n, &error),
			 -EPROTO);
	assert_int_equal(w.t->n, 0);
	assert_true(error.text[0]);
	wire_close(&w);
	assert_int_equal(fds_open(), before);
}

static void another_form_is_refused(void **state)
{
	struct transcript_message m[2] = { { .request = 1 }, { .request = 2 } };

	(void)state;
	if (!machine_closes_surplus())
		LEAVE_OUT("descriptors without space stay open here");
	wire_refuses(m, 0, 1, 0); /* nothing came */
	wire_refuses(m, sizeof(m[0]), 2, 0); /* too short */
	wire_refuses(m, sizeof(m[0]) - 1, 1, 0);
	wire_refuses(m, sizeof(m), 1, 0); /* too long */
	wire_refuses(m, sizeof(m), 2, 1); /* a descriptor that nobody has */
	wire_refuses(m, sizeof(m), TRANSCRIPT_MAX + 1, 0);
	m[0].has_fd = 1;
	wire_refuses(m, sizeof(m), 2, 0); /* a descriptor is missing */
	wire_refuses(m, sizeof(m), 2, 2);
	wire_refuses(m, sizeof(m), 2, 4);
	m[0].has_fd = 2;
	wire_refuses(m, sizeof(m), 2, 2);
	m[0].has_fd = 0;
	m[0].size = TRANSCRIPT_PAYLOAD + 1;
	wire_refuses(m, sizeof(m), 2, 0);
	m[0].size = 0;
	m[0].zero = 1;
	wire_refuses(m, sizeof(m), 2, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(each_request_is_answered_once),
		CASE(the_guest_is_interrupted_by_the_next_one),
		CASE(the_front_end_goes_on),
		CASE(a_ring_that_is_not_set_up_stays_so),
		CASE(a_ring_without_enable_goes_on),
		CASE(written_pages_are_logged_by_the_next_one),
		CASE(a_packed_ring_goes_on),
		CASE(all_memory_is_handed_over),
		CASE(half_a_message_is_not_handed_over),
		CASE(what_lies_is_refused),
		CASE(another_form_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("transcript", tests, NULL, NULL);
}
