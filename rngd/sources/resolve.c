// SPDX-License-Identifier: GPL-2.0-or-later
/* Looking up a host without waiting: see resolve.h. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "rngd/sources/resolve.h"

/* getaddrinfo() and its resolvers keep large buffers on the stack. */
#define STACK_BYTES (256 * 1024)

/* Shared by the caller and the thread; the last to let go frees it. */
struct vrng_resolve {
	pthread_mutex_t lock; /* over all below */
	bool is_done;
	bool is_alone; /* one of the two has let go */
	int error; /* of getaddrinfo() */
	struct addrinfo *list;
	int fd;
	char *host;
	char *port;
};

static void destroy(struct vrng_resolve *r)
{
	if (r->list)
		freeaddrinfo(r->list);
	if (r->fd >= 0)
		close(r->fd);
	pthread_mutex_destroy(&r->lock);
	free(r->host);
	free(r->port);
	free(r);
}

/* True for the first of the two callers. */
static bool let_go(struct vrng_resolve *r)
{
	bool is_first;

	pthread_mutex_lock(&r->lock);
	is_first = !r->is_alone;
	r->is_alone = true;
	pthread_mutex_unlock(&r->lock);
	return is_first;
}

static int look_up(const struct vrng_resolve *r, int flags,
		   struct addrinfo **list)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICSERV | flags,
		.ai_socktype = SOCK_STREAM,
	};

	return getaddrinfo(r->host, r->port, &hints, list);
}

static void answer(struct vrng_resolve *r, int error, struct addrinfo *list)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&r->lock);
	r->error = error;
	r->list = list;
	r->is_done = true;
	if (write(r->fd, &one, sizeof(one)) < 0) {
		/* Cannot fail: it is written to once. */
	}
	pthread_mutex_unlock(&r->lock);
}

static void *run(void *arg)
{
	struct vrng_resolve *r = arg;
	struct addrinfo *list = NULL;
	int error = look_up(r, 0, &list);

	answer(r, error, error ? NULL : list);
	if (!let_go(r))
		destroy(r);
	return NULL;
}

/* It blocks all signals: they are for the threads that handle them. */
static int start_thread(struct vrng_resolve *r)
{
	pthread_attr_t attr;
	sigset_t all, before;
	pthread_t thread;
	int err = pthread_attr_init(&attr);

	if (err)
		return -err;
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&attr, STACK_BYTES);
	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&thread, &attr, run, r);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return -err;
}

static struct vrng_resolve *make(const char *host, const char *port)
{
	struct vrng_resolve *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	pthread_mutex_init(&r->lock, NULL);
	r->host = strdup(host);
	r->port = strdup(port);
	r->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->host && r->port && r->fd >= 0)
		return r;
	destroy(r);
	return NULL;
}

/* A numeric address needs no thread: is_alone makes the caller free it. */
int vrng_resolve_begin(struct vrng_resolve **resolve, const char *host,
		       const char *port, struct vrng_error *error)
{
	struct vrng_resolve *r = make(host, port);
	struct addrinfo *list = NULL;
	int ret;

	*resolve = NULL;
	if (!r)
		return vrng_fail(error, ENOMEM, "%s: cannot look it up: %m",
				 host);
	if (!look_up(r, AI_NUMERICHOST, &list)) {
		r->is_alone = true;
		answer(r, 0, list);
		*resolve = r;
		return 0;
	}
	ret = start_thread(r);
	if (ret) {
		destroy(r);
		return vrng_fail(error, -ret,
				 "%s: cannot look it up: no thread: %m", host);
	}
	*resolve = r;
	return 0;
}

int vrng_resolve_fd(const struct vrng_resolve *resolve)
{
	return resolve->fd;
}

int vrng_resolve_answer(struct vrng_resolve *resolve, struct addrinfo **list,
			struct vrng_error *error)
{
	int ret = -EAGAIN;

	*list = NULL;
	pthread_mutex_lock(&resolve->lock);
	if (resolve->is_done && resolve->error) {
		ret = vrng_fail(error, EADDRNOTAVAIL, "cannot find %s: %s",
				resolve->host, gai_strerror(resolve->error));
	} else if (resolve->is_done) {
		*list = resolve->list;
		resolve->list = NULL;
		ret = 0;
	}
	pthread_mutex_unlock(&resolve->lock);
	return ret;
}

void vrng_resolve_end(struct vrng_resolve *resolve)
{
	if (resolve && !let_go(resolve))
		destroy(resolve);
}
