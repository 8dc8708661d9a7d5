// SPDX-License-Identifier: GPL-2.0-or-later
/* Prints statistics as lines or JSON: see report.h. */
#include <inttypes.h>

#include "rngd/tester/report.h"
#include "vrng/version.h"

FILE *rngtest_report_file(const struct rngtest_options *options)
{
	return options->pipe ? stderr : stdout;
}

uint64_t rngtest_report_blocks(const struct rngtest_report *report)
{
	return report->tally.good + report->tally.bad;
}

static uint64_t microseconds(const struct rngtest_report *report)
{
	return (vrng_now() - report->started) / 1000;
}

/* ------------------------------------------------------------------- lines */

static void print_speed(const struct vrng_speed *speed, const char *name)
{
	char line[160];

	vrng_speed_line(speed, name, line, sizeof(line));
	fprintf(stderr, RNGTEST_PREFIX "%s\n", line);
}

static void print_lines(const struct rngtest_report *report)
{
	bool pipe = report->options->pipe;
	char line[160];
	unsigned int i;

	fprintf(stderr,
		RNGTEST_PREFIX "bits received from input: %" PRIu64 "\n",
		report->received * 8);
	if (pipe)
		fprintf(stderr,
			RNGTEST_PREFIX "bits sent to output: %" PRIu64 "\n",
			report->sent * 8);
	for (i = 0; i < VRNG_TALLY_LINES; i++) {
		vrng_tally_line(&report->tally, i, line, sizeof(line));
		fprintf(stderr, RNGTEST_PREFIX "%s\n", line);
	}
	print_speed(&report->in, "input channel speed");
	print_speed(&report->test, "FIPS tests speed");
	if (pipe)
		print_speed(&report->out, "output channel speed");
	fprintf(stderr,
		RNGTEST_PREFIX "Program run time: %" PRIu64 " microseconds\n",
		microseconds(report));
}

/* -------------------------------------------------------------------- JSON */

/* All strings are constants of this program, so nothing needs escaping. */
static void json_speed(FILE *file, const char *name,
		       const struct vrng_speed *speed)
{
	fprintf(file, "\"%s\":{\"min\":%.0f,\"avg\":%.0f,\"max\":%.0f}", name,
		speed->least, vrng_speed_mean(speed), speed->most);
}

static void json_failed(FILE *file, const struct vrng_tally *tally)
{
	static const char *const keys[VRNG_FIPS_TESTS] = {
		[VRNG_FIPS_MONOBIT] = "monobit",
		[VRNG_FIPS_POKER] = "poker",
		[VRNG_FIPS_RUNS] = "runs",
		[VRNG_FIPS_LONG] = "long_run",
		[VRNG_FIPS_CONTINUOUS] = "continuous_run",
	};
	unsigned int i;

	for (i = 0; i < VRNG_FIPS_TESTS; i++)
		fprintf(file, "%s\"%s\":%" PRIu64, i ? "," : "", keys[i],
			tally->failed[i]);
}

static void json_numbers(FILE *file, const uint64_t *numbers, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		fprintf(file, "%s%" PRIu64, i ? "," : "[", numbers[i]);
	fputc(']', file);
}

static void json_sums(FILE *file, const struct rngtest_sums *sums)
{
	fputs(",\"nibbles\":", file);
	json_numbers(file, sums->nibbles, VRNG_FIPS_NIBBLES);
	fputs(",\"runs_of_zeros\":", file);
	json_numbers(file, sums->runs[0], VRNG_FIPS_RUN_LENGTHS);
	fputs(",\"runs_of_ones\":", file);
	json_numbers(file, sums->runs[1], VRNG_FIPS_RUN_LENGTHS);
}

