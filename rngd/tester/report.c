// SPDX-License-Identifier: GPL-2.0-or-later
/* Prints statistics as lines or JSON: see report.h. */
#include <inttypes.h>

#include <unistd.h>

#include "rngd/tester/page.h"
#include "rngd/tester/plausible.h"
#include "rngd/tester/report.h"
#include "vrng/version.h"

int rngtest_report_fd(const struct rngtest_options *options)
{
	return options->pipe ? STDERR_FILENO : STDOUT_FILENO;
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

static void print_speed(FILE *file, const struct vrng_speed *speed,
			const char *name)
{
	char line[160];

	vrng_speed_line(speed, name, line, sizeof(line));
	fprintf(file, RNGTEST_PREFIX "%s\n", line);
}

static void print_plausible(FILE *file, const struct rngtest_report *report)
{
	struct rngtest_plausible plausible;
	char line[256];

	if (!rngtest_report_blocks(report))
		return;
	rngtest_plausible_judge(&plausible, rngtest_report_blocks(report),
				report->tally.bad);
	rngtest_plausible_line(&plausible, line, sizeof(line));
	fprintf(file, RNGTEST_PREFIX "%s\n", line);
}

static void print_lines(const struct rngtest_report *report, bool last,
			FILE *file)
{
	bool pipe = report->options->pipe;
	char line[160];
	unsigned int i;

	fprintf(file, RNGTEST_PREFIX "bits received from input: %" PRIu64 "\n",
		report->received * 8);
	if (pipe)
		fprintf(file,
			RNGTEST_PREFIX "bits sent to output: %" PRIu64 "\n",
			report->sent * 8);
	for (i = 0; i < VRNG_TALLY_LINES; i++) {
		vrng_tally_line(&report->tally, i, line, sizeof(line));
		fprintf(file, RNGTEST_PREFIX "%s\n", line);
	}
	print_speed(file, &report->in, "input channel speed");
	print_speed(file, &report->test, "FIPS tests speed");
	if (pipe)
		print_speed(file, &report->out, "output channel speed");
	fprintf(file,
		RNGTEST_PREFIX "Program run time: %" PRIu64 " microseconds\n",
		microseconds(report));
	if (last)
		print_plausible(file, report);
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

static void json_plausible(FILE *file, const struct rngtest_report *report)
{
	struct rngtest_plausible plausible;

	if (!rngtest_report_blocks(report))
		return;
	rngtest_plausible_judge(&plausible, rngtest_report_blocks(report),
				report->tally.bad);
	fprintf(file,
		",\"plausibility\":{\"verdict\":\"%s\",\"expected\":%.6g,"
		"\"probability\":%.6g}",
		rngtest_plausible_word(&plausible), plausible.expected,
		plausible.probability);
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
	fputc('}', file);
	json_plausible(file, report);
	fputs(",\"bits_per_second\":{", file);
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
}

int rngtest_report_write(const struct rngtest_report *report, bool last)
{
	const struct rngtest_options *options = report->options;
	struct rngtest_page page;
	int ret = rngtest_page_begin(&page);

	if (ret)
		return ret;
	if (options->json)
		print_json(report, last, page.file);
	else
		print_lines(report, last, page.file);
	return rngtest_page_end(&page, options->json ?
					       rngtest_report_fd(options) :
					       STDERR_FILENO);
}

/* ---------------------------------------------------------------- estimate */

/* The estimators that had too few samples are named after the estimates. */
static void json_too_few(const struct vrng_estimate *estimates, FILE *file)
{
	bool first = true;
	unsigned int i;

	for (i = 0; i < VRNG_ESTIMATORS; i++) {
		if (!estimates[i].too_few)
			continue;
		fprintf(file, "%s\"%s\"", first ? "" : ",",
			vrng_estimator_key(i));
		first = false;
	}
}

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
	fputs("},\"original_too_few\":[", file);
	json_too_few(a->original, file);
	fputs("],\"bitstring_too_few\":[", file);
	json_too_few(a->bits, file);
	fputs("]}}\n", file);
}

static void cell(FILE *file, const struct vrng_estimate *estimate)
{
	if (estimate->done)
		fprintf(file, " %10.6f", estimate->entropy);
	else
		fprintf(file, " %10s", estimate->too_few ? "too few" : "-");
}

static unsigned int count_too_few(const struct vrng_assessment *a)
{
	unsigned int i, n = 0;

	for (i = 0; i < VRNG_ESTIMATORS; i++)
		n += a->original[i].too_few + a->bits[i].too_few;
	return n;
}

static void estimate_lines(const struct vrng_assessment *a, FILE *file)
{
	unsigned int i;

	fprintf(file,
		"SP 800-90B, 6.3: min-entropy of %zu samples of %u bit%s, in "
		"bits each\n%-32s %10s %10s\n",
		a->samples, a->width, a->width == 1 ? "" : "s", "estimator",
		"samples", a->symbols > 2 ? "bit string" : "");
	for (i = 0; i < VRNG_ESTIMATORS; i++) {
		fprintf(file, "  %-7s%-23s", vrng_estimator_section(i),
			vrng_estimator_name(i));
		cell(file, &a->original[i]);
		if (a->symbols > 2)
			cell(file, &a->bits[i]);
		fputc('\n', file);
	}
	fprintf(file, "%-32s %10.6f", "lowest", a->h_original);
	if (a->symbols > 2)
		fprintf(file, " %10.6f", a->h_bitstring);
	fprintf(file, "\n%-32s %10.6f bits per sample\n",
		"assessed min-entropy", a->entropy);
	if (count_too_few(a))
		fprintf(file,
			"There are too few samples for %u of the estimates; the "
			"assessment is of the others.\n",
			count_too_few(a));
	if (a->samples < VRNG_ASSESS_SAMPLES)
		fprintf(file,
			"The standard asks for %u samples; from fewer it comes "
			"out lower.\n",
			VRNG_ASSESS_SAMPLES);
}

void rngtest_report_estimate(const struct vrng_assessment *assessment,
			     bool json, FILE *file)
{
	if (json)
		json_estimate(assessment, file);
	else
		estimate_lines(assessment, file);
}
