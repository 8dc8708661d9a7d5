// SPDX-License-Identifier: GPL-2.0-or-later
/* A snapshot as metrics: see metrics.h. */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "rngd/base/array.h"
#include "rngd/base/metrics_text.h"
#include "rngd/base/utf8.h"
#include "rngd/control/metrics.h"

/* A label besides the source; its name is NULL if there is none. */
struct label {
	const char *name, *value;
};

struct sample {
	size_t family; /* index in the table of families */
	struct label label;
	size_t offset; /* of an uint64_t in the struct it is about */
	unsigned int parts; /* of the metric's unit; 0: it is the unit */
};

#define OWN(member)   offsetof(struct rngd_snapshot, member)
#define STATS(member) offsetof(struct rngd_stats, member)
#define NONE               \
	{                  \
		NULL, NULL \
	}
#define BITS 8 /* of a byte: bytes are the base unit */
#define MS   1000 /* of a second */

#define COUNTER VRNG_METRICS_COUNTER
#define GAUGE	VRNG_METRICS_GAUGE

static const struct vrng_metrics_family source_families[] = {
	{ "rngd_source_received_bytes", COUNTER, "bytes",
	  "Bytes received from a source." },
	{ "rngd_source_delivered_bytes", COUNTER, "bytes",
	  "Bytes handed to the output." },
	{ "rngd_source_entropy_credited_bytes", COUNTER, "bytes",
	  "Entropy credited to the kernel; a byte is 8 bits of entropy." },
	{ "rngd_source_blocks", COUNTER, NULL,
	  "Blocks of 20,000 bits, by verdict." },
	{ "rngd_source_fips_failures", COUNTER, NULL,
	  "Blocks that failed a test of FIPS 140-2." },
	{ "rngd_source_health_failures", COUNTER, NULL,
	  "Episodes in which the tests of SP 800-90B failed." },
	{ "rngd_source_suspensions", COUNTER, NULL,
	  "How often a source was suspended for failing too often." },
	{ "rngd_source_dropped_bytes", COUNTER, "bytes",
	  "Bytes dropped because the virtual machine was forked." },
	{ "rngd_source_tested_bytes", COUNTER, "bytes",
	  "Bytes of blocks that were tested." },
	{ "rngd_source_failed_bytes", COUNTER, "bytes",
	  "Bytes of blocks that failed a test or had come before." },
	{ "rngd_source_repeated_bytes", COUNTER, "bytes",
	  "Bytes of blocks that had come before." },
	{ "rngd_source_conditioned_bytes", COUNTER, "bytes",
	  "Bytes that went into the conditioner." },
	{ "rngd_source_credited_bytes", COUNTER, "bytes",
	  "Bytes handed to the kernel with credit." },
	{ "rngd_source_entropy_claimed_bytes", COUNTER, "bytes",
	  "Entropy claimed for blocks that passed; a byte is 8 bits of "
	  "entropy." },
	{ "rngd_source_failures", COUNTER, NULL,
	  "How often a source ended, failed, stalled or was unplugged." },
	{ "rngd_source_reopens", COUNTER, NULL,
	  "How often a source was opened again after that, in vain or not." },
};

static const struct sample source_samples[] = {
	{ 0, NONE, STATS(bytes_in), 0 },
	{ 1, NONE, STATS(bytes_out), 0 },
	{ 2, NONE, STATS(bits), BITS },
	{ 3, { "verdict", "good" }, STATS(good), 0 },
	{ 3, { "verdict", "bad" }, STATS(bad), 0 },
	{ 4, { "test", "monobit" }, STATS(tally.failed[VRNG_FIPS_MONOBIT]), 0 },
	{ 4, { "test", "poker" }, STATS(tally.failed[VRNG_FIPS_POKER]), 0 },
	{ 4, { "test", "runs" }, STATS(tally.failed[VRNG_FIPS_RUNS]), 0 },
	{ 4, { "test", "long_run" }, STATS(tally.failed[VRNG_FIPS_LONG]), 0 },
	{ 4,
	  { "test", "continuous" },
	  STATS(tally.failed[VRNG_FIPS_CONTINUOUS]),
	  0 },
	{ 5, NONE, STATS(health), 0 },
	{ 6, NONE, STATS(suspended), 0 },
	{ 7, NONE, STATS(dropped), 0 },
	{ 8, NONE, STATS(tested), 0 },
	{ 9, NONE, STATS(failed), 0 },
	{ 10, NONE, STATS(repeated), 0 },
	{ 11, NONE, STATS(conditioned), 0 },
	{ 12, NONE, STATS(credited), 0 },
	{ 13, NONE, STATS(claimed), BITS },
	{ 14, NONE, STATS(failures), 0 },
	{ 15, NONE, STATS(reopens), 0 },
};

