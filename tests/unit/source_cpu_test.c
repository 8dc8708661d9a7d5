// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sources "rdrand", "rdseed" and "jitter". Not every CPU and kernel has them:
 * then the cases test the error. Fake instructions test how a failing one is
 * handled.
 */
#include "tests/unit/source_rig.h"

#include "rngd/base/array.h"
#include "rngd/sources/cpu.h"

/*
 * True if the source works. Check and open must agree, and report what is
 * missing.
 */
static bool is_here(const char *spec, int absent)
{
	struct vrng_source *src = rig_parse(spec);
	int ret = vrng_source_check(src, &rig_why);

	if (ret) {
		assert_int_equal(ret, absent);
		rig_said(spec);
		rig_said(strerror(-absent));
		print_message("# %s\n", rig_why.text);
	}
	assert_int_equal(vrng_source_open(src, NULL), ret);
	vrng_source_free(src);
	return !ret;
}

static void gives_fresh_bytes(const char *spec)
{
	struct vrng_source *src = rig_open(spec);
	uint8_t got[2][37];
	size_t done, i;
	ssize_t n;

	assert_int_equal(vrng_source_fd(src), -1);
	for (i = 0; i < 2; i++)
		for (done = 0; done < sizeof(got[0]); done += (size_t)n) {
			n = vrng_source_read(src, got[i] + done,
					     sizeof(got[0]) - done, &rig_why);
			if (n == -EAGAIN)
				n = 0;
			assert_true(n >= 0);
		}
	assert_memory_not_equal(got[0], got[1], sizeof(got[0]));
	vrng_source_free(src);
}

static void rdrand_gives_fresh_bytes_or_says_that_there_is_none(void **unused)
{
	(void)unused;
	rig_refused("rdrand:x");
	if (is_here("rdrand", -ENOTSUP))
		gives_fresh_bytes("rdrand");
}

static void rdseed_gives_fresh_bytes_or_says_that_there_is_none(void **unused)
{
	(void)unused;
	rig_refused("rdseed:x");
	if (is_here("rdseed", -ENOTSUP))
		gives_fresh_bytes("rdseed");
}

static void rndr_gives_fresh_bytes_or_says_that_there_is_none(void **unused)
{
	(void)unused;
	rig_refused("rndr:x");
	if (is_here("rndr", -ENOTSUP))
		gives_fresh_bytes("rndr");
}

static void darn_gives_fresh_bytes_or_says_that_there_is_none(void **unused)
{
	(void)unused;
	rig_refused("darn:x");
	if (is_here("darn", -ENOTSUP))
		gives_fresh_bytes("darn");
}

/* In 1/1000 bit a byte. 0: --entropy-count, 8 bits by default. */
static void each_claims_what_its_manual_says(void **unused)
{
	static const struct {
		const char *spec;
		unsigned int claim;
	} table[] = {
		{ "rdseed", 0 },
		{ "rdrand", 15 },
		{ "rndr", 0 },
		{ "darn", 4000 },
	};
	size_t i;

	(void)unused;
	for (i = 0; i < VRNG_LENGTH(table); i++) {
		struct vrng_source *src = rig_parse(table[i].spec);

		assert_int_equal(vrng_source_reseeded(src), table[i].claim);
		vrng_source_free(src);
	}
}

static void jitter_gives_fresh_bytes_or_says_what_to_load(void **unused)
{
	struct vrng_source *src = rig_parse("jitter");
	int ret = vrng_source_check(src, &rig_why);

	(void)unused;
	vrng_source_free(src);
	rig_refused("jitter:x");
	if (!ret) {
		gives_fresh_bytes("jitter");
		return;
	}
	assert_true(ret == -EAFNOSUPPORT || ret == -ENOENT);
	assert_int_equal(is_here("jitter", ret), false);
	rig_said("load algif_rng");
}

/* ---- a fake instruction ---- */

static unsigned int calls;
static unsigned int fails; /* so many tries fail before each word */
static unsigned long next_word;
static unsigned long step;

