// SPDX-License-Identifier: GPL-2.0-or-later
/* Blocks that have come before, with a known key and seeded streams. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "rngd/base/crypto.h"
#include "rngd/checks/recent.h"
#include "vrng/source.h"
#include "tests/unit/within.h"

#define BLOCK  2500
#define WINDOW (VRNG_RECENT_BITS / 8)
#define SEED   "00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210"

static const uint8_t key[VRNG_RECENT_KEY] = "0123456789abcdefghijklmnopqrstu";
static struct vrng_recent *recent;
static struct vrng_source *stream;
static uint8_t block[BLOCK];

static int begin(void **unused)
{
	(void)unused;
	assert_int_equal(vrng_crypto_init(NULL), 0);
	assert_int_equal(vrng_source_parse(&stream, "drbg:seed=" SEED,
					   &vrng_opener_plain, NULL),
			 0);
	assert_int_equal(vrng_source_open(stream, NULL), 0);
	return vrng_recent_make(&recent, key, NULL, NULL);
}

static int end(void **unused)
{
	(void)unused;
	vrng_recent_free(recent);
	vrng_source_free(stream);
	return 0;
}

static void draw(uint8_t *to, size_t len)
{
	assert_int_equal(vrng_source_read(stream, to, len, NULL), len);
}

static bool seen(const uint8_t *bytes)
{
	return vrng_recent_seen(recent, bytes, BLOCK, WINDOW);
}

static void fresh_blocks_are_never_seen(void **unused)
{
	unsigned int i;

	(void)unused;
	for (i = 0; i < 20000; i++) {
		draw(block, BLOCK);
		assert_false(seen(block));
	}
}

static void a_block_is_seen_again(void **unused)
{
	uint8_t old[BLOCK];
	unsigned int i;

	(void)unused;
	draw(old, BLOCK);
	assert_false(seen(old));
	for (i = 0; i < 2000; i++) {
		draw(block, BLOCK);
		assert_false(seen(block));
	}
	assert_true(seen(old));
	assert_true(seen(old));
}

/* Loops of @len bytes: how many blocks of the first @blocks are taken as new. */
static unsigned int new_in_loop(size_t len, unsigned int blocks)
{
	static uint8_t loop[30000];
	unsigned int fresh = 0;
	size_t at = 0, i;

	draw(loop, len);
	while (blocks--) {
		for (i = 0; i < BLOCK; i++, at = (at + 1) % len)
			block[i] = loop[at];
		fresh += !seen(block);
	}
	return fresh;
}

/* By blocks alone, 2,501 bytes in a loop would give 2,501 new blocks. */
static void a_loop_is_found_at_any_alignment(void **unused)
{
	static const size_t lengths[] = { 2501,	 2504,	3000, 4999,
					  11000, 20004, 29999 };
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		assert_within(new_in_loop(lengths[i], 500), 1,
			      lengths[i] / BLOCK + 2);
}

static void no_more_hashes_are_kept_than_there_is_room_for(void **unused)
{
	uint8_t old[BLOCK];
	unsigned int i;

	(void)unused;
	draw(old, BLOCK);
	assert_false(seen(old));
	for (i = 0; i < VRNG_RECENT_KEPT; i++) {
		draw(block, BLOCK);
		assert_false(seen(block));
	}
	assert_false(seen(old));
	assert_true(seen(old));
}

/* It goes on for longer than the table remembers: each time counts as recent. */
static void what_is_seen_again_and_again_is_not_forgotten(void **unused)
{
	uint8_t old[BLOCK];
	unsigned int i;

	(void)unused;
	draw(old, BLOCK);
	assert_false(seen(old));
	for (i = 0; i < 8000; i++) {
		draw(block, BLOCK);
		assert_false(seen(block));
		if (i % 1000 == 999)
			assert_true(seen(old));
	}
}

/* One bit a byte: short windows would be equal by chance. */
static void raw_noise_is_compared_in_windows_of_the_same_entropy(void **unused)
{
	const size_t window = vrng_recent_window(BLOCK, 1000);
	uint8_t old[BLOCK];
	unsigned int i, n;

	(void)unused;
	assert_int_equal(window, VRNG_RECENT_BITS);
	for (n = 0; n < 3000; n++) {
		draw(block, BLOCK);
		for (i = 0; i < BLOCK; i++)
			block[i] &= 1;
		assert_false(vrng_recent_seen(recent, block, BLOCK, window));
		if (n == 1500)
			memcpy(old, block, BLOCK);
	}
	assert_true(vrng_recent_seen(recent, old, BLOCK, window));
}

static void the_same_bytes_are_seen_under_another_claim(void **unused)
{
	static const unsigned int claims[] = { 7999, 7700, 4000, 1000 };
	size_t window = vrng_recent_window(BLOCK, 8000);
	unsigned int i;

	(void)unused;
	draw(block, BLOCK);
	assert_false(vrng_recent_seen(recent, block, BLOCK, window));
	for (i = 0; i < sizeof(claims) / sizeof(*claims); i++) {
		window = vrng_recent_window(BLOCK, claims[i]);
		assert_true(vrng_recent_seen(recent, block, BLOCK, window));
	}
}

static void a_window_is_no_longer_than_the_block(void **unused)
{
	(void)unused;
	assert_int_equal(vrng_recent_window(BLOCK, 0), 256);
	assert_int_equal(vrng_recent_window(BLOCK, 8000), 256);
	assert_int_equal(vrng_recent_window(BLOCK, 1000), 256);
	assert_int_equal(vrng_recent_window(BLOCK, 999), 512);
	assert_int_equal(vrng_recent_window(BLOCK, 125), 2048);
	assert_int_equal(vrng_recent_window(BLOCK, 124), BLOCK);
	assert_int_equal(vrng_recent_window(BLOCK, 1), BLOCK);
	draw(block, BLOCK);
	assert_false(vrng_recent_seen(recent, block, BLOCK, BLOCK));
	assert_true(vrng_recent_seen(recent, block, BLOCK, BLOCK));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(fresh_blocks_are_never_seen),
		CASE(a_block_is_seen_again),
		CASE(a_loop_is_found_at_any_alignment),
		CASE(no_more_hashes_are_kept_than_there_is_room_for),
		CASE(what_is_seen_again_and_again_is_not_forgotten),
		CASE(raw_noise_is_compared_in_windows_of_the_same_entropy),
		CASE(the_same_bytes_are_seen_under_another_claim),
		CASE(a_window_is_no_longer_than_the_block),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("recent", tests, NULL, NULL);
}