static const struct vrng_metrics_family own_families[] = {
	{ "rngd_uptime_seconds", GAUGE, "seconds",
	  "Time since the daemon was started." },
	{ "rngd_kernel_entropy_bytes", GAUGE, "bytes",
	  "The kernel's entropy_avail; a byte is 8 bits of entropy." },
	{ "rngd_fed", GAUGE, NULL,
	  "1 if a block has been handed over since the start, else 0." },
	{ "rngd_vm_forks", COUNTER, NULL, "VM forks noticed or reported." },
	{ "rngd_reseed_requests", COUNTER, NULL,
	  "Reseeds asked for by rngctl." },
	{ "rngd_reseeds_failed", COUNTER, NULL,
	  "VM forks and requests for which no fresh entropy came in time." },
	{ "rngd_reseed_seconds", GAUGE, "seconds",
	  "From the last fork or request to fresh entropy in the kernel." },
	{ "rngd_hooks", COUNTER, NULL, "Fork hooks run." },
	{ "rngd_hooks_failed", COUNTER, NULL,
	  "Fork hooks that failed, were refused or could not be run." },
	{ "rngd_hwrng_quality", GAUGE, NULL,
	  "What the kernel takes the generator behind /dev/hwrng for: bits of "
	  "entropy in 1024 bits." },
};

static const struct sample own_samples[] = {
	{ 0, NONE, OWN(uptime), 0 },
	{ 1, NONE, OWN(level), BITS },
	{ 2, NONE, OWN(fed), 0 },
	{ 3, NONE, OWN(renewal.forks), 0 },
	{ 4, NONE, OWN(renewal.requests), 0 },
	{ 5, NONE, OWN(renewal.failed), 0 },
	{ 6, NONE, OWN(renewal.last_fed_ms), MS },
	{ 7, NONE, OWN(renewal.hooks_run), 0 },
	{ 8, NONE, OWN(renewal.hooks_failed), 0 },
	{ 9, NONE, OWN(hwrng_quality), 0 },
};

static const struct vrng_metrics_family build = {
	"rngd_build", VRNG_METRICS_INFO, NULL, "The version of the daemon."
};

static const struct vrng_metrics_family hwrng = {
	"rngd_hwrng", VRNG_METRICS_INFO, NULL,
	"The generator behind /dev/hwrng."
};

static const struct vrng_metrics_family idle = {
	"rngd_hwrng_virtio_idle", GAUGE, NULL,
	"1 if there is a virtio device, but another generator is behind "
	"/dev/hwrng, else 0."
};

static const struct vrng_metrics_family sign = {
	"rngd_fork_sign", GAUGE, NULL,
	"1 if this sign of VM forks is in use, else 0."
};

static const char *const sign_names[] = { "clone_generation", "vmclock",
					  "kernel-log" };

static const struct vrng_metrics_family state = {
	"rngd_source_state", GAUGE, NULL, "1 for the state that a source is in."
};

/* ---------------------------------------------------------------- samples */

static void write_label(const struct vrng_metrics *m, unsigned int *labels,
			const struct label *label)
{
	if (label->name && label->value)
		vrng_metrics_label(m, (*labels)++, label->name, label->value);
}

/* How many of the sources before source @n print the same name as it. */
static unsigned int namesakes(const struct rngd_report *feed, size_t n)
{
	unsigned int same = 0;
	size_t i;

	for (i = 0; i < n; i++)
		if (feed->source[i].name &&
		    vrng_utf8_is_same(feed->source[i].name,
				      feed->source[n].name))
			same++;
	return same;
}

/* The labels that tell source @n, which has a name, from all others. */
static void write_source_labels(const struct vrng_metrics *m,
				unsigned int *labels,
				const struct rngd_report *feed, size_t n)
{
	const unsigned int same = namesakes(feed, n);
	char nth[16];

	vrng_metrics_label(m, (*labels)++, "source", feed->source[n].name);
	if (!same)
		return;
	(void)snprintf(nth, sizeof(nth), "%u", same + 1);
	vrng_metrics_label(m, (*labels)++, "nth", nth);
}

