// SPDX-License-Identifier: GPL-2.0-or-later
/* The set of sources: see set.h. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/base/clock.h"
#include "rngd/base/encryption.h"
#include "rngd/checks/recent.h"
#include "rngd/feed/set.h"
#include "rngd/sources/probe.h"
#include "rngd/sources/spec.h"

/* The members of one configuration, in its order. */
struct list {
	struct rngd_member *at[RNGD_SOURCES_MAX];
	size_t n;
};

const char *rngd_set_root = "";

struct rngd_set {
	const struct vrng_opener *opener;
	const char *encryption; /* as rngd_set_encryption() */
	struct rngd_outlet *outlet; /* NULL before the start */
	struct vrng_recent *recent; /* likewise */
	struct vrng_log *log;
	struct rngd_stats past; /* of members that were freed */
	struct rngd_member *leaving; /* removed, their threads hang */
	bool hangs; /* rngd_set_stop() returned false */

	pthread_mutex_t lock; /* over what follows, and failed of each member */
	struct rngd_set_defaults defaults;
	struct list list;
	bool stands_in; /* the source that stands by is in use */
};

/* -------------------------------------------------------------------- lists */

static bool is_in(const struct list *list, const struct rngd_member *member)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->at[i] == member)
			return true;
	return false;
}

/* A member of @set with this SPEC, but for its claim, that is not in @taken, or NULL. */
static struct rngd_member *find(const struct rngd_set *set,
				const struct list *taken, const char *spec)
{
	size_t i;

	for (i = 0; i < set->list.n; i++)
		if (!strcmp(set->list.at[i]->spec, spec) &&
		    !is_in(taken, set->list.at[i]))
			return set->list.at[i];
	return NULL;
}

static bool all_failed(const struct list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (!list->at[i]->failed)
			return false;
	return list->n > 0;
}

/* *@member is one of @set where there is one, else a new one; NULL: there is none. */
static int find_or_parse(struct rngd_set *set, const struct list *taken,
			 const char *spec, struct rngd_member **member,
			 struct vrng_error *error)
{
	char *bare = strdup(spec);

	*member = NULL;
	if (!bare)
		return vrng_fail(error, ENOMEM, "source: %m");
	vrng_spec_leave_out_claim(bare);
	*member = find(set, taken, bare);
	explicit_bzero(bare, strlen(bare));
	free(bare);
	if (*member)
		return rngd_member_reclaim(*member, spec, set->opener, error);
	return rngd_member_parse(member, set, spec, set->opener, error);
}

/* Members of @set where there are some, new ones for the other SPECs. */
static int gather(struct rngd_set *set, struct list *list, char *const *spec,
		  size_t n, struct vrng_error *error)
{
	struct rngd_member *member;
	int ret = 0;
	size_t i;

	if (n > RNGD_SOURCES_MAX)
		return vrng_fail(error, ERANGE,
				 "--source: more than %d of them",
				 RNGD_SOURCES_MAX);
	for (i = 0; i < n && !ret; i++) {
		ret = find_or_parse(set, list, spec[i], &member, error);
		if (member)
			list->at[list->n++] = member;
	}
	return ret;
}

/* ------------------------------------------------------------- before a start */

int rngd_set_make(struct rngd_set **set, char *const *spec, size_t n,
		  const struct vrng_opener *opener, struct vrng_error *error)
{
	struct rngd_set *s = calloc(1, sizeof(*s));
	int ret;

	*set = NULL;
	if (!s)
		return vrng_fail(error, ENOMEM, "cannot start: %m");
	pthread_mutex_init(&s->lock, NULL);
	s->opener = opener;
	s->encryption = vrng_encryption(rngd_set_root);
	ret = gather(s, &s->list, spec, n, error);
	if (ret) {
		rngd_set_free(s);
		return ret;
	}
	*set = s;
	return 0;
}

