// SPDX-License-Identifier: GPL-2.0-only
/* A thread that reads /dev/hwrng; see reader.h. */
#include <linux/fs.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "reader.h"

static struct mm_struct *reader_mm;

int reader_borrow_mm(void)
{
	if (!current->mm)
		return -ENXIO;
	mmget(current->mm);
	reader_mm = current->mm;
	return 0;
}

void reader_return_mm(void)
{
	if (reader_mm)
		mmput(reader_mm);
	reader_mm = NULL;
}

static void reader_read(struct reader *reader)
{
	u64 first = READ_ONCE(reader->ledger->first);
	loff_t pos = 0;
	ssize_t n;

	WRITE_ONCE(reader->reading, true);
	n = reader->file->f_op->read(reader->file, reader->to, READER_SIZE,
				     &pos);
	WRITE_ONCE(reader->reading, false);
	if (READ_ONCE(reader->late))
		first = READ_ONCE(reader->ledger->first);
	if (n > 0 && copy_from_user(reader->data, reader->to, n))
		n = -EFAULT;
	if (n > 0) {
		ledger_check(reader->ledger, reader->data, n, first);
		WRITE_ONCE(reader->bytes, reader->bytes + n);
	} else {
		reader->errors++;
		WRITE_ONCE(reader->err, n);
	}
	wake_up_all(&reader->wait);
	if (n > 0)
		return;
	/* There may be no device: do not spin. */
	if (!READ_ONCE(reader->stop))
		flush_signals(current);
	schedule_timeout_interruptible(1);
}

static void reader_wait_for_stop(void)
{
	set_current_state(TASK_INTERRUPTIBLE);
	while (!kthread_should_stop()) {
		flush_signals(current);
		schedule();
		set_current_state(TASK_INTERRUPTIBLE);
	}
	__set_current_state(TASK_RUNNING);
}

static int reader_thread(void *data)
{
	struct reader *reader = data;
	unsigned long map;

	allow_signal(SIGKILL);
	kthread_use_mm(reader_mm);
	map = vm_mmap(NULL, 0, READER_SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, 0);
	reader->to = (char __user *)map;
	reader->err = IS_ERR_VALUE(map) ? (long)map : 0;
	while (!IS_ERR_VALUE(map) && !READ_ONCE(reader->stop)) {
		reader_read(reader);
		cond_resched();
	}
	if (!IS_ERR_VALUE(map))
		vm_munmap(map, READER_SIZE);
	kthread_unuse_mm(reader_mm);
	reader_wait_for_stop();
	return 0;
}

int reader_start(struct reader *reader, struct ledger *ledger)
{
	int err;

	memset(reader, 0, sizeof(*reader));
	reader->ledger = ledger;
	init_waitqueue_head(&reader->wait);
	reader->file = filp_open("/dev/hwrng", O_RDONLY, 0);
	if (IS_ERR(reader->file))
		return PTR_ERR(reader->file);
	err = -ENOMEM;
	reader->data = kzalloc(READER_SIZE, GFP_KERNEL);
	if (!reader->data)
		goto close;
	reader->task = kthread_run(reader_thread, reader, "vrng-reader");
	err = PTR_ERR_OR_ZERO(reader->task);
	if (!err)
		return 0;
	reader->task = NULL;
close:
	kfree(reader->data);
	filp_close(reader->file, NULL);
	return err;
}

u64 reader_stop(struct reader *reader)
{
	const u64 start = get_jiffies_64();

	if (!reader->task)
		return 0;
	WRITE_ONCE(reader->stop, true);
	send_sig(SIGKILL, reader->task, 1);
	kthread_stop(reader->task);
	reader->task = NULL;
	kfree(reader->data);
	filp_close(reader->file, NULL);
	return jiffies64_to_msecs(get_jiffies_64() - start);
}

bool reader_gets(struct reader *reader, u64 bytes, unsigned int ms)
{
	const u64 *have = &reader->bytes;
	const u64 want = READ_ONCE(*have) + bytes;

	return wait_event_interruptible_timeout(reader->wait,
						READ_ONCE(*have) >= want,
						msecs_to_jiffies(ms)) > 0;
}

bool reader_sleeps(const struct reader *reader)
{
	return READ_ONCE(reader->reading) &&
	       task_state_to_char(reader->task) == 'S';
}

int reader_line(const char *path, char *line, size_t size)
{
	struct file *file = filp_open(path, O_RDONLY, 0);
	loff_t pos = 0;
	ssize_t n;

	line[0] = '\0';
	if (IS_ERR(file))
		return PTR_ERR(file);
	n = kernel_read(file, line, size - 1, &pos);
	filp_close(file, NULL);
	if (n < 0)
		return n;
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return 0;
}

int reader_write_line(const char *path, const char *line)
{
	struct file *file = filp_open(path, O_WRONLY, 0);
	loff_t pos = 0;
	ssize_t n;

	if (IS_ERR(file))
		return PTR_ERR(file);
	n = kernel_write(file, line, strlen(line), &pos);
	filp_close(file, NULL);
	return n < 0 ? n : 0;
}