/* Of @object, the struct that the sample is about. */
static uint64_t value_of(const struct sample *sample, const void *object)
{
	return *(const uint64_t *)(const void *)((const char *)object +
						 sample->offset);
}

static void write_value(const struct vrng_metrics *m, unsigned int labels,
			const struct sample *sample, uint64_t value)
{
	if (sample->parts)
		vrng_metrics_fraction(m, labels, value, sample->parts);
	else
		vrng_metrics_value(m, labels, value);
}

/* ------------------------------------------------------------ rngd's own */

static void write_own(const struct vrng_metrics *m, const struct sample *sample,
		      const struct rngd_snapshot *snapshot)
{
	const struct vrng_metrics_family *family =
		&own_families[sample->family];
	uint64_t value = value_of(sample, snapshot);

	if (value == RNGD_SNAPSHOT_NONE)
		return;
	vrng_metrics_begin(m, family);
	vrng_metrics_name(m, family);
	write_value(m, 0, sample, value);
}

static void write_info(const struct vrng_metrics *m,
		       const struct vrng_metrics_family *family,
		       const char *name, const char *value)
{
	if (!value)
		return;
	vrng_metrics_begin(m, family);
	vrng_metrics_name(m, family);
	vrng_metrics_label(m, 0, name, value);
	vrng_metrics_value(m, 1, 1);
}

static void write_hwrng(const struct vrng_metrics *m,
			const struct rngd_snapshot *snapshot)
{
	if (!snapshot->hwrng)
		return;
	write_info(m, &hwrng, "current", snapshot->hwrng);
	vrng_metrics_begin(m, &idle);
	vrng_metrics_name(m, &idle);
	vrng_metrics_value(m, 0, snapshot->hwrng_idle ? 1 : 0);
}

static void write_signs(const struct vrng_metrics *m, const char *names)
{
	size_t i;

	if (!names)
		return;
	vrng_metrics_begin(m, &sign);
	for (i = 0; i < VRNG_LENGTH(sign_names); i++) {
		vrng_metrics_name(m, &sign);
		vrng_metrics_label(m, 0, "sign", sign_names[i]);
		vrng_metrics_value(m, 1, strstr(names, sign_names[i]) ? 1 : 0);
	}
}

/* ------------------------------------------------------------- by source */

static void write_source(const struct vrng_metrics *m,
			 const struct sample *sample,
			 const struct rngd_report *feed, size_t n)
{
	unsigned int labels = 0;

	if (!feed->source[n].name)
		return;
	vrng_metrics_name(m, &source_families[sample->family]);
	write_source_labels(m, &labels, feed, n);
	write_label(m, &labels, &sample->label);
	write_value(m, labels, sample,
		    value_of(sample, &feed->source[n].stats));
}

static void write_sources(const struct vrng_metrics *m,
			  const struct rngd_report *feed, size_t family)
{
	size_t n, i;

	vrng_metrics_begin(m, &source_families[family]);
	for (n = 0; n < feed->sources; n++)
		for (i = 0; i < VRNG_LENGTH(source_samples); i++)
			if (source_samples[i].family == family)
				write_source(m, &source_samples[i], feed, n);
}

static void write_states(const struct vrng_metrics *m,
			 const struct rngd_report *feed)
{
	unsigned int labels;
	size_t n;

	vrng_metrics_begin(m, &state);
	for (n = 0; n < feed->sources; n++) {
		if (!feed->source[n].name || !feed->source[n].state)
			continue;
		labels = 0;
		vrng_metrics_name(m, &state);
		write_source_labels(m, &labels, feed, n);
		vrng_metrics_label(m, labels++, "state", feed->source[n].state);
		vrng_metrics_value(m, labels, 1);
	}
}

void rngd_metrics_write(const struct rngd_snapshot *snapshot, bool openmetrics,
			FILE *out)
{
	const struct vrng_metrics m = { .out = out,
					.openmetrics = openmetrics };
	size_t i;

	write_info(&m, &build, "version", snapshot->version);
	for (i = 0; i < VRNG_LENGTH(own_samples); i++)
		write_own(&m, &own_samples[i], snapshot);
	write_hwrng(&m, snapshot);
	write_signs(&m, snapshot->signs);
	for (i = 0; i < VRNG_LENGTH(source_families); i++)
		write_sources(&m, &snapshot->feed, i);
	write_states(&m, &snapshot->feed);
	vrng_metrics_end(&m);
}
