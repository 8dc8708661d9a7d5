// SPDX-License-Identifier: GPL-2.0-or-later
/* The IID track as rngtest runs and prints it: see iid_report.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "rngd/tester/iid_report.h"
#include "rngd/tester/progress.h"
#include "rngd/tester/stop.h"

/* -------------------------------------------------------------------- JSON */

static const char *json_bool(bool value)
{
	return value ? "true" : "false";
}

static void json_chi_square(FILE *file, const char *name,
			    const struct vrng_chi_square *test)
{
	if (!test->freedom)
		fprintf(file,
			",\"%s\":{\"score\":null,\"degrees\":0,"
			"\"probability\":null,\"passed\":null}",
			name);
	else
		fprintf(file,
			",\"%s\":{\"score\":%.6f,\"degrees\":%u,"
			"\"probability\":%.6g,\"passed\":%s}",
			name, test->score, test->freedom, test->probability,
			json_bool(test->passed));
}

static const char *json_verdict(const struct vrng_permutation *test)
{
	return test->left_out ? "null" : json_bool(test->passed);
}

static void json_permutations(FILE *file, const struct vrng_permutations *p)
{
	unsigned int i;

	fprintf(file, ",\"shuffles\":%u,\"permutations\":[", p->shuffles);
	for (i = 0; i < VRNG_IID_STATISTICS; i++)
		fprintf(file,
			"%s{\"name\":\"%s\",\"value\":%.6f,\"above\":%u,"
			"\"equal\":%u,\"below\":%u,\"passed\":%s}",
			i ? "," : "", vrng_iid_statistic_name(i),
			p->tests[i].value, p->tests[i].above, p->tests[i].equal,
			p->tests[i].below, json_verdict(&p->tests[i]));
	fputc(']', file);
}

static void print_json(FILE *file, const struct vrng_iid *iid)
{
	fprintf(file,
		"{\"sp800_90b_iid\":{\"samples\":%zu,\"sample_bits\":%u,"
		"\"seed\":%" PRIu64 ",\"iid\":%s,\"min_entropy\":%.6f,"
		"\"h_original\":%.6f,\"h_bitstring\":%.6f",
		iid->samples, iid->width, iid->seed,
		iid->passed || iid->failed ? json_bool(iid->passed) : "null",
		iid->entropy, iid->h_original, iid->h_bitstring);
	json_chi_square(file, "independence", &iid->independence);
	json_chi_square(file, "goodness_of_fit", &iid->fit);
	fprintf(file,
		",\"longest_repeat\":{\"length\":%zu,\"probability\":%.6g,"
		"\"passed\":%s}",
		iid->repeat.length, iid->repeat.probability,
		json_bool(iid->repeat.passed));
	json_permutations(file, &iid->permutations);
	fputs("}}\n", file);
}

/* ------------------------------------------------------------------- lines */

static const char *verdict(bool passed)
{
	return passed ? "passed" : "FAILED";
}

static void line_chi_square(FILE *file, const char *name,
			    const struct vrng_chi_square *test)
{
	if (!test->freedom)
		fprintf(file, "  %-32s too few samples\n", name);
	else
		fprintf(file,
			"  %-32s %s: %.6f, %u degrees, probability %.6g\n",
			name, verdict(test->passed), test->score, test->freedom,
			test->probability);
}

static void print_lines(FILE *file, const struct vrng_iid *iid)
{
	unsigned int i;

	fprintf(file,
		"SP 800-90B, 5: are %zu samples of %u bit%s independent and "
		"identically distributed?\n",
		iid->samples, iid->width, iid->width == 1 ? "" : "s");
	line_chi_square(file, "5.2.1  Independence", &iid->independence);
	line_chi_square(file, "5.2.2  Goodness of fit", &iid->fit);
	fprintf(file, "  %-32s %s: length %zu, probability %.6g\n",
		"5.2.5  Longest repeat", verdict(iid->repeat.passed),
		iid->repeat.length, iid->repeat.probability);
	fprintf(file, "%u shuffles, --seed=%" PRIu64 "\n",
		iid->permutations.shuffles, iid->seed);
	fprintf(file, "  %-40s %17s %6s %6s %6s\n", "statistic", "value",
		"above", "equal", "below");
	for (i = 0; i < VRNG_IID_STATISTICS; i++) {
		const struct vrng_permutation *p = &iid->permutations.tests[i];

		if (p->left_out) {
			fprintf(file, "  %-6s %-25s        %17.6f not needed\n",
				vrng_iid_statistic_section(i),
				vrng_iid_statistic_name(i), p->value);
			continue;
		}
		fprintf(file, "  %-6s %-25s %s: %17.6f %6u %6u %6u\n",
			vrng_iid_statistic_section(i),
			vrng_iid_statistic_name(i), verdict(p->passed),
			p->value, p->above, p->equal, p->below);
	}
	fprintf(file,
		"min-entropy as of IID samples    %10.6f bits per sample\n",
		iid->entropy);
	if (iid->failed)
		fputs("The samples are not IID: --estimate applies.\n", file);
	else if (iid->passed)
		fputs("No test contradicts that the samples are IID.\n", file);
	else
		fprintf(file,
			"No verdict: there are too few samples for %u of the "
			"tests.\n",
			iid->too_few);
}

/* --------------------------------------------------------------------- run */

static bool go_on(void *arg, unsigned int shuffles, unsigned int passed)
{
	char text[80];

	snprintf(text, sizeof(text), "%u of %u shuffles, %u of %u tests passed",
		 shuffles, VRNG_IID_SHUFFLES, passed,
		 (unsigned int)VRNG_IID_STATISTICS);
	rngtest_progress_text(arg, text);
	return vrng_stop_poll(-1, 0, 0) != -EINTR;
}

int rngtest_iid_run(const uint8_t *samples, size_t count,
		    const struct rngtest_options *options, struct vrng_iid *iid,
		    struct vrng_error *error)
{
	struct rngtest_progress progress;
	const struct vrng_iid_watch watch = { go_on, &progress };
	int ret;

	rngtest_progress_begin(&progress, 0);
	ret = vrng_iid_test(samples, count, options->width, options->seed,
			    options->threads, &watch, iid);
	rngtest_progress_clear(&progress);
	if (ret == -EDOM)
		vrng_fail(error, EDOM,
			  "all samples are equal: nothing to test for IID, and "
			  "no entropy");
	if (ret == -EINTR)
		vrng_fail(error, EINTR,
			  "stopped after %u of %u shuffles: no verdict on IID",
			  iid->permutations.shuffles, VRNG_IID_SHUFFLES);
	return ret;
}

void rngtest_iid_print(const struct vrng_iid *iid, bool json, FILE *file)
{
	if (json)
		print_json(file, iid);
	else
		print_lines(file, iid);
}

int rngtest_iid_report(const uint8_t *samples, size_t count,
		       const struct rngtest_options *options, FILE *file,
		       bool *passed, struct vrng_error *error)
{
	struct vrng_iid *iid = calloc(1, sizeof(*iid));
	int ret;

	*passed = false;
	if (!iid)
		return -ENOMEM;
	ret = rngtest_iid_run(samples, count, options, iid, error);
	if (!ret)
		rngtest_iid_print(iid, options->json, file);
	*passed = !ret && iid->passed;
	free(iid);
	return ret;
}
