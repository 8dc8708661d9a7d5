/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One virtio entropy device, and what the driver's files offer one another.
 * README.md draws which file calls which.
 *
 * struct vrng lives from probe to remove. One irq-safe lock guards the
 * virtqueue, the pool, the open buffer, the state and the counters. A reader
 * takes it once a call of the hwrng core, which asks for 64 bytes; a completion
 * and a VM fork may take it in an interrupt.
 */
#ifndef VRNG_H
#define VRNG_H

#include <linux/hw_random.h>
#include <linux/jiffies.h>
#include <linux/notifier.h>
#include <linux/spinlock.h>
#include <linux/virtio.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "generation.h"
#include "pool.h"

/*
 * How long one read() waits for the host, in ms. Then it returns to the hwrng
 * core, so that others get the core's mutex; the core calls again.
 */
#define VRNG_WAIT_MS 1000

/* A reader that was silent for this long has stopped, in ms. */
#define VRNG_SETTLE_MS 1000

/* Waits of VRNG_WAIT_MS in a row without a byte that make a host a silent one. */
#define VRNG_SILENT_WAITS 5u

/* A device that served this long may be reset without a pause, in ms. */
#define VRNG_PROVEN_MS 5000u

/* A host can cause one line of each kind in this time, in ms. */
#define VRNG_LOG_PAUSE_MS (5u * 60 * 1000)

/* What a host can have the driver log. */
enum vrng_log {
	VRNG_LOG_LENGTH,
	VRNG_LOG_HEALTH,
	VRNG_LOG_SILENCE,
	VRNG_LOG_RING,
	VRNG_LOG_LOST,
	VRNG_LOG_STATUS,
	VRNG_LOG_SETUP,
	VRNG_LOG_KINDS,
};

enum vrng_state {
	VRNG_PAUSED, /* no queue: before probe is done, frozen, recovering */
	VRNG_LIVE,
	VRNG_GONE, /* being removed */
};

/* A set of buffers, see bufs.c. It is freed as a whole. */
struct vrng_bufs {
	struct vrng_bufs *next; /* in the list of replaced sets */
	u32 count;
	struct vrng_buf buf[];
};

struct vrng {
	struct virtio_device *vdev;
	u64 max_age_ms; /* unread bytes older than this are dropped */

	spinlock_t lock; /* irq-safe; guards what follows up to wait */
	enum vrng_state state;
	struct virtqueue *vq; /* set while open, used while live */
	struct vrng_pool pool;
	struct vrng_buf *open; /* the buffer that is read from, or NULL */
	unsigned long open_until; /* jiffies when its bytes are too old */
	u64 read_at; /* get_jiffies_64() of the last read */
	bool waiting; /* a reader waits; it clears this without the lock */
	bool settle_now; /* the settle work is due and has not begun */
	bool signalled; /* the device interrupted, or the state changed */
	bool no_recovery; /* not yet probed, frozen, shut down, or being removed */
	bool recovering; /* the recovery's own: it has the core start the device */
	u32 recover_ms; /* the delay before the next recovery */
	u32 proven_ms; /* VRNG_PROVEN_MS, or less in a test */
	u32 reap_bytes; /* VRNG_WIPE_BYTES, or less in a test */
	u64 live_ms; /* when the device was last started */
	u64 live_received; /* stats.received then, or at the last failure */
	u64 starts; /* how often the device was started */
	u32 waits; /* that timed out in a row, without a byte between */
	u64 waits_received; /* stats.received at the last of them */
	bool was_failed; /* asleep, and a recovery was due before */
	struct vrng_generation generation;
	u32 read_generation; /* the pool's at the last copy */
	u64 forks; /* VM forks and restores */
	bool notice_is_due; /* a reader saw the fork before any notice */
	bool id_is_due; /* clone_id is to be drawn */
	unsigned long id_due_at; /* jiffies when it waits for no notice */
	u8 clone_id[VRNG_GENERATION_ID_SIZE];
	u64 interrupts;
	u64 kicks;
	u64 device_errors; /* overlong answers, resets, and silences */
	u64 device_resets;
	bool told_of_health; /* the failure of the stream was logged */
	bool told_of_silence;
	u64 log_next[VRNG_LOG_KINDS]; /* when a line is allowed again, in ms */

