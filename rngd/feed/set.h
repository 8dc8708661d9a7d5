/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The set of sources: owns the sources, their feeders and claims, the counters of
 * sources that were removed, and knows how many sources have failed.
 *
 * The set is replaced as a whole. All of the new configuration is parsed, and its
 * memory and threads are made, before anything changes; after a failure the set is
 * as it was. Devices are opened by the feeders' threads, since an open may wait.
 *
 *	make -> check, may_feed -> start -> replace ... -> stop -> free
 *
 * All functions are for one thread: rngd's main loop. Feeders' threads take the
 * set's lock to tell that their source failed.
 */
#ifndef RNGD_FEED_SET_H
#define RNGD_FEED_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "rngd/base/log.h"
#include "rngd/feed/member.h"
#include "rngd/feed/outlet.h"
#include "rngd/feed/report.h"
#include "vrng/error.h"
#include "vrng/opener.h"

struct rngd_set;

/* Where rngd_set_make() looks for signs of an encrypted guest: "" but in tests. */
extern const char *rngd_set_root;

/*
 * A set of the @n SPECs, parsed; nothing is opened. @opener opens their files, those
 * of later configurations too, and must outlive the set. -EINVAL for a SPEC that
 * means nothing, -ERANGE for more than RNGD_SOURCES_MAX, -ENOMEM.
 */
int rngd_set_make(struct rngd_set **set, char *const *spec, size_t n,
		  const struct vrng_opener *opener, struct vrng_error *error);

/*
 * Does one source exist, at least, and may it be read? 0, or what
 * vrng_source_check() returned for the first one, with its error. Before start.
 */
int rngd_set_check(struct rngd_set *set, struct vrng_error *error);

/*
 * Does one source give bytes now, at least (vrng_source_probe())? 0, or what that
 * returned for the first one. Logs one line for each that does not. Before start, in
 * a process with one thread.
 */
int rngd_set_probe(struct rngd_set *set, struct vrng_log *log);

/*
 * Logs one line for each source that would get no credit from the kernel. What is not
 * there yet, and who connects to what, shows only after the start.
 */
void rngd_set_tell_refusals(const struct rngd_set *set, bool trust_host,
			    struct vrng_log *log);

/*
 * -EINVAL if a source is predictable and @sink is neither a regular file nor none.
 */
int rngd_set_may_feed(const struct rngd_set *set, const struct vrng_sink *sink,
		      struct vrng_error *error);

/*
 * Start a feeder for each source. @outlet and @log must outlive the set. After a
 * failure (-ENOMEM, -EAGAIN, -EINVAL) no feeder runs.
 */
int rngd_set_start(struct rngd_set *set, struct rngd_outlet *outlet,
		   struct vrng_log *log,
		   const struct rngd_set_defaults *defaults,
		   struct vrng_error *error);

/*
 * Replace the sources by the @n of @spec, and the defaults. A source whose SPEC
 * is in both keeps its feeder, its counters and its place in its stream; a changed
 * claim holds from the next block that is tested. The counters of a removed source
 * stay in the report's total.
 *
 * 0, or a negative errno with one line in @error, and nothing has changed: as for
 * rngd_set_make(), rngd_set_may_feed() and rngd_set_start(); -ENODATA if
 * @defaults require a source, and all that remain have failed.
 */
int rngd_set_replace(struct rngd_set *set, char *const *spec, size_t n,
		     const struct rngd_set_defaults *defaults,
		     struct vrng_error *error);

/* A feeding was requested, or a VM fork noticed. */
void rngd_set_wake(struct rngd_set *set);

/*
 * What encrypts this guest's memory against its host, such as "SEV-SNP", or NULL.
 * If something does, bytes that the host makes or sees get no credit, unless
 * --trust-host says so. As it was when the set was made.
 */
const char *rngd_set_encryption(const struct rngd_set *set);

void rngd_set_report(const struct rngd_set *set, struct rngd_report *report);

/*
 * Stop all feeders. False: one hangs in the kernel. The caller ends the process
 * then, and frees nothing that feeders use. Once; a report may follow.
 */
bool rngd_set_stop(struct rngd_set *set);

/*
 * After rngd_set_stop(), or without a start. Frees nothing while a feeder hangs.
 * NULL is allowed.
 */
void rngd_set_free(struct rngd_set *set);

#endif
