// SPDX-License-Identifier: GPL-2.0-or-later
/* What rngd reports as OpenMetrics text: see metrics.h. */
#include <inttypes.h>

#include "rngd/control/metrics.h"

/* Families in order; samples of one stand together. */
struct family {
	const char *name;
	const char *type;
	const char *unit; /* the suffix of the name, or NULL */
	const char *help;
};

struct sample {
	size_t family; /* index in the table beside */
	const char *label; /* further labels: name="value", or NULL */
	const char *value; /* the report's name for it */
	double scale;
};

static const struct family source_families[] = {
	{ "rngd_source_received_bytes", "counter", "bytes",
	  "Bytes received from a source." },
	{ "rngd_source_delivered_bytes", "counter", "bytes",
	  "Bytes handed to the output." },
	{ "rngd_source_credited_bits", "counter", "bits",
	  "Bits of entropy credited to the kernel." },
	{ "rngd_source_blocks", "counter", NULL,
	  "Blocks of 20,000 bits, by verdict." },
	{ "rngd_source_fips_failures", "counter", NULL,
	  "Blocks that failed a test of FIPS 140-2." },
	{ "rngd_source_health_failures", "counter", NULL,
	  "Episodes in which the tests of SP 800-90B failed." },
	{ "rngd_source_suspensions", "counter", NULL,
	  "How often a source was suspended for failing too often." },
	{ "rngd_source_dropped_bytes", "counter", "bytes",
	  "Bytes dropped because the virtual machine was forked." },
};

static const struct sample source_samples[] = {
	{ 0, NULL, "bytes_received", 1 },
	{ 1, NULL, "bytes_delivered", 1 },
	{ 2, NULL, "bits_credited", 1 },
	{ 3, "verdict=\"good\"", "blocks_good", 1 },
	{ 3, "verdict=\"bad\"", "blocks_bad", 1 },
	{ 4, "test=\"monobit\"", "fips_monobit", 1 },
	{ 4, "test=\"poker\"", "fips_poker", 1 },
	{ 4, "test=\"runs\"", "fips_runs", 1 },
	{ 4, "test=\"long_run\"", "fips_long_run", 1 },
	{ 4, "test=\"continuous\"", "fips_continuous", 1 },
	{ 5, NULL, "health_failures", 1 },
	{ 6, NULL, "suspensions", 1 },
	{ 7, NULL, "bytes_dropped", 1 },
};

static const struct family own_families[] = {
	{ "rngd_uptime_seconds", "gauge", "seconds",
	  "Time since the daemon was started." },
	{ "rngd_kernel_entropy_bits", "gauge", "bits",
	  "The kernel's entropy_avail." },
	{ "rngd_fed", "gauge", NULL,
	  "Whether a block has been handed over since the start." },
	{ "rngd_vm_forks", "counter", NULL, "VM forks noticed or reported." },
	{ "rngd_reseed_requests", "counter", NULL,
	  "Reseeds asked for by rngctl." },
	{ "rngd_reseed_seconds", "gauge", "seconds",
	  "From the last fork or request to fresh entropy in the kernel." },
	{ "rngd_hooks", "counter", NULL, "Fork hooks run, by outcome." },
};

static const struct sample own_samples[] = {
	{ 0, NULL, "uptime_seconds", 1 },
	{ 1, NULL, "entropy_avail", 1 },
	{ 2, NULL, "fed", 1 },
	{ 3, NULL, "vm_forks", 1 },
	{ 4, NULL, "reseed_requests", 1 },
	{ 5, NULL, "reseed_milliseconds", 1e-3 },
	{ 6, "outcome=\"run\"", "hooks_run", 1 },
	{ 6, "outcome=\"failed\"", "hooks_failed", 1 },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void write_family(const struct family *family, FILE *out)
{
	fprintf(out, "# TYPE %s %s\n", family->name, family->type);
	if (family->unit)
		fprintf(out, "# UNIT %s %s\n", family->name, family->unit);
	fprintf(out, "# HELP %s %s\n", family->name, family->help);
}

static void write_quoted(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void write_value(const struct family *family,
			const struct sample *sample, const char *source,
			uint64_t value, FILE *out)
{
	fprintf(out, "%s%s", family->name,
		family->type[0] == 'c' ? "_total" : "");
	if (source || sample->label)
		fputc('{', out);
	if (source) {
		fputs("source=\"", out);
		write_quoted(source, out);
		fprintf(out, "\"%s", sample->label ? "," : "");
	}
	if (sample->label)
		fputs(sample->label, out);
	if (source || sample->label)
		fputc('}', out);
	if (sample->scale < 1)
		fprintf(out, " %.3f\n", (double)value * sample->scale);
	else
		fprintf(out, " %" PRIu64 "\n", value);
}

static void write_of_sources(const struct rngd_answer *answer, size_t family,
			     FILE *out)
{
	const size_t sources = (size_t)rngd_client_number(answer, "sources");
	size_t n, i;

	write_family(&source_families[family], out);
	for (n = 0; n < sources; n++) {
		const char *name = rngd_client_source(answer, n, "name");

		for (i = 0; i < COUNT(source_samples) && name; i++)
			if (source_samples[i].family == family)
				write_value(&source_families[family],
					    &source_samples[i], name,
					    rngd_client_source_number(
						    answer, n,
						    source_samples[i].value),
					    out);
	}
}

static void write_state(const struct rngd_answer *answer, FILE *out)
{
	const size_t sources = (size_t)rngd_client_number(answer, "sources");
	const char *name, *state;
	size_t n;

	fputs("# TYPE rngd_source_state info\n"
	      "# HELP rngd_source_state What a source does now.\n",
	      out);
	for (n = 0; n < sources; n++) {
		name = rngd_client_source(answer, n, "name");
		state = rngd_client_source(answer, n, "state");
		if (!name || !state)
			continue;
		fputs("rngd_source_state_info{source=\"", out);
		write_quoted(name, out);
		fprintf(out, "\",state=\"%s\"} 1\n", state);
	}
}

void rngd_metrics_write(const struct rngd_answer *answer, FILE *out)
{
	size_t f, i;

	for (f = 0; f < COUNT(own_families); f++) {
		write_family(&own_families[f], out);
		for (i = 0; i < COUNT(own_samples); i++)
			if (own_samples[i].family == f &&
			    rngd_client_value(answer, own_samples[i].value))
				write_value(
					&own_families[f], &own_samples[i], NULL,
					rngd_client_number(
						answer, own_samples[i].value),
					out);
	}
	for (f = 0; f < COUNT(source_families); f++)
		write_of_sources(answer, f, out);
	write_state(answer, out);
	fputs("# EOF\n", out);
}
