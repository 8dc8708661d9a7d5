/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's random pool, through the ioctls of random(4) on a descriptor of
 * /dev/random or /dev/urandom.
 *
 * Crediting and reseeding need CAP_SYS_ADMIN. A caller does both through a
 * struct vrng_kernel_pool_ops, which does them in this process or has another
 * process do them. The call is the same in both cases.
 */
#ifndef RNGD_SINKS_KERNEL_POOL_H
#define RNGD_SINKS_KERNEL_POOL_H

#include <stdbool.h>
#include <stddef.h>

/* The most bytes of one credit; --random-step's upper bound. */
#define VRNG_KERNEL_POOL_MAX 4096

struct vrng_kernel_pool;

/* System calls on the pool's descriptor, as of ioctl(2); tests replace them. */
struct vrng_kernel_pool_system {
	int (*ioctl)(int fd, unsigned long request, void *arg);
	bool (*is_writable)(int fd); /* poll(2) says POLLOUT */
};

extern const struct vrng_kernel_pool_system vrng_kernel_pool_system;

/*
 * The privileged operations. Each returns 0 or a negative errno. Any thread may
 * call them; one waits for the other.
 */
struct vrng_kernel_pool_ops {
	/*
	 * Add @len bytes, 1 to VRNG_KERNEL_POOL_MAX, with @bits <= 8 * @len of
	 * credit (RNDADDENTROPY). @reseed: then let the kernel use them
	 * (RNDRESEEDCRNG). -EPIPE or -ECONNRESET where another process does it
	 * and has ended, -ETIMEDOUT where it does not answer; a later credit may
	 * return the error of an earlier one there.
	 */
	int (*credit)(void *opaque, struct vrng_kernel_pool *pool,
		      const void *buf, size_t len, unsigned int bits,
		      bool reseed);
	/*
	 * RNDRESEEDCRNG. 0 also where the kernel needs none (ENODATA: its
	 * generator is not ready and draws from the pool by itself) or has no
	 * such call (EINVAL: before 4.14). Errors as of credit.
	 */
	int (*reseed)(void *opaque, struct vrng_kernel_pool *pool);
	void *opaque; /* for both */
};

/* In this process. */
extern const struct vrng_kernel_pool_ops vrng_kernel_pool_ops_local;

/*
 * A pool on @fd, which stays the caller's. One RNDADDENTROPY adds at most @step
 * bytes. NULL where there is no secure memory.
 */
struct vrng_kernel_pool *
vrng_kernel_pool_make(const struct vrng_kernel_pool_system *system, int fd,
		      unsigned int step);

/*
 * Add no bytes, with no credit: that changes nothing, but the kernel answers as
 * it would to some. -EPERM without CAP_SYS_ADMIN, -ENOTTY or another errno for
 * what is no random device.
 */
int vrng_kernel_pool_probe(struct vrng_kernel_pool *pool);

/* Its descriptor. */
int vrng_kernel_pool_fd(const struct vrng_kernel_pool *pool);

/* True while the kernel asks for entropy. */
bool vrng_kernel_pool_is_writable(const struct vrng_kernel_pool *pool);

/* The count of entropy in bits (RNDGETENTCNT), or -1. Needs no privilege. */
int vrng_kernel_pool_level(const struct vrng_kernel_pool *pool);

/* Free it and wipe its buffer. NULL is nothing. */
void vrng_kernel_pool_free(struct vrng_kernel_pool *pool);

#endif
