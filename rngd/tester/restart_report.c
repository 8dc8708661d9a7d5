// SPDX-License-Identifier: GPL-2.0-or-later
/* The restart tests as rngtest runs and prints them: see restart_report.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/tester/estimate/restart.h"
#include "rngd/tester/iid_report.h"
#include "rngd/tester/restart_report.h"

static void print_json(FILE *file, const struct vrng_restart *r)
{
	fprintf(file,
		"{\"sp800_90b_restart\":{\"samples\":%zu,\"sample_bits\":%u,"
		"\"h_initial\":%.6f,\"cutoff\":%u,\"most_in_row\":%u,"
		"\"most_in_column\":%u,\"sane\":%s,\"h_rows\":%.6f,"
		"\"h_columns\":%.6f,\"valid\":%s,\"min_entropy\":%.6f}}\n",
		r->rows.samples, r->rows.width, r->h_initial, r->cutoff,
		r->most_in_row, r->most_in_column, r->sane ? "true" : "false",
		r->h_rows, r->h_columns, r->valid ? "true" : "false",
		r->entropy);
}

static void print_cell(FILE *file, const struct vrng_estimate *estimate)
{
	if (estimate->done)
		fprintf(file, " %10.6f", estimate->entropy);
	else
		fprintf(file, " %10s", estimate->too_few ? "too few" : "-");
}

static void print_lines(FILE *file, const struct vrng_restart *r)
{
	unsigned int i;

	fprintf(file,
		"SP 800-90B, 3.1.4: %u restarts of %u samples of %u bit%s, for "
		"a claim of %.6f bits\n",
		VRNG_RESTARTS, VRNG_RESTARTS, r->rows.width,
		r->rows.width == 1 ? "" : "s", r->h_initial);
	fprintf(file, "%-32s %10s %10s\n", "estimator", "rows", "columns");
	for (i = 0; i < VRNG_ESTIMATORS; i++) {
		fprintf(file, "  %-7s%-23s", vrng_estimator_section(i),
			vrng_estimator_name(i));
		print_cell(file, &r->rows.original[i]);
		print_cell(file, &r->columns.original[i]);
		fputc('\n', file);
	}
	fprintf(file, "%-32s %10.6f %10.6f\n", "lowest", r->h_rows,
		r->h_columns);
	fprintf(file, "%-32s %10u %10u, at most %u: %s\n",
		"most of one value in one", r->most_in_row, r->most_in_column,
		r->cutoff, r->sane ? "passed" : "FAILED");
	if (r->valid)
		fprintf(file, "%-32s %10.6f bits per sample\n",
			"min-entropy after restarts", r->entropy);
	else
		fprintf(file, "The claim does not hold after restarts: %s.\n",
			r->sane ? "an estimate is below half of it" :
				  "a value comes too often");
}

void rngtest_restart_print(const struct vrng_restart *restart, bool json,
			   FILE *file)
{
	if (json)
		print_json(file, restart);
	else
		print_lines(file, restart);
}

/* The IID track for rows and for columns. */
static int test_iid(const uint8_t *samples,
		    const struct rngtest_options *options, FILE *file,
		    bool *passed, struct vrng_error *error)
{
	uint8_t *columns = malloc(VRNG_RESTART_SAMPLES);
	bool rows_passed = false;
	int ret;

	if (!columns)
		return -ENOMEM;
	vrng_restart_transpose(samples, columns);
	if (!options->json)
		fputs("rows:\n", file);
	ret = rngtest_iid_report(samples, VRNG_RESTART_SAMPLES, options, file,
				 &rows_passed, error);
	if (!ret && !options->json)
		fputs("columns:\n", file);
	if (!ret)
		ret = rngtest_iid_report(columns, VRNG_RESTART_SAMPLES, options,
					 file, passed, error);
	*passed = *passed && rows_passed;
	explicit_bzero(columns, VRNG_RESTART_SAMPLES);
	free(columns);
	return ret;
}

static int explain(int ret, struct vrng_error *error)
{
	if (ret != -EDOM)
		return ret;
	return vrng_fail(
		error, EDOM,
		"--restart: the samples have too few different values "
		"for the claim; give --sample-bits as they were taken, "
		"or claim less");
}

int rngtest_restart_report(const uint8_t *samples, size_t count,
			   const struct rngtest_options *options, FILE *file,
			   bool *passed, struct vrng_error *error)
{
	struct vrng_restart *result;
	bool iid_passed = true;
	int ret;

	*passed = false;
	if (count != VRNG_RESTART_SAMPLES)
		return vrng_fail(
			error, EDOM,
			"--restart takes %zu samples, %u of each of %u "
			"restarts; there were %zu",
			VRNG_RESTART_SAMPLES, VRNG_RESTARTS, VRNG_RESTARTS,
			count);
	result = calloc(1, sizeof(*result));
	if (!result)
		return -ENOMEM;
	ret = explain(vrng_restart_test(samples, options->width,
					options->restart, options->threads,
					result),
		      error);
	if (!ret)
		rngtest_restart_print(result, options->json, file);
	if (!ret && options->iid)
		ret = test_iid(samples, options, file, &iid_passed, error);
	*passed = !ret && result->valid && iid_passed;
	free(result);
	return ret;
}