int rngd_set_check(struct rngd_set *set, struct vrng_error *error)
{
	struct vrng_error other;
	int first = 0, ret;
	size_t i;

	for (i = 0; i < set->list.n; i++) {
		ret = vrng_source_check(set->list.at[i]->source,
					first ? &other : error);
		if (!ret)
			return 0;
		if (!first)
			first = ret;
	}
	return first;
}

static int may_feed(const struct list *list, const struct vrng_sink *sink,
		    struct vrng_error *error)
{
	enum vrng_sink_type type = vrng_sink_type(sink);
	size_t i;

	if (type == VRNG_SINK_FILE || type == VRNG_SINK_NONE)
		return 0;
	for (i = 0; i < list->n; i++)
		if (vrng_source_is_deterministic(list->at[i]->source))
			return vrng_fail(
				error, EINVAL,
				"%s: anybody can compute it, so it may only be "
				"written to a regular file; use "
				"--random-device=FILE",
				vrng_source_name(list->at[i]->source));
	return 0;
}

int rngd_set_probe(struct rngd_set *set, struct vrng_log *log)
{
	struct vrng_error error;
	int first = 0, ret;
	bool works = false;
	size_t i;

	for (i = 0; i < set->list.n; i++) {
		ret = vrng_source_probe(set->list.at[i]->source, VRNG_PROBE_MS,
					&error);
		if (ret)
			vrng_log(log, VRNG_LOG_ERROR, "%s", error.text);
		works |= !ret;
		if (!first)
			first = ret;
	}
	return works ? 0 : first;
}

void rngd_set_tell_refusals(const struct rngd_set *set, bool trust_host,
			    struct vrng_log *log)
{
	const char *refusal;
	size_t i;

	for (i = 0; i < set->list.n; i++) {
		refusal = rngd_member_refusal(set->list.at[i],
					      set->encryption && !trust_host);
		if (refusal)
			vrng_log(log, VRNG_LOG_INFO, "%s: %s: no credit for it",
				 vrng_source_name(set->list.at[i]->source),
				 refusal);
	}
}

int rngd_set_may_feed(const struct rngd_set *set, const struct vrng_sink *sink,
		      struct vrng_error *error)
{
	return may_feed(&set->list, sink, error);
}

/* ------------------------------------------------------------------- feeders */

/* From a feeder's thread. */
static void on_tell(void *opaque, bool failed, const char *text)
{
	struct rngd_member *member = opaque;
	struct rngd_set *set = member->set;
	struct vrng_error error;
	bool end;

	pthread_mutex_lock(&set->lock);
	member->failed = failed;
	end = failed && set->defaults.require_source && all_failed(&set->list);
	pthread_mutex_unlock(&set->lock);
	if (!end)
		return;
	vrng_fail(&error, ENODATA, "no source is left (--require-source): %s",
		  text);
	rngd_outlet_end(set->outlet, RNGD_SOURCES_FAILED, &error);
}

/* The source that stands by for the others, or NULL. Called with the lock. */
static struct rngd_member *standby_of(const struct rngd_set *set)
{
	return set->defaults.standby && set->list.n > 1 ?
		       set->list.at[set->list.n - 1] :
		       NULL;
}

/* Are all dry but @but? Called with the lock. */
static bool all_dry(const struct list *list, const struct rngd_member *but)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->at[i] != but && !list->at[i]->is_dry)
			return false;
	return true;
}

/* From a feeder's thread. */
static void on_dry(void *opaque, bool is_dry)
{
	struct rngd_member *member = opaque;
	struct rngd_set *set = member->set;
	const struct rngd_member *standby;
	bool changes;

	pthread_mutex_lock(&set->lock);
	member->is_dry = is_dry;
	standby = standby_of(set);
	changes = standby && all_dry(&set->list, standby) != set->stands_in;
	if (changes) {
		set->stands_in = !set->stands_in;
		rngd_feeder_stand_by(standby->feeder, !set->stands_in);
		vrng_log(set->log, VRNG_LOG_INFO, "%s: gives %s: %s stands %s",
			 vrng_source_name(member->source),
			 set->stands_in ? "nothing" : "blocks again",
			 vrng_source_name(standby->source),
			 set->stands_in ? "in for it" : "by");
	}
	pthread_mutex_unlock(&set->lock);
}

