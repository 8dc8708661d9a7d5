/* SPDX-License-Identifier: GPL-2.0-only */
/* The fixture of cases with a device: a host, a reader, and its ledger. */
#ifndef VRNG_KUNIT_RIG_H
#define VRNG_KUNIT_RIG_H

#include <kunit/test.h>

#include "host.h"
#include "reader.h"

/* The bound of every wait; long enough for a slow and busy machine. */
#define RIG_PATIENCE_MS 15000u

/* Blocks that must arrive to show that the device serves. */
#define RIG_SERVED_BLOCKS 512u

struct rig {
	struct host host;
	struct ledger ledger;
	struct reader reader;
	u32 share; /* rig_lie() takes rig_completions() / share; 0 is 1 */
	u64 page[2]; /* the number of vmgenid */
};

/* Define the suite of a file's NAME_cases. Each case has its own rig. */
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
 * Answers for which a host lies: vrng_kunit.completions=N on the kernel's command
 * line, 1000 by default. Not a module parameter, as some kernels run the suites
 * before they parse these. vrng_kunit.seed=N likewise.
 */
u32 rig_completions(void);

/* How often to repeat what takes milliseconds. */
u32 rig_rounds(void);

/* Skip the case if its name does not contain vrng_kunit.only=WORD. */
void rig_skip_unwanted(struct kunit *test);

/* Milliseconds since @start, a value of get_jiffies_64(). */
u64 rig_ms_since(u64 start);

/* Start the reader, also again after reader_stop(). */
void rig_read(struct kunit *test);

/*
 * Plug the device in and start a reader; the second expects bytes, too. The machine
 * has a VM generation page, unless host_add() is called instead.
 */
void rig_plug(struct kunit *test);
void rig_plug_and_serve(struct kunit *test);

/* Is the driver bound to the device? */
bool rig_is_bound(const struct rig *rig);

/* Give the page another number, as a hypervisor does. */
void rig_fork(struct rig *rig);

/* How often was the device started? */
u64 rig_starts(struct rig *rig);

/* Wait until it was started more often than @before. */
void rig_await_start(struct kunit *test, u64 before);

/*
 * Let the device fail, and wait until it is started again. A reader may be served
 * before the driver knows of the failure, so that tells nothing.
 */
void rig_fail(struct kunit *test);

/* Wait until the device was reset, and is not started yet. */
void rig_await_stop(struct kunit *test);

/* Expect that the reader gets so many bytes, each read in RIG_PATIENCE_MS. */
void rig_expect_bytes(struct kunit *test, u64 bytes);

/*
 * Let the host follow @plan for rig_completions() answers. It must lie. The
 * second does not make it honest then.
 */
void rig_lie(struct kunit *test, host_plan *plan);
void rig_lie_on(struct kunit *test, host_plan *plan);

/*
 * Let the host hold all requests, and read what it sent before. The reader
 * waits then, and gets nothing but from another answer.
 */
void rig_silence(struct kunit *test);

/* Count any service of the driver's as long: no recovery has to wait. */
void rig_hasten(struct rig *rig);

/* A plan that answers honestly and counts. */
void rig_plan_honest(struct host *host, struct host_answer *answer);

/* Make the host honest. Expect new bytes, each once. */
void rig_expect_serving(struct kunit *test);

/* Expect that no byte was read twice, stale, or never sent. */
void rig_expect_clean(struct kunit *test);

/* Unplug the device. Expect no bytes in memory, and an error for readers. */
void rig_expect_removal(struct kunit *test);

/* Both of the above: the end of nearly every case. */
void rig_expect_good_end(struct kunit *test);

/* A whole case: plug in, follow @plan for a while, serve, unplug. */
void rig_survive(struct kunit *test, host_plan *plan);

/* Read one of the driver's attributes. */
void rig_attribute(struct kunit *test, const char *name, char *line,
		   size_t size);
u64 rig_counter(struct kunit *test, const char *name);

/* Wait until a counter is @value at least. Returns what it is then. */
u64 rig_await_counter(struct kunit *test, const char *name, u64 value);

/* Number of bytes that are not zero but should be. */
u32 rig_dirty(struct rig *rig);

/* Find the memory of buffers that the driver can no longer use. Returns how many. */
u32 rig_lost(struct rig *rig, u8 **data);

/* Is @name, such as "virtio.1", among the available hwrngs? */
bool rig_is_available(const char *name);

#endif
