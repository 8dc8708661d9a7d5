// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's random pool: see kernel_pool.h. */
#include <errno.h>
#include <linux/random.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "rngd/base/crypto.h"
#include "rngd/sinks/kernel_pool.h"

/* struct rand_pool_info with its buffer: the whole of one RNDADDENTROPY. */
struct message {
	int entropy_count; /* bits */
	int buf_size; /* bytes */
	unsigned char buf[VRNG_KERNEL_POOL_MAX];
};

struct vrng_kernel_pool {
	const struct vrng_kernel_pool_system *system;
	int fd; /* not owned */
	unsigned int step; /* bytes */
	pthread_mutex_t lock; /* over message */
	struct message *message; /* in secure memory */
};

/* ----------------------------------------------------------- system calls */

/* The type of a request differs between C libraries. */
#ifdef __GLIBC__
typedef unsigned long ioctl_request;
#else
typedef int ioctl_request;
#endif

static int system_ioctl(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, (ioctl_request)request, arg);
}

static bool system_is_writable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };

	return poll(&pfd, 1, 0) == 1 && pfd.revents & POLLOUT;
}

const struct vrng_kernel_pool_system vrng_kernel_pool_system = {
	.ioctl = system_ioctl,
	.is_writable = system_is_writable,
};

/* ----------------------------------------------- the privileged operations */

static int add_entropy(const struct vrng_kernel_pool *pool)
{
	return pool->system->ioctl(pool->fd, RNDADDENTROPY, pool->message) ?
		       -errno :
		       0;
}

/* With the lock held. */
static int add_step(struct vrng_kernel_pool *pool, const uint8_t *buf,
		    size_t len, unsigned int bits)
{
	struct message *message = pool->message;
	int ret;

	message->entropy_count = (int)bits;
	message->buf_size = (int)len;
	memcpy(message->buf, buf, len);
	do
		ret = add_entropy(pool);
	while (ret == -EINTR);
	explicit_bzero(message->buf, len);
	return ret;
}

static int local_reseed(void *opaque, struct vrng_kernel_pool *pool)
{
	(void)opaque;
	if (!pool->system->ioctl(pool->fd, RNDRESEEDCRNG, NULL))
		return 0;
	return errno == ENODATA || errno == EINVAL ? 0 : -errno;
}

/* With the lock held. A step's share of the credit is its share of the bytes. */
static int add_steps(struct vrng_kernel_pool *pool, const uint8_t *buf,
		     size_t len, unsigned int bits)
{
	size_t at, n;
	int ret = 0;

	for (at = 0; at < len && !ret; at += n) {
		n = len - at < pool->step ? len - at : pool->step;
		ret = add_step(pool, buf + at, n,
			       (unsigned int)(bits * (at + n) / len -
					      bits * at / len));
	}
	return ret;
}

static int local_credit(void *opaque, struct vrng_kernel_pool *pool,
			const void *buf, size_t len, unsigned int bits,
			bool reseed)
{
	int ret;

	if (!len || len > VRNG_KERNEL_POOL_MAX || bits > len * 8)
		return -EINVAL;
	pthread_mutex_lock(&pool->lock);
	ret = add_steps(pool, buf, len, bits);
	pthread_mutex_unlock(&pool->lock);
	if (!ret && reseed)
		(void)local_reseed(opaque, pool);
	return ret;
}

const struct vrng_kernel_pool_ops vrng_kernel_pool_ops_local = {
	.credit = local_credit,
	.reseed = local_reseed,
};

/* ---------------------------------------------------------------- the rest */

struct vrng_kernel_pool *
vrng_kernel_pool_make(const struct vrng_kernel_pool_system *system, int fd,
		      unsigned int step)
{
	struct vrng_kernel_pool *pool = malloc(sizeof(*pool));

	if (!pool)
		return NULL;
	*pool = (struct vrng_kernel_pool){
		.system = system,
		.fd = fd,
		.step = step,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.message = vrng_secure_alloc(sizeof(struct message)),
	};
	if (pool->message)
		return pool;
	free(pool);
	return NULL;
}

int vrng_kernel_pool_probe(struct vrng_kernel_pool *pool)
{
	return add_entropy(pool);
}

int vrng_kernel_pool_fd(const struct vrng_kernel_pool *pool)
{
	return pool->fd;
}

bool vrng_kernel_pool_is_writable(const struct vrng_kernel_pool *pool)
{
	return pool->system->is_writable(pool->fd);
}

int vrng_kernel_pool_level(const struct vrng_kernel_pool *pool)
{
	int bits;

	if (pool->system->ioctl(pool->fd, RNDGETENTCNT, &bits))
		return -1;
	return bits;
}

void vrng_kernel_pool_free(struct vrng_kernel_pool *pool)
{
	if (!pool)
		return;
	vrng_secure_free(pool->message);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}
