// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sink: the kernel's random pool (kernel_pool.h).
 *
 * A feeding is due when /dev/random polls writable, and otherwise once an
 * interval, if there is one. The rule is the same on every kernel, whatever its version:
 *
 *	up to 5.17	it is writable while the pool's count is below the
 *			write_wakeup_threshold; feeding more often than that
 *			does no harm
 *	since 5.18	it is writable until the generator is ready, and never
 *			again; from then on fresh entropy must come at the pace
 *			of the kernel's own reseeding, and be used
 *
 * RNDRESEEDCRNG after each feeding makes the kernel use it. Since 5.18 the count
 * always reads as full once the generator is ready.
 */
#include <errno.h>

#include "rngd/sinks/kind.h"

/*
 * The probe finds a missing capability or a wrong device before any entropy is
 * taken from a source.
 */
static int kernel_begin(struct vrng_sink *sink, struct vrng_error *error)
{
	int ret;

	sink->pool = vrng_kernel_pool_make(sink->system, sink->fd, sink->step);
	if (!sink->pool)
		return vrng_fail(error, ENOMEM, "%s: no secure memory: %m",
				 sink->path);
	ret = vrng_kernel_pool_probe(sink->pool);
	if (!ret)
		return 0;
	if (ret == -EPERM)
		return vrng_fail(error, EPERM,
				 "%s: cannot credit entropy: %m; run as root "
				 "(CAP_SYS_ADMIN)",
				 sink->path);
	return vrng_fail(error, -ret,
			 "%s: takes no entropy: %m; name the kernel's random "
			 "device, or a file",
			 sink->path);
}

static unsigned int kernel_due(const struct vrng_sink *sink,
			       const uint64_t *fed_at, uint64_t now_ms)
{
	if (!fed_at || (sink->interval && now_ms - *fed_at >= sink->interval))
		return 0;
	if (vrng_kernel_pool_is_writable(sink->pool))
		return 0;
	if (!sink->interval)
		return VRNG_SINK_NEVER;
	return sink->interval - (unsigned int)(now_ms - *fed_at);
}

static int failed(const struct vrng_sink *sink, const char *operation, int ret,
		  struct vrng_error *error)
{
	if (ret == -EPIPE || ret == -ECONNRESET)
		return vrng_fail(error, -ret,
				 "%s: the privileged process has ended; start "
				 "rngd again",
				 sink->path);
	if (ret == -ETIMEDOUT)
		return vrng_fail(error, ETIMEDOUT,
				 "%s: the privileged process does not answer; "
				 "start rngd again",
				 sink->path);
	return vrng_fail(error, -ret, "%s: %s failed: %m", sink->path,
			 operation);
}

static int kernel_reseed(struct vrng_sink *sink, struct vrng_error *error)
{
	const struct vrng_kernel_pool_ops *ops = sink->pool_ops;
	int ret = ops->reseed(ops->opaque, sink->pool);

	return ret ? failed(sink, "RNDRESEEDCRNG", ret, error) : 0;
}

static ssize_t kernel_put(struct vrng_sink *sink, const void *buf, size_t len,
			  unsigned int bits, bool last,
			  struct vrng_error *error)
{
	const struct vrng_kernel_pool_ops *ops = sink->pool_ops;
	int ret;

	if (len > VRNG_KERNEL_POOL_MAX)
		return vrng_fail(error, EINVAL, "%s: step of %zu bytes",
				 sink->path, len);
	ret = ops->credit(ops->opaque, sink->pool, buf, len, bits, last);
	return ret ? failed(sink, "RNDADDENTROPY", ret, error) : (ssize_t)len;
}

static int kernel_level(const struct vrng_sink *sink)
{
	return vrng_kernel_pool_level(sink->pool);
}

static void kernel_end(struct vrng_sink *sink)
{
	vrng_kernel_pool_free(sink->pool);
	sink->pool = NULL;
}

const struct vrng_sink_kind vrng_sink_kernel = {
	.begin = kernel_begin,
	.due = kernel_due,
	.put = kernel_put,
	.reseed = kernel_reseed,
	.level = kernel_level,
	.end = kernel_end,
};
