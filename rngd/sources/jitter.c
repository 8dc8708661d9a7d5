// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Source "jitter": the kernel's jitterentropy, through AF_ALG
 * (Documentation/crypto/userspace-if.rst). It measures the timing noise of
 * execution. A read computes its bytes: it takes CPU time, but does not sleep.
 */
#include <errno.h>
#include <linux/if_alg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/sources/kind.h"

/* Bytes in one read. The kernel gives at most 128; fewer take less time. */
#define CHUNK 32

static int no_family(const struct vrng_source *src, int err,
		     struct vrng_error *error)
{
	return vrng_fail(error, err,
			 "%s: this kernel has no AF_ALG: %m; load algif_rng "
			 "(CONFIG_CRYPTO_USER_API_RNG) or use another source",
			 src->name);
}

static int no_algorithm(const struct vrng_source *src, int err,
			struct vrng_error *error)
{
	return vrng_fail(error, err,
			 "%s: this kernel has no jitterentropy_rng: %m; load "
			 "algif_rng and jitterentropy_rng "
			 "(CONFIG_CRYPTO_JITTERENTROPY) or use another source",
			 src->name);
}

static int jitter_open(struct vrng_source *src, struct vrng_error *error)
{
	const struct sockaddr_alg address = {
		.salg_family = AF_ALG,
		.salg_type = "rng",
		.salg_name = "jitterentropy_rng",
	};
	int ret = 0;
	int fd = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return no_family(src, errno, error);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)))
		ret = no_algorithm(src, errno, error);
	if (!ret) {
		src->fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (src->fd < 0)
			ret = no_algorithm(src, errno, error);
	}
	close(fd);
	return ret;
}

static void jitter_close(struct vrng_source *src)
{
	close(src->fd);
	src->fd = -1;
}

static int jitter_check(struct vrng_source *src, struct vrng_error *error)
{
	int ret = jitter_open(src, error);

	if (!ret)
		jitter_close(src);
	return ret;
}

static ssize_t jitter_read(struct vrng_source *src, void *buf, size_t len,
			   struct vrng_error *error)
{
	ssize_t got = read(src->fd, buf, len < CHUNK ? len : CHUNK);

	if (got > 0)
		return got;
	if (got == 0 || errno == EAGAIN || errno == EINTR)
		return -EAGAIN;
	return vrng_fail(error, errno,
			 "%s: cannot read: %m; the kernel's health tests may "
			 "have failed: use another source",
			 src->name);
}

const struct vrng_kind vrng_kind_jitter = {
	.name = "jitter",
	.usage = "jitter",
	.check = jitter_check,
	.open = jitter_open,
	.read = jitter_read,
	.close = jitter_close,
};