	wait_queue_head_t wait; /* a reader, for signalled */
	struct delayed_work settle;
	struct delayed_work expire; /* deferrable: it wakes no processor */
	struct delayed_work recover;
	struct work_struct check; /* reads the device's status */
	struct delayed_work fork_work;

	struct notifier_block fork;
	struct notifier_block sleep;
	struct notifier_block reboot;

	struct hwrng hwrng;
	char name[16]; /* "virtio", "virtio.1", ..., or "virtio_rng.0", ... */
	int index;

	u32 depth; /* buffers of a device that is read */
	u32 buffer_size; /* bytes each, or 0: bufs.c decides */
	struct vrng_bufs *bufs; /* the pool's, guarded by the lock */
	struct vrng_bufs *old_bufs; /* replaced sets, likewise */
};

static inline u64 vrng_now_ms(void)
{
	return jiffies64_to_msecs(get_jiffies_64());
}

/* queue.c: moves buffers between the pool and the virtqueue */

void vrng_queue_init(struct vrng *vrng);

/* Find the virtqueue. 0 or a negative errno. vrng_queue_stop() returns it. */
int vrng_queue_find(struct vrng *vrng);

/* Tell the device to begin, post a request if there are buffers, serve readers. */
void vrng_queue_start(struct vrng *vrng);

/*
 * Serve no further bytes, and end all waits. @state is VRNG_PAUSED or
 * VRNG_GONE. Sleeps until the settle work has ended.
 */
void vrng_queue_halt(struct vrng *vrng, enum vrng_state state);

/*
 * Halt, reset the device, take all buffers back, wipe every byte and delete the
 * virtqueue. No callback and no settle work runs afterwards.
 */
void vrng_queue_stop(struct vrng *vrng, enum vrng_state state);

/* There are new buffers: post requests, if the window says so. */
void vrng_queue_ask(struct vrng *vrng);

/*
 * Ask for an interrupt. Returns how long to wait for it, at most @left
 * jiffies; 0 if an answer is there already.
 */
long vrng_queue_arm(struct vrng *vrng, long left);

/*
 * The device needs a reset: pause the queue and schedule the recovery. False if
 * that is under way already, or not allowed. Caller holds the lock.
 */
bool vrng_queue_fail(struct vrng *vrng);

/*
 * Schedule the recovery, unless it is not allowed: at once, or after a pause
 * that grows until the device has served for VRNG_PROVEN_MS. Caller holds the
 * lock.
 */
void vrng_queue_schedule_recovery(struct vrng *vrng);

/* read.c: hands out bytes */

/*
 * Fill @dst, which has @done bytes of earlier calls, up to @max bytes with what has
 * arrived, wipe that in the driver, and ask the device for more where the window
 * says so. Returns how many bytes @dst has. Does not wait. Called in process
 * context.
 *
 * If the machine was forked, suspended or its device reset since the first of these
 * calls, @dst is wiped and has 0 bytes.
 */
size_t vrng_read(struct vrng *vrng, u8 *dst, size_t done, size_t max);

/* settle.c: what follows when a reader has stopped */

void vrng_settle_init(struct vrng *vrng);

/* discard.c: when bytes are dropped that the device was asked for before */

/*
 * The VM was forked: count it, wipe all bytes that were asked for before, and ask
 * anew. When the lock is released, no reader can get any of them. What exceeds
 * VRNG_WIPE_BYTES is wiped by the settle work. May be called in an interrupt, as
 * some kernels' vmgenid driver does. Caller holds the lock.
 */
