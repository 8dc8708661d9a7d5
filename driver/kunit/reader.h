/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A reader of /dev/hwrng: a thread that reads through the hwrng core as a
 * program does, and notes in a ledger what it got.
 */
#ifndef VRNG_KUNIT_READER_H
#define VRNG_KUNIT_READER_H

#include <linux/sched.h>
#include <linux/wait.h>

#include "stream.h"

/* A few of the core's own 64: a slow host finishes a read all the same. */
#define READER_SIZE 512u

struct file;

struct reader {
	struct ledger *ledger;
	struct task_struct *task;
	struct file *file;
	char __user *to; /* in the borrowed address space */
	u8 *data;
	bool stop;
	wait_queue_head_t wait;
	u64 bytes; /* read so far */
	long err; /* of the last read that gave none */
	u64 errors;
};

/*
 * The core copies to userspace, so a reader needs some: that of the process
 * that loads the module. For suite_init and suite_exit, which it runs.
 */
int reader_borrow_mm(void);
void reader_return_mm(void);

int reader_start(struct reader *reader, struct ledger *ledger);

/* As a kill does: a read under way ends. Returns how long that took, in ms. */
u64 reader_stop(struct reader *reader);

/* Wait until @bytes more have been read, but at most @ms: were they? */
bool reader_gets(struct reader *reader, u64 bytes, unsigned int ms);

/* A file's first line, as in sysfs, without its newline; an errno, or 0. */
int reader_line(const char *path, char *line, size_t size);
int reader_write_line(const char *path, const char *line);

#endif