/* After the list or the defaults have changed, and before members are started. */
static void assign_roles(struct rngd_set *set)
{
	const struct rngd_member *standby;
	size_t i;

	pthread_mutex_lock(&set->lock);
	standby = standby_of(set);
	set->stands_in = standby && all_dry(&set->list, standby);
	for (i = 0; i < set->list.n; i++)
		rngd_feeder_stand_by(set->list.at[i]->feeder,
				     set->list.at[i] == standby &&
					     !set->stands_in);
	pthread_mutex_unlock(&set->lock);
}

static int prepare(struct rngd_set *set, struct list *list,
		   const struct rngd_set_defaults *defaults,
		   struct vrng_error *error)
{
	const bool host_sees = set->encryption && !defaults->trust_host;
	struct rngd_feeder_setup setup = {
		.outlet = set->outlet,
		.log = set->log,
		.recent = set->recent,
		.tell = on_tell,
		.dry = on_dry,
	};
	int ret = may_feed(list, rngd_outlet_sink(set->outlet), error);
	size_t i;

	for (i = 0; i < list->n && !ret; i++) {
		setup.opaque = list->at[i];
		ret = rngd_member_prepare(list->at[i], defaults, host_sees,
					  setup, error);
	}
	return ret;
}

static void commit(struct rngd_set *set, struct rngd_member *member)
{
	const char *name = vrng_source_name(member->source);
	const char *sink = vrng_sink_path(rngd_outlet_sink(set->outlet));

	if (!rngd_member_commit(member))
		return;
	if (member == standby_of(set))
		vrng_log(set->log, VRNG_LOG_INFO, "%s: stands by to feed %s",
			 name, sink);
	else
		vrng_log(set->log, VRNG_LOG_INFO, "%s: feeds %s", name, sink);
}

int rngd_set_start(struct rngd_set *set, struct rngd_outlet *outlet,
		   struct vrng_log *log,
		   const struct rngd_set_defaults *defaults,
		   struct vrng_error *error)
{
	size_t i;
	int ret;

	set->outlet = outlet;
	set->log = log;
	set->defaults = *defaults;
	ret = vrng_recent_make(&set->recent, NULL, log, error);
	if (!ret)
		ret = prepare(set, &set->list, defaults, error);
	if (ret) {
		(void)rngd_set_stop(set);
		return ret;
	}
	assign_roles(set);
	for (i = 0; i < set->list.n; i++)
		commit(set, set->list.at[i]);
	return 0;
}

void rngd_set_wake(struct rngd_set *set)
{
	size_t i;

	for (i = 0; i < set->list.n; i++)
		rngd_feeder_wake(set->list.at[i]->feeder);
}

/* ------------------------------------------------------------------ removing */

/* Its thread has ended, or was never made. */
static void finish(struct rngd_set *set, struct rngd_member *member)
{
	struct rngd_source_report report;

	rngd_member_report(member, &report);
	rngd_stats_add(&set->past, &report.stats);
	rngd_member_free(member);
}

/* Free those whose threads have come back from the kernel since. */
static void reap(struct rngd_set *set, uint64_t deadline)
{
	struct rngd_member **at = &set->leaving;
	struct rngd_member *member;

	while ((member = *at)) {
		if (!rngd_feeder_join(member->feeder, deadline)) {
			at = &member->next;
			continue;
		}
		*at = member->next;
		finish(set, member);
	}
}

/* Stop all at once, then wait for each. A member whose thread hangs is kept. */
static void retire(struct rngd_set *set, const struct list *gone)
{
	const uint64_t deadline = vrng_now_ms() + RNGD_STOP_TIMEOUT;
	struct rngd_member *member;
	size_t i;

	for (i = 0; i < gone->n; i++)
		if (gone->at[i]->feeder) {
			rngd_feeder_revoke(gone->at[i]->feeder);
			rngd_feeder_stop(gone->at[i]->feeder);
		}
	for (i = 0; i < gone->n; i++) {
		member = gone->at[i];
		if (member->feeds)
			vrng_log(set->log, VRNG_LOG_INFO,
				 "%s: is a source no more",
				 vrng_source_name(member->source));
		if (!member->feeder ||
		    rngd_feeder_join(member->feeder, deadline)) {
			finish(set, member);
			continue;
		}
		member->next = set->leaving;
		set->leaving = member;
	}
}

