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

/* A few of the core's chunks of 64: a slow host can finish a read. */
#define READER_SIZE 512u

struct file;

struct reader {
	struct ledger *ledger;
	struct task_struct *task;
	struct file *file;
	char __user *to; /* in the borrowed address space */
	u8 *data;
	bool stop;
	bool reading; /* in a read */
	bool late; /* check reads against what is forbidden when they end */
	wait_queue_head_t wait;
	u64 bytes; /* read so far */
	long err; /* of the last read that returned no byte */
	u64 errors;
};

/*
 * The core copies to userspace, so readers borrow the address space of the
 * process that loads the module. Call these from suite_init and suite_exit.
 */
int reader_borrow_mm(void);
void reader_return_mm(void);

int reader_start(struct reader *reader, struct ledger *ledger);

/* Kill the reader and wait for its end. Returns how long it took, in ms. */
u64 reader_stop(struct reader *reader);

/* Wait at most @ms until @bytes more have been read. True if they were. */
bool reader_gets(struct reader *reader, u64 bytes, unsigned int ms);

/*
 * Does the reader sleep in a read? Then it has noted what it read before. It
 * may do so for a jiffy only.
 */
bool reader_sleeps(const struct reader *reader);

/* Read a file's first line without its newline. 0 or a negative errno. */
int reader_line(const char *path, char *line, size_t size);
int reader_write_line(const char *path, const char *line);

#endif
