// SPDX-License-Identifier: GPL-2.0-or-later
/* Keeps and assesses samples: see samples.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/base/crypto.h"
#include "rngd/tester/evidence/evidence.h"
#include "rngd/tester/evidence/folder.h"
#include "rngd/tester/iid_report.h"
#include "rngd/tester/report.h"
#include "rngd/tester/restart_report.h"
#include "rngd/tester/samples.h"

int rngtest_samples_init(struct rngtest_samples *samples,
			 const struct rngtest_options *options)
{
	memset(samples, 0, sizeof(*samples));
	if (!options->estimate && !options->iid && !options->evidence &&
	    !(options->restart > 0))
		return 0;
	samples->want = (size_t)options->samples; /* <= VRNG_ASSESS_MAX / 8 */
	if (!options->one_per_byte)
		samples->want = (samples->want * options->width + 7) / 8;
	samples->bytes = malloc(samples->want);
	return samples->bytes ? 0 : -ENOMEM;
}

void rngtest_samples_add(struct rngtest_samples *samples, const uint8_t *bytes,
			 size_t len)
{
	if (len > samples->want - samples->have)
		len = samples->want - samples->have;
	if (!len)
		return;
	memcpy(samples->bytes + samples->have, bytes, len);
	samples->have += len;
}

/* Samples, one in each byte. */
struct unpacked {
	uint8_t *s;
	size_t count;
};

static int unpack(struct unpacked *unpacked, const uint8_t *bytes, size_t len,
		  const struct rngtest_options *options)
{
	size_t count = len;

	if (!options->one_per_byte)
		count = count * 8 / options->width;
	if (!count)
		return -ENODATA;
	unpacked->s = malloc(count);
	if (!unpacked->s)
		return -ENOMEM;
	if (options->one_per_byte)
		memcpy(unpacked->s, bytes, count);
	else
		vrng_assess_unpack(bytes, len, options->width, unpacked->s);
	unpacked->count =
		count < options->samples ? count : (size_t)options->samples;
	return 0;
}

/* Each sample must fit its bits: the bits are those of another width then. */
static int check_width(const struct unpacked *unpacked, unsigned int width,
		       struct vrng_error *error)
{
	size_t i;

	for (i = 0; i < unpacked->count; i++)
		if (unpacked->s[i] >> width)
			return vrng_fail(error, ERANGE,
					 "sample %zu is %u and does not fit "
					 "--sample-bits=%u; give more bits, or "
					 "leave out --one-per-byte",
					 i + 1, unpacked->s[i], width);
	return 0;
}

static int estimate(const struct unpacked *unpacked,
		    const struct rngtest_options *options, FILE *file)
{
	struct vrng_assessment *result = calloc(1, sizeof(*result));
	int ret;

	if (!result)
		return -ENOMEM;
	ret = vrng_assess(unpacked->s, unpacked->count, options->width,
			  options->threads, result);
	if (!ret)
		rngtest_report_estimate(result, options->json, file);
	free(result);
	return ret;
}

/* ---------------------------------------------------------------- evidence */

/* Read a restart matrix, which has one byte more if it is too long. */
static int read_matrix(struct rngtest_matter *matrix, uint8_t **bytes,
		       const struct rngtest_options *options,
		       struct vrng_error *error)
{
	size_t size = VRNG_RESTART_SAMPLES;
	FILE *file = fopen(options->restart_matrix, "re");

	if (!options->one_per_byte)
		size = (size * options->width + 7) / 8;
	*bytes = file ? malloc(size + 1) : NULL;
	if (*bytes)
		matrix->len = fread(*bytes, 1, size + 1, file);
	matrix->bytes = *bytes;
	if (!file || ferror(file))
		vrng_fail(error, errno, "%.128s: error reading: %m",
			  options->restart_matrix);
	else if (matrix->len != size)
		vrng_fail(
			error, EDOM,
			"%.128s: a restart matrix of %u samples of each of %u "
			"restarts has %zu bytes; this one does not",
			options->restart_matrix, VRNG_RESTARTS, VRNG_RESTARTS,
			size);
	if (file)
		fclose(file);
	if (!*bytes && file)
		return -ENOMEM;
	return matrix->len == size ? 0 : -EDOM;
}

