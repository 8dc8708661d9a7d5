// SPDX-License-Identifier: GPL-2.0-or-later
/* The thread that fills a prefetch ring, in a machine that was cloned. */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <cmocka.h>

#include "rngd/base/clock.h"
#include "tests/device/entropy/prefetch_ring.h"
#include "tests/device/entropy/refill.h"
#include "tests/device/entropy/shared_source.h"
#include "tests/device/runtime/fork_signs.h"

#define BOUND 10000000000ULL /* ns to wait for what should happen at once */

struct fixture {
	struct shared_source shared;
	struct prefetch_ring ring;
	struct refill refill;
	struct fork_signs signs;
	char id[32]; /* as the driver's clone_id */
	int id_fd;
};

/* '\n' while the kernel may not have reseeded. */
static void set_id(const struct fixture *f, char first)
{
	assert_int_equal(pwrite(f->id_fd, &first, 1, 0), 1);
}

static int setup(void **state)
{
	static struct fixture f;
	int room = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	memset(&f, 0, sizeof(f));
	strcpy(f.id, "/tmp/vrng-id.XXXXXX");
	f.id_fd = mkostemp(f.id, O_CLOEXEC);
	if (room < 0 || f.id_fd < 0 ||
	    shared_source_init(&f.shared, "getrandom", "", NULL, NULL) ||
	    prefetch_init(&f.ring, 65536, room, NULL))
		return -1;
	f.signs.page_path = "none";
	f.signs.counts = "/nowhere";
	f.signs.ids = f.id;
	f.refill.prefetch = &f.ring;
	f.refill.shared = &f.shared;
	f.refill.signs = &f.signs;
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	refill_stop(&f->refill);
	close(f->ring.room);
	prefetch_done(&f->ring);
	shared_source_done(&f->shared);
	fork_signs_close(&f->signs);
	unlink(f->id);
	return close(f->id_fd);
}

/* The source could be read for 50 ms. */
static void nothing_is_read_before_the_kernel_has_reseeded(void **state)
{
	struct fixture *f = *state;
	uint64_t end = vrng_now() + BOUND;

	set_id(f, '\n');
	fork_signs_open(&f->signs);
	assert_int_equal(refill_start(&f->refill, NULL), 0);
	prefetch_want(&f->ring, 1024);
	(void)poll(NULL, 0, 50);
	assert_int_equal(prefetch_level(&f->ring), 0);
	set_id(f, '0');
	while (prefetch_level(&f->ring) < 1024) {
		assert_true(vrng_now() < end);
		(void)poll(NULL, 0, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			nothing_is_read_before_the_kernel_has_reseeded, setup,
			teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("refill", tests, NULL, NULL);
}
