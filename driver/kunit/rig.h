/* SPDX-License-Identifier: GPL-2.0-only */
/* What every case with a device needs: a host, a reader, and its ledger. */
#ifndef VRNG_KUNIT_RIG_H
#define VRNG_KUNIT_RIG_H

#include <kunit/test.h>

#include "host.h"
#include "reader.h"

/* What is to come must come within this, on a slow and busy machine too. */
#define RIG_PATIENCE_MS 15000u

/* Of the host's bytes, so many blocks must arrive to show that it serves. */
#define RIG_SERVED_BLOCKS 512u

struct rig {
	struct host host;
	struct ledger ledger;
	struct reader reader;
	u32 share; /* the part of rig_completions() that rig_lie() takes, or 0 */
};

/* The suite of a file's NAME_cases, each of which has a rig of its own. */
#define RIG_SUITE(word)                            \
	struct kunit_suite vrng_##word##_suite = { \
		.name = "vrng_" #word,             \
		.suite_init = rig_suite_init,      \
		.suite_exit = rig_suite_exit,      \
		.init = rig_init,                  \
		.exit = rig_exit,                  \
		.test_cases = word##_cases,        \
	}

int rig_suite_init(struct kunit_suite *suite);
void rig_suite_exit(struct kunit_suite *suite);
int rig_init(struct kunit *test);
void rig_exit(struct kunit *test);

/*
 * So many completions have a lying host: vrng_kunit.completions=N on the kernel's
 * command line, and 1000 otherwise. Module parameters are not parsed yet when
 * some kernels run the suites. vrng_kunit.seed=N likewise.
 */
u32 rig_completions(void);

/* Of what takes milliseconds a time, and is no completion: so many rounds. */
u32 rig_rounds(void);

/* vrng_kunit.only=WORD: cases without it in their name are skipped, by this. */
void rig_skip_unwanted(struct kunit *test);

/* Milliseconds since @start, which is of get_jiffies_64(). */
u64 rig_ms_since(u64 start);

/* Start the reader, at first or after reader_stop(). */
void rig_read(struct kunit *test);

/* Plug the device in, with a reader; and see it serve. */
void rig_plug(struct kunit *test);
void rig_plug_and_serve(struct kunit *test);

/* Has the driver taken the device? */
bool rig_is_bound(const struct rig *rig);

/* Let the host follow @plan for rig_completions() answers: it must lie. */
void rig_lie(struct kunit *test, host_plan *plan);

/* The host only holds from now on: all that it sent before is read. */
void rig_silence(struct kunit *test);

/* A plan that counts answers, and gives them honestly. */
void rig_plan_honest(struct host *host, struct host_answer *answer);

/* The host is honest: does the device serve, what it should and once? */
void rig_expect_serving(struct kunit *test);

/* Of the bytes that were read, none was to be seen twice, or at all. */
void rig_expect_clean(struct kunit *test);

/* Unplugged, it leaves nothing behind, and readers are told. */
void rig_expect_removal(struct kunit *test);

/* Both: how nearly every case ends. */
void rig_expect_good_end(struct kunit *test);

/* A device whose host follows @plan for a while, from its coming to its end. */
void rig_survive(struct kunit *test, host_plan *plan);

/* One of the driver's counters in sysfs. */
u64 rig_counter(struct kunit *test, const char *name);

/* Bytes that are not zero where the driver promises that all are. */
u32 rig_dirty(struct rig *rig);

/* Is @name, such as "virtio.1", among the available hwrngs? */
bool rig_is_available(const char *name);

#endif
