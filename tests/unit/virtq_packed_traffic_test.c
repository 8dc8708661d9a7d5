// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packed virtqueue: random traffic, compared with a model. Random numbers come
 * from fixed seeds.
 */
#include "tests/unit/packed_rig.h"

static uint64_t rand_state;

static uint32_t any(uint32_t below)
{
	rand_state =
		rand_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(rand_state >> 33) % below;
}

/* What the ring should hold. */
struct model {
	uint64_t offered, answered, taken; /* slots since the start */
	uint16_t ids[64]; /* ids of the requests in the ring, in order */
	uint32_t lens[64];
	unsigned int head, waiting, published;
};

static void offer_any(struct fixture *f, struct model *m)
{
	uint16_t n = (uint16_t)(1 + any(4)), id = (uint16_t)any(64);
	unsigned int at = (m->head + m->waiting) % 64;

	if (m->offered + n - m->taken > f->num || m->waiting == 64)
		return;
	for (unsigned int i = 0; i < m->waiting; i++)
		if (m->ids[(m->head + i) % 64] == id)
			return; /* the id is in use */
	if (n == 1 && any(2)) {
		uint32_t parts = 1 + any(5);

		for (uint32_t i = 0; i < parts; i++)
			put_table(f, i, FRONT_BUF, 8, W);
		offer_one(f, TABLE, parts * 16, id, IND);
	} else {
		offer_chain(f, id, n, 8);
	}
	m->offered += n;
	m->ids[at] = id;
	m->lens[at] = 1 + any(8);
	m->waiting++;
}

/* Answer some, and compare the decision to signal with that of the model. */
static void answer_some(struct fixture *f, struct model *m)
{
	uint32_t n = any(4);
	uint64_t before = m->answered;
	/* the event: up to a lap ahead or behind */
	uint64_t at = before + any(2U * f->num - 1);
	bool passed, past = any(4) == 0, first = !f->vq.signalled_ever;

	at = past && at >= f->num ? at - f->num : at;
	set_event(f, (uint16_t)(at % f->num), !(at / f->num % 2));
	while (n-- && virtq_peek(&f->vq, &f->req) == 1) {
		unsigned int i = (m->head + m->published) % 64;

		assert_int_equal(f->req.head, m->ids[i]);
		assert_null(f->req.fault);
		m->answered += f->req.count;
		virtq_done(&f->vq, &f->req, m->lens[i]);
		m->published++;
	}
	passed = virtq_publish(&f->vq);
	if (m->answered != before)
		assert_int_equal(passed,
				 first || (at >= before && at < m->answered));
	else
		assert_false(passed);
}

static void take_some(struct fixture *f, struct model *m)
{
	uint32_t len, n = any(4);
	uint16_t id;

	while (n-- && take_answer(f, &id, &len)) {
		assert_true(m->published > 0);
		assert_int_equal(id, m->ids[m->head]);
		assert_int_equal(len, m->lens[m->head]);
		m->taken += f->lens[id];
		m->head = (m->head + 1) % 64;
		m->waiting--;
		m->published--;
	}
}

static void random_traffic_is_answered_as_the_model_says(void **state)
{
	struct fixture *f = *state;

	f->place.event_idx = true;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct model m = { 0 };

		rand_state = seed;
		memset(ring(f), 0, 64 * sizeof(*ring(f)));
		start_at(f, (uint16_t)(4 + any(40)), VIRTQ_PACKED_BASE);
		for (int i = 0; i < 3000; i++) {
			offer_any(f, &m);
			if (any(3) == 0)
				answer_some(f, &m);
			if (any(3) == 0)
				take_some(f, &m);
		}
		if (m.taken < 1000)
			fail_msg("seed %u: only %u descriptors",
				 (unsigned int)seed, (unsigned int)m.taken);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(random_traffic_is_answered_as_the_model_says),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("virtq_packed_traffic", tests, NULL,
					   NULL);
}