static bool made_up(unsigned long *word)
{
	static unsigned int failed;

	calls++;
	if (failed < fails) {
		failed++;
		return false;
	}
	failed = 0;
	next_word += step;
	*word = next_word;
	return true;
}

static struct vrng_cpu cpu; /* leaf 0, subleaf 0, EAX: not zero on any CPU */
static char name[] = "made up";
static struct vrng_source source = { .kind = &cpu.kind, .name = name };

static int begin(void **unused)
{
	(void)unused;
	cpu = (struct vrng_cpu){ .instruction = "MADEUP",
				 .draw = made_up,
				 .tries = 10 };
	calls = 0;
	fails = 0;
	next_word = 0;
	step = 1;
	return 0;
}

static void words_become_bytes_of_any_number(void **unused)
{
	/* a word and half of the next one */
	const size_t some = sizeof(unsigned long) * 3 / 2;
	unsigned long words[3] = { 0 }, want[2];

	(void)unused;
	step = ~0UL / 255; /* 0x0101... */
	want[0] = step;
	want[1] = 2 * step;
	assert_int_equal(vrng_cpu_read(&source, words, some, NULL), some);
	assert_memory_equal(words, want, some);
	assert_int_equal(((char *)words)[some], 0);
}

static void one_read_is_bounded(void **unused)
{
	static char much[VRNG_CPU_CHUNK + 1];

	(void)unused;
	assert_int_equal(vrng_cpu_read(&source, much, sizeof(much), NULL),
			 VRNG_CPU_CHUNK);
}

static void a_word_is_tried_for_so_often_and_no_more(void **unused)
{
	unsigned long word;

	(void)unused;
	fails = 9;
	assert_int_equal(vrng_cpu_read(&source, &word, sizeof(word), NULL),
			 sizeof(word));
	assert_int_equal(calls, 10);

	fails = 1000;
	assert_int_equal(vrng_cpu_read(&source, &word, sizeof(word), NULL),
			 -EAGAIN);
	assert_int_equal(calls, 20);
	cpu.dry_is_failure = true;
	assert_int_equal(vrng_cpu_read(&source, &word, sizeof(word), &rig_why),
			 -EIO);
	assert_int_equal(calls, 30);
	rig_said("MADEUP gave nothing in 10 tries");
}

#ifdef __x86_64__
/* EBX of leaf 0: the vendor's name. Bit 13 makes its second letter small. */
static void an_instruction_that_repeats_itself_is_not_used(void **unused)
{
	(void)unused;
	cpu.reg = 1;
	cpu.bit = 13;
	step = 0;
	next_word = ~0ul;
	assert_int_equal(vrng_cpu_open(&source, &rig_why), -EIO);
	rig_said("the same word");
	step = 1;
	assert_int_equal(vrng_cpu_open(&source, NULL), 0);
	cpu.leaf = 0x70000000; /* no CPU has that many */
	assert_int_equal(vrng_cpu_open(&source, &rig_why), -ENOTSUP);
	rig_said("this CPU has no MADEUP");
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			rdrand_gives_fresh_bytes_or_says_that_there_is_none),
		cmocka_unit_test(
			rdseed_gives_fresh_bytes_or_says_that_there_is_none),
		cmocka_unit_test(
			rndr_gives_fresh_bytes_or_says_that_there_is_none),
		cmocka_unit_test(
			darn_gives_fresh_bytes_or_says_that_there_is_none),
		cmocka_unit_test(each_claims_what_its_manual_says),
		cmocka_unit_test(jitter_gives_fresh_bytes_or_says_what_to_load),
		cmocka_unit_test_setup(words_become_bytes_of_any_number, begin),
		cmocka_unit_test_setup(one_read_is_bounded, begin),
		cmocka_unit_test_setup(a_word_is_tried_for_so_often_and_no_more,
				       begin),
#ifdef __x86_64__
		cmocka_unit_test_setup(
			an_instruction_that_repeats_itself_is_not_used, begin),
#endif
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("cpu", tests, NULL, NULL);
}
