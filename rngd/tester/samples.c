// SPDX-License-Identifier: GPL-2.0-or-later
/* Keeps and assesses samples: see samples.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/tester/iid_report.h"
#include "rngd/tester/report.h"
#include "rngd/tester/restart_report.h"
#include "rngd/tester/samples.h"

int rngtest_samples_init(struct rngtest_samples *samples,
			 const struct rngtest_options *options)
{
	memset(samples, 0, sizeof(*samples));
	if (!options->estimate && !options->iid && !(options->restart > 0))
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

static int unpack(struct unpacked *unpacked,
		  const struct rngtest_samples *samples,
		  const struct rngtest_options *options)
{
	size_t count = samples->have;

	if (!options->one_per_byte)
		count = count * 8 / options->width;
	if (!count)
		return -ENODATA;
	unpacked->s = malloc(count);
	if (!unpacked->s)
		return -ENOMEM;
	if (options->one_per_byte)
		memcpy(unpacked->s, samples->bytes, count);
	else
		vrng_assess_unpack(samples->bytes, samples->have,
				   options->width, unpacked->s);
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
		rngtest_report_estimate(options, result, file);
	free(result);
	return ret;
}

int rngtest_samples_report(struct rngtest_samples *samples,
			   const struct rngtest_options *options, FILE *file,
			   struct vrng_error *error)
{
	struct unpacked unpacked = { NULL, 0 };
	bool passed = true;
	int ret;

	if (!samples->want)
		return 0;
	ret = unpack(&unpacked, samples, options);
	if (ret == -ENODATA)
		return vrng_fail(error, ENODATA, "no samples to assess");
	if (!ret)
		ret = check_width(&unpacked, options->width, error);
	if (!ret && options->estimate)
		ret = estimate(&unpacked, options, file);
	if (!ret && options->restart > 0)
		ret = rngtest_restart_report(unpacked.s, unpacked.count,
					     options, file, &passed, error);
	else if (!ret && options->iid)
		ret = rngtest_iid_report(unpacked.s, unpacked.count, options,
					 file, &passed, error);
	samples->failed = !passed;
	if (unpacked.s)
		explicit_bzero(unpacked.s, unpacked.count);
	free(unpacked.s);
	return ret;
}

void rngtest_samples_free(struct rngtest_samples *samples)
{
	if (samples->bytes)
		explicit_bzero(samples->bytes, samples->want);
	free(samples->bytes);
	samples->bytes = NULL;
}
