// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "rngd/base/clock.h"
#include "rngd/base/array.h"
#include "rngd/base/log.h"
#include "rngd/signs/vmfork.h"
#include "tests/device/entropy/shared_source.h"

/* Bytes that a FIFO holds. */
#define FIFO_SIZE 65536

/* Sources that compute. All others need a process of their own. */
static const struct {
	const char *name;
	enum shared_source_kind kind;
} computing[] = {
	{ "getrandom", SHARED_SOURCE_EACH }, { "rdrand", SHARED_SOURCE_EACH },
	{ "rdseed", SHARED_SOURCE_EACH },    { "rndr", SHARED_SOURCE_EACH },
	{ "darn", SHARED_SOURCE_EACH },	     { "drbg", SHARED_SOURCE_ONE },
};

static void tell(void *opaque, enum vrng_keeper_state state, const char *text)
{
	const struct shared_source *shared = opaque;

	(void)state;
	if (text)
		vrng_log_line(shared->log, "source %s", text);
}

/* ---- counts ---- */

/* Before the fork of a source process, so that both have it. */
static int counts_make(struct shared_source *shared, struct vrng_error *error)
{
	void *counts =
		mmap(NULL, sizeof(*shared->counts), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (counts == MAP_FAILED)
		return vrng_fail(error, errno, "source: %m");
	shared->counts = counts;
	return 0;
}

static void put(uint64_t *count, uint64_t value)
{
	__atomic_store_n(count, value, __ATOMIC_RELAXED);
}

static uint64_t look(const uint64_t *count)
{
	return __atomic_load_n(count, __ATOMIC_RELAXED);
}

/* Count what is new of @total; a process before this one may have counted, too. */
static void add(uint64_t *count, uint64_t *counted, uint64_t total)
{
	put(count, look(count) + total - *counted);
	*counted = total;
}

/* Under the lock, after each use of the keeper that may change them. */
static void update_counts(struct shared_source *shared)
{
	const struct vrng_keeper *keeper = &shared->keeper;
	struct shared_source_counts *counts = shared->counts;

	add(&counts->failures, &shared->counted.failures,
	    vrng_keeper_failures(keeper));
	add(&counts->reopens, &shared->counted.reopens,
	    vrng_keeper_reopens(keeper));
	put(&counts->is_down, vrng_keeper_state(keeper) > VRNG_KEEPER_FLOWS);
}

void shared_source_restarts(struct shared_source *shared)
{
	put(&shared->counts->restarts, look(&shared->counts->restarts) + 1);
	put(&shared->counts->is_down, 1);
}

struct shared_source_counts
shared_source_look(const struct shared_source *shared)
{
	const struct shared_source_counts *counts = shared->counts;

	return (struct shared_source_counts){
		.failures = look(&counts->failures),
		.reopens = look(&counts->reopens),
		.restarts = look(&counts->restarts),
		.is_down = look(&counts->is_down),
	};
}

/* ---- the source ---- */

int shared_source_init(struct shared_source *shared, const char *spec,
		       const char *consequence, struct vrng_log *log,
		       struct vrng_error *error)
{
	struct vrng_keeper_setup setup = {
		.consequence = consequence,
		.tell = tell,
		.opaque = shared,
	};
	int err;

	*shared = (struct shared_source){ .lock = PTHREAD_MUTEX_INITIALIZER,
					  .log = log,
					  .opener = vrng_opener_plain };
	err = counts_make(shared, error);
	if (err)
		return err;
	err = vrng_source_parse(&shared->source, spec, &shared->opener, error);
	if (err)
		return err;
	setup.source = shared->source;
	vrng_keeper_init(&shared->keeper, &setup);
	return 0;
}

void shared_source_done(struct shared_source *shared)
{
	vrng_source_free(shared->source);
	shared->source = NULL;
	if (shared->counts)
		munmap(shared->counts, sizeof(*shared->counts));
	shared->counts = NULL;
}

const char *shared_source_name(const struct shared_source *shared)
{
	return vrng_source_name(shared->source);
}

enum shared_source_kind shared_source_kind(const struct shared_source *shared)
{
	const char *name = shared_source_name(shared);
	size_t len = strcspn(name, ":,");

	for (size_t i = 0; i < VRNG_LENGTH(computing); i++)
		if (strlen(computing[i].name) == len &&
		    !strncmp(computing[i].name, name, len))
			return computing[i].kind;
	return SHARED_SOURCE_FETCHED;
}

void shared_source_use(struct shared_source *shared)
{
	pthread_mutex_lock(&shared->lock);
	shared->users++;
	pthread_mutex_unlock(&shared->lock);
}

void shared_source_leave(struct shared_source *shared)
{
	pthread_mutex_lock(&shared->lock);
	if (!--shared->users)
		vrng_keeper_close(&shared->keeper);
	update_counts(shared);
	pthread_mutex_unlock(&shared->lock);
}

static void wait_for(const struct shared_source *shared,
		     struct shared_source_wait *wait)
{
	uint64_t due = vrng_keeper_due(&shared->keeper);

	wait->fd = vrng_keeper_fd(&shared->keeper);
	wait->when = due == VRNG_KEEPER_NEVER ? 0 : due * VRNG_NS_PER_MS;
}

/* Read and drop what the source has at hand, as far as that is due. */
static ssize_t read_fresh(struct shared_source *shared, void *buf, size_t len,
			  uint64_t now_ms)
{
	ssize_t n = vrng_keeper_read(&shared->keeper, buf, len, now_ms);

	if (n > 0 && shared->is_stale) {
		shared->drain = vrng_source_stays(shared->source) ?
					FIFO_SIZE :
					RNGD_VMFORK_CORE;
		shared->is_stale = false;
	}
	while (n > 0 && shared->drain) {
		explicit_bzero(buf, (size_t)n);
		shared->drain -=
			(size_t)n < shared->drain ? (size_t)n : shared->drain;
		n = vrng_keeper_read(&shared->keeper, buf, len, now_ms);
	}
	if (n < 0 && vrng_keeper_is_open(&shared->keeper)) {
		shared->drain = 0;
		shared->is_stale = false;
	}
	return n;
}

void shared_source_forget(struct shared_source *shared)
{
	pthread_mutex_lock(&shared->lock);
	vrng_keeper_close(&shared->keeper);
	shared->is_stale = true;
	update_counts(shared);
	pthread_mutex_unlock(&shared->lock);
}

ssize_t shared_source_read(struct shared_source *shared, void *buf, size_t len,
			   uint64_t now, struct shared_source_wait *wait)
{
	ssize_t n;

	pthread_mutex_lock(&shared->lock);
	n = read_fresh(shared, buf, len, now / VRNG_NS_PER_MS);
	if (n < 0)
		wait_for(shared, wait);
	update_counts(shared);
	pthread_mutex_unlock(&shared->lock);
	return n;
}

void shared_source_rest(struct shared_source *shared)
{
	pthread_mutex_lock(&shared->lock);
	vrng_keeper_rest(&shared->keeper);
	pthread_mutex_unlock(&shared->lock);
}