void vrng_discard_for_fork(struct vrng *vrng);

/* The same, if the VM generation page shows a fork that is not known. */
void vrng_discard_if_forked(struct vrng *vrng);

/*
 * Before the machine is suspended or hibernated: wipe all bytes, and serve and ask
 * for none until vrng_discard_and_wake() or vrng_queue_start(). Not every transport
 * freezes the device.
 */
void vrng_discard_to_sleep(struct vrng *vrng);

/* After that: count a fork, and ask anew. */
void vrng_discard_and_wake(struct vrng *vrng);

/*
 * Nobody reads the device any more: wipe every byte. If requests are posted, have
 * the device reset, which is the one way to take them back.
 */
void vrng_discard_unused(struct vrng *vrng);

/* report.c: what a host did wrong */

/*
 * May a line of this kind be logged? If so, the next one may after
 * VRNG_LOG_PAUSE_MS. Caller holds the lock.
 */
bool vrng_report_may_log(struct vrng *vrng, enum vrng_log kind);

/* The device claims that it wrote @used bytes, too many. Caller holds the lock. */
void vrng_report_length(struct vrng *vrng, u32 used);

/*
 * Log one line when a stream fails, and one when it is served again, the second
 * only after the first. @was_bad tells of the state before. Caller holds the lock.
 */
void vrng_report_health(struct vrng *vrng, bool was_bad);

/* A host is silent until a byte arrives: did one? Caller holds the lock. */
void vrng_report_answer(struct vrng *vrng);

/* A reader waited for VRNG_WAIT_MS in vain. */
void vrng_report_timed_out(struct vrng *vrng);

/* recover.c: resets a device that failed and sets it up again */

void vrng_recover_init(struct vrng *vrng);

/*
 * Allow recovery from probe to remove, except while frozen. Disallowing waits
 * for a recovery in progress.
 */
void vrng_recover_allow(struct vrng *vrng, bool allow);

/* Try to reset the device and to set it up, by and by. */
void vrng_recover_later(struct vrng *vrng);

/*
 * Have the device's status read in a work item, where a transport may sleep: the
 * device may need a reset. May be called in an interrupt.
 */
void vrng_recover_check_later(struct vrng *vrng);

/* bufs.c: the memory of the buffers */

/* Give the device its first buffer. 0 or -ENOMEM. */
int vrng_bufs_begin(struct vrng *vrng);

/* A reader has outgrown the buffers: get larger ones if there is memory. */
void vrng_bufs_grow(struct vrng *vrng);

/* Take all buffers away, and free those that are not in use. */
void vrng_bufs_end(struct vrng *vrng);

/*
 * What is posted cannot be taken back: leave its memory to the device for ever.
 * Returns how many buffers that are. Caller holds the lock.
 */
u32 vrng_bufs_lose(struct vrng *vrng);

/* Free buffers that were replaced, if none is in use any more. */
void vrng_bufs_reap(struct vrng *vrng);

/* hwrng.c: what the hwrng core calls */

/*
 * 0 or a negative errno. @quality is entropy per 1,024 bits. The name is one that the
 * in-tree driver would give if @in_tree_names.
 */
int vrng_hwrng_register(struct vrng *vrng, unsigned short quality,
			bool in_tree_names);

/* Waits for the last read() to return. */
void vrng_hwrng_unregister(struct vrng *vrng);

/* fork.c: VM forks */

/* Before the first request. Finds the VM generation page. */
void vrng_fork_begin(struct vrng *vrng);

/* After the last read. */
void vrng_fork_end(struct vrng *vrng);

/*
 * Count a fork, wake pollers, and have the clone's ID drawn: by the kernel's
 * notifier, if that follows. Caller holds the lock.
 */
void vrng_fork_count(struct vrng *vrng, bool is_notified);

/* sysfs.c: the vrng group on the virtio device */
extern const struct attribute_group *vrng_sysfs_groups[];

#endif