/* ----------------------------------------------------------------- replacing */

/* Put the members of @a that are not in @b into @to. */
static void difference(const struct list *a, const struct list *b,
		       struct list *to)
{
	size_t i;

	to->n = 0;
	for (i = 0; i < a->n; i++)
		if (!is_in(b, a->at[i]))
			to->at[to->n++] = a->at[i];
}

/* The last step that can fail, and the one from which the new list counts. */
static int swap(struct rngd_set *set, const struct list *list,
		const struct rngd_set_defaults *defaults,
		struct vrng_error *error)
{
	bool none_left;

	pthread_mutex_lock(&set->lock);
	none_left = defaults->require_source && all_failed(list);
	if (!none_left) {
		set->list = *list;
		set->defaults = *defaults;
	}
	pthread_mutex_unlock(&set->lock);
	if (!none_left)
		return 0;
	return vrng_fail(error, ENODATA,
			 "no source is left (--require-source): all that "
			 "remain have failed");
}

int rngd_set_replace(struct rngd_set *set, char *const *spec, size_t n,
		     const struct rngd_set_defaults *defaults,
		     struct vrng_error *error)
{
	const struct list old = set->list;
	struct list list = { .n = 0 }, fresh, gone;
	size_t i;
	int ret;

	reap(set, 0);
	ret = gather(set, &list, spec, n, error);
	difference(&list, &old, &fresh);
	difference(&old, &list, &gone);
	if (!ret)
		ret = prepare(set, &list, defaults, error);
	if (!ret)
		ret = swap(set, &list, defaults, error);
	if (ret) {
		for (i = 0; i < list.n; i++)
			rngd_member_abort(list.at[i]);
		retire(set, &fresh);
		return ret;
	}
	retire(set, &gone);
	assign_roles(set);
	for (i = 0; i < list.n; i++)
		commit(set, list.at[i]);
	rngd_set_wake(set);
	return 0;
}

/* ------------------------------------------------------------------- reports */

const char *rngd_set_encryption(const struct rngd_set *set)
{
	return set->encryption;
}

void rngd_set_report(const struct rngd_set *set, struct rngd_report *report)
{
	const struct rngd_member *member;
	struct rngd_source_report left;
	size_t i;

	report->total = set->past;
	for (member = set->leaving; member; member = member->next) {
		rngd_member_report(member, &left);
		rngd_stats_add(&report->total, &left.stats);
	}
	report->sources = set->list.n;
	for (i = 0; i < set->list.n; i++) {
		rngd_member_report(set->list.at[i], &report->source[i]);
		rngd_stats_add(&report->total, &report->source[i].stats);
	}
}

/* -------------------------------------------------------------------- ending */

bool rngd_set_stop(struct rngd_set *set)
{
	const uint64_t deadline = vrng_now_ms() + RNGD_STOP_TIMEOUT;
	const struct list *list = &set->list;
	bool all = true;
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->at[i]->feeder)
			rngd_feeder_stop(list->at[i]->feeder);
	for (i = 0; i < list->n; i++)
		if (list->at[i]->feeder)
			all = rngd_feeder_join(list->at[i]->feeder, deadline) &&
			      all;
	reap(set, 0);
	set->hangs = !all || set->leaving;
	return !set->hangs;
}

void rngd_set_free(struct rngd_set *set)
{
	size_t i;

	if (!set || set->hangs)
		return;
	for (i = 0; i < set->list.n; i++)
		rngd_member_free(set->list.at[i]);
	vrng_recent_free(set->recent);
	pthread_mutex_destroy(&set->lock);
	free(set);
}
