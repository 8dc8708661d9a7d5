// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sink: the kernel's random pool, through the ioctls of random(4).
 *
 * When to feed is the same rule on every kernel, with no look at its version:
 * when /dev/random polls writable, and else once an interval.
 *
 *	up to 5.17	it is writable while the pool's count is below the
 *			write_wakeup_threshold; a feeding more often than that
 *			does no harm
 *	since 5.18	it is writable until the generator is ready, and never
 *			again; what matters then is that fresh entropy comes at
 *			the pace of the kernel's own reseeding, and is used
 *
 * The last is what RNDRESEEDCRNG after each feeding is for. Since 5.18 the
 * count always reads as full once the generator is ready.
 */
#include <errno.h>
#include <linux/random.h>
#include <string.h>

#include "rngd/crypto.h"
#include "rngd/sinks/kind.h"

/* struct rand_pool_info with its buffer: the whole of one RNDADDENTROPY. */
struct message {
	int entropy_count; /* bits */
	int buf_size; /* bytes */
	unsigned char buf[VRNG_SINK_STEP_MAX];
};

static int add_entropy(const struct vrng_sink *sink)
{
	return sink->system->ioctl(sink->fd, RNDADDENTROPY, sink->message);
}

/*
 * No bytes with no credit change nothing, but the kernel answers as it would
 * to some: here a missing capability or a wrong device shows before any entropy
 * was taken from a source.
 */
static int kernel_begin(struct vrng_sink *sink, struct vrng_why *why)
{
	sink->message = vrng_secure_alloc(sizeof(struct message));
	if (!sink->message)
		return vrng_why(why, ENOMEM, "%s: no secure memory: %m",
				sink->path);
	if (!add_entropy(sink))
		return 0;
	if (errno == EPERM)
		return vrng_why(why, EPERM,
				"%s: cannot credit entropy: %m; run as root "
				"(CAP_SYS_ADMIN)",
				sink->path);
	return vrng_why(why, errno,
			"%s: takes no entropy: %m; name the kernel's random "
			"device, or a file",
			sink->path);
}

static unsigned int kernel_due(const struct vrng_sink *sink, uint64_t now_ms)
{
	uint64_t passed = now_ms - sink->fed_at;

	if (!sink->was_fed || passed >= sink->interval)
		return 0;
	if (sink->system->is_writable(sink->fd))
		return 0;
	return sink->interval - (unsigned int)passed;
}

static ssize_t kernel_put(struct vrng_sink *sink, const void *buf, size_t len,
			  unsigned int bits, struct vrng_why *why)
{
	struct message *message = sink->message;
	int ret;

	if (len > sizeof(message->buf))
		return vrng_why(why, EINVAL, "%s: step of %zu bytes",
				sink->path, len);
	message->entropy_count = (int)bits;
	message->buf_size = (int)len;
	memcpy(message->buf, buf, len);
	ret = add_entropy(sink);
	explicit_bzero(message->buf, len);
	if (!ret)
		return (ssize_t)len;
	if (errno == EINTR)
		return -EAGAIN;
	return vrng_why(why, errno, "%s: RNDADDENTROPY failed: %m", sink->path);
}

/*
 * ENODATA until the generator is ready: it then draws from the pool by itself.
 * EINVAL on kernels before 4.14, which have no such call.
 */
static void kernel_fed(struct vrng_sink *sink)
{
	(void)sink->system->ioctl(sink->fd, RNDRESEEDCRNG, NULL);
}

static int kernel_level(const struct vrng_sink *sink)
{
	int bits;

	if (sink->system->ioctl(sink->fd, RNDGETENTCNT, &bits))
		return -1;
	return bits;
}

static void kernel_end(struct vrng_sink *sink)
{
	vrng_secure_free(sink->message);
}

const struct vrng_sink_kind vrng_sink_kernel = {
	.begin = kernel_begin,
	.due = kernel_due,
	.put = kernel_put,
	.fed = kernel_fed,
	.level = kernel_level,
	.end = kernel_end,
};