static void print_json(const struct rngtest_report *report, bool last,
		       FILE *file)
{
	const struct rngtest_options *options = report->options;

	fprintf(file,
		"{\"rngtest\":\"" VRNG_VERSION "\",\"engine\":\"%s\","
		"\"threads\":%u,\"bits_received\":%" PRIu64,
		options->engine->name, options->threads, report->received * 8);
	if (options->pipe)
		fprintf(file, ",\"bits_sent\":%" PRIu64, report->sent * 8);
	fprintf(file,
		",\"successes\":%" PRIu64 ",\"failures\":%" PRIu64
		",\"failed\":{",
		report->tally.good, report->tally.bad);
	json_failed(file, &report->tally);
	fputs("},\"bits_per_second\":{", file);
	json_speed(file, "input", &report->in);
	fputc(',', file);
	json_speed(file, "test", &report->test);
	if (options->pipe) {
		fputc(',', file);
		json_speed(file, "output", &report->out);
	}
	fputc('}', file);
	if (options->hist && last)
		json_sums(file, &report->sums);
	fprintf(file, ",\"microseconds\":%" PRIu64 "}\n", microseconds(report));
	fflush(file);
}

void rngtest_report_print(const struct rngtest_report *report, bool last)
{
	if (report->options->json)
		print_json(report, last, rngtest_report_file(report->options));
	else
		print_lines(report);
}

/* ---------------------------------------------------------------- estimate */

static void json_estimates(const struct vrng_estimate *estimates, FILE *file)
{
	bool first = true;
	unsigned int i;

	for (i = 0; i < VRNG_ESTIMATORS; i++) {
		if (!estimates[i].done)
			continue;
		fprintf(file, "%s\"%s\":%.6f", first ? "" : ",",
			vrng_estimator_key(i), estimates[i].entropy);
		first = false;
	}
}

static void json_estimate(const struct vrng_assessment *a, FILE *file)
{
	fprintf(file,
		"{\"sp800_90b\":{\"samples\":%zu,\"sample_bits\":%u,"
		"\"min_entropy\":%.6f,\"h_original\":%.6f,"
		"\"h_bitstring\":%.6f,\"original\":{",
		a->samples, a->width, a->entropy, a->h_original,
		a->h_bitstring);
	json_estimates(a->original, file);
	fputs("},\"bitstring\":{", file);
	json_estimates(a->bits, file);
	fputs("}}}\n", file);
}

static void cell(FILE *file, const struct vrng_estimate *estimate)
{
	if (estimate->done)
		fprintf(file, " %10.6f", estimate->entropy);
	else
		fprintf(file, " %10s", "-");
}

static void estimate_lines(const struct vrng_assessment *a, FILE *file)
{
	unsigned int i;

	fprintf(file,
		"SP 800-90B, 6.3: min-entropy of %zu samples of %u bit%s, in "
		"bits each\n%-32s %10s %10s\n",
		a->samples, a->width, a->width == 1 ? "" : "s", "estimator",
		"samples", a->width == 1 ? "" : "bit string");
	for (i = 0; i < VRNG_ESTIMATORS; i++) {
		fprintf(file, "  %-7s%-23s", vrng_estimator_section(i),
			vrng_estimator_name(i));
		cell(file, &a->original[i]);
		if (a->width != 1)
			cell(file, &a->bits[i]);
		fputc('\n', file);
	}
	fprintf(file, "%-32s %10.6f", "lowest", a->h_original);
	if (a->width != 1)
		fprintf(file, " %10.6f", a->h_bitstring);
	fprintf(file, "\n%-32s %10.6f bits per sample\n",
		"assessed min-entropy", a->entropy);
	if (a->samples < VRNG_ASSESS_SAMPLES)
		fprintf(file,
			"The standard asks for %u samples; from fewer it comes "
			"out lower.\n",
			VRNG_ASSESS_SAMPLES);
}

void rngtest_report_estimate(const struct rngtest_options *options,
			     const struct vrng_assessment *assessment,
			     FILE *file)
{
	if (options->json)
		json_estimate(assessment, file);
	else
		estimate_lines(assessment, file);
	fflush(file);
}