static int unpack_matrix(struct rngtest_matter *matrix,
			 struct unpacked *unpacked, uint8_t **bytes,
			 const struct rngtest_options *options,
			 struct vrng_error *error)
{
	struct rngtest_options all = *options;
	int ret = read_matrix(matrix, bytes, options, error);

	all.samples = VRNG_RESTART_SAMPLES;
	if (!ret)
		ret = unpack(unpacked, matrix->bytes, matrix->len, &all);
	if (!ret)
		ret = check_width(unpacked, options->width, error);
	matrix->samples = unpacked->s;
	matrix->count = unpacked->count;
	return ret;
}

static void wipe(void *bytes, size_t len)
{
	if (bytes)
		explicit_bzero(bytes, len);
	free(bytes);
}

/* Write the folder of --evidence. *@passed: something may be claimed. */
static int write_evidence(const struct rngtest_matter *matter,
			  const struct rngtest_options *options, bool *passed,
			  struct vrng_error *error)
{
	const char *path = options->restart_matrix;
	struct rngtest_evidence *evidence = calloc(1, sizeof(*evidence));
	struct rngtest_matter matrix = { NULL, 0, NULL, 0 };
	struct unpacked unpacked = { NULL, 0 };
	uint8_t *bytes = NULL;
	int ret = evidence ? vrng_crypto_init(error) : -ENOMEM;

	if (!ret && path)
		ret = unpack_matrix(&matrix, &unpacked, &bytes, options, error);
	if (!ret)
		ret = rngtest_evidence_gather(evidence, matter,
					      path ? &matrix : NULL, options,
					      error);
	if (!ret)
		ret = rngtest_folder_write(options->evidence, evidence, matter,
					   options, error);
	*passed = !ret && evidence->per_sample > 0;
	wipe(unpacked.s, unpacked.count);
	wipe(bytes, matrix.len);
	free(evidence);
	return ret;
}

/* ----------------------------------------------------------------- reports */

static int report(const struct rngtest_matter *matter,
		  const struct rngtest_options *options, FILE *file,
		  bool *passed, struct vrng_error *error)
{
	const struct unpacked samples = { (uint8_t *)(uintptr_t)matter->samples,
					  matter->count };
	int ret = check_width(&samples, options->width, error);

	if (!ret && options->estimate)
		ret = estimate(&samples, options, file);
	if (!ret && options->evidence)
		return write_evidence(matter, options, passed, error);
	if (!ret && options->restart > 0)
		return rngtest_restart_report(matter->samples, matter->count,
					      options, file, passed, error);
	if (!ret && options->iid)
		return rngtest_iid_report(matter->samples, matter->count,
					  options, file, passed, error);
	return ret;
}

int rngtest_samples_report(struct rngtest_samples *samples,
			   const struct rngtest_options *options, FILE *file,
			   struct vrng_error *error)
{
	struct rngtest_matter matter = { samples->bytes, samples->have, NULL,
					 0 };
	struct unpacked unpacked = { NULL, 0 };
	bool passed = true;
	int ret;

	if (!samples->want)
		return 0;
	ret = unpack(&unpacked, samples->bytes, samples->have, options);
	if (ret == -ENODATA)
		return vrng_fail(error, ENODATA, "no samples to assess");
	matter.samples = unpacked.s;
	matter.count = unpacked.count;
	if (!ret)
		ret = report(&matter, options, file, &passed, error);
	samples->failed = !passed;
	wipe(unpacked.s, unpacked.count);
	return ret;
}

void rngtest_samples_free(struct rngtest_samples *samples)
{
	wipe(samples->bytes, samples->want);
	samples->bytes = NULL;
}
