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

#include "rngd/base/crypto.h"
#include "rngd/sinks/kind.h"

/* struct rand_pool_info with its buffer: the whole of one RNDADDENTROPY. */
struct message {
	int entropy_count; /* bits */
	int buf_size; /* bytes */
	unsigned char buf[VRNG_SINK_STEP_MAX];
};

static int add_entropy(const struct vrng_sink *sink)
{
	return sink->system->ioctl(sink->fd, RNDADDENTROPY, sink->state);
}

/*
 * No bytes with no credit change nothing, but the kernel answers as it would
 * to some: here a missing capability or a wrong device shows before any entropy
 * was taken from a source.
 */
static int kernel_begin(struct vrng_sink *sink, struct vrng_error *error)
{
	sink->state = vrng_secure_alloc(sizeof(struct message));
	if (!sink->state)
		return vrng_fail(error, ENOMEM, "%s: no secure memory: %m",
				 sink->path);
	if (!add_entropy(sink))
		return 0;
	if (errno == EPERM)
		return vrng_fail(error, EPERM,
				 "%s: cannot credit entropy: %m; run as root "
				 "(CAP_SYS_ADMIN)",
				 sink->path);
	return vrng_fail(error, errno,
			 "%s: takes no entropy: %m; name the kernel's random "
			 "device, or a file",
			 sink->path);
}

unsigned int vrng_sink_kernel_due(const struct vrng_sink *sink,
				  const uint64_t *fed_at, uint64_t now_ms)
{
	if (!fed_at || now_ms - *fed_at >= sink->interval)
		return 0;
	if (sink->system->is_writable(sink->fd))
		return 0;
	return sink->interval - (unsigned int)(now_ms - *fed_at);
}

static int put_step(struct vrng_sink *sink, const uint8_t *buf, size_t len,
		    unsigned int bits)
{
	struct message *message = sink->state;
	int err;

	message->entropy_count = (int)bits;
	message->buf_size = (int)len;
	memcpy(message->buf, buf, len);
	do
		err = add_entropy(sink) ? errno : 0;
	while (err == EINTR);
	explicit_bzero(message->buf, len);
	return -err;
}

/*
 * ENODATA until the generator is ready: it then draws from the pool by itself.
 * EINVAL on kernels before 4.14, which have no such call.
 */
static int kernel_reseed(struct vrng_sink *sink, struct vrng_error *error)
{
	if (!sink->system->ioctl(sink->fd, RNDRESEEDCRNG, NULL))
		return 0;
	if (errno == ENODATA || errno == EINVAL)
		return 0;
	return vrng_fail(error, errno, "%s: RNDRESEEDCRNG failed: %m",
			 sink->path);
}

/* Each step has the share of the credit that its bytes are of all. */
static ssize_t kernel_put(struct vrng_sink *sink, const void *buf, size_t len,
			  unsigned int bits, bool last,
			  struct vrng_error *error)
{
	size_t at = 0, n;
	int ret;

	if (len > VRNG_SINK_STEP_MAX)
		return vrng_fail(error, EINVAL, "%s: step of %zu bytes",
				 sink->path, len);
	for (; at < len; at += n) {
		n = len - at < sink->step ? len - at : sink->step;
		ret = put_step(sink, (const uint8_t *)buf + at, n,
			       (unsigned int)(bits * (at + n) / len -
					      bits * at / len));
		if (ret)
			return vrng_fail(error, -ret,
					 "%s: RNDADDENTROPY failed: %m",
					 sink->path);
	}
	if (last)
		(void)kernel_reseed(sink, NULL);
	return (ssize_t)len;
}

int vrng_sink_kernel_level(const struct vrng_sink *sink)
{
	int bits;

	if (sink->system->ioctl(sink->fd, RNDGETENTCNT, &bits))
		return -1;
	return bits;
}

static void kernel_end(struct vrng_sink *sink)
{
	vrng_secure_free(sink->state);
}

const struct vrng_sink_kind vrng_sink_kernel = {
	.begin = kernel_begin,
	.due = vrng_sink_kernel_due,
	.put = kernel_put,
	.reseed = kernel_reseed,
	.level = vrng_sink_kernel_level,
	.end = kernel_end,
};
