// SPDX-License-Identifier: GPL-2.0-or-later
/* Keeps samples for an estimate: see samples.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/tester/report.h"
#include "rngd/tester/samples.h"

int rngtest_samples_init(struct rngtest_samples *samples,
			 const struct rngtest_options *options)
{
	memset(samples, 0, sizeof(*samples));
	if (!options->estimate)
		return 0;
	samples->want = (size_t)options->samples; /* <= VRNG_ASSESS_MAX / 8 */
	if (options->width == 1)
		samples->want = (samples->want + 7) / 8;
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

static int assess_bits(const struct rngtest_samples *samples,
		       const struct rngtest_options *options,
		       struct vrng_assessment *result)
{
	size_t count = samples->have * 8;
	uint8_t *bits = malloc(count ? count : 1);
	int ret;

	if (!bits)
		return -ENOMEM;
	vrng_assess_unpack(samples->bytes, samples->have, bits);
	if (count > options->samples)
		count = (size_t)options->samples;
	ret = vrng_assess(bits, count, 1, options->threads, result);
	explicit_bzero(bits, samples->have * 8);
	free(bits);
	return ret;
}

int rngtest_samples_report(const struct rngtest_samples *samples,
			   const struct rngtest_options *options, FILE *file)
{
	struct vrng_assessment *result;
	int ret;

	if (!samples->want)
		return 0;
	if (!samples->have)
		return -ENODATA;
	result = calloc(1, sizeof(*result));
	if (!result)
		return -ENOMEM;
	ret = options->width == 1 ? assess_bits(samples, options, result) :
				    vrng_assess(samples->bytes, samples->have,
						8, options->threads, result);
	if (!ret)
		rngtest_report_estimate(options, result, file);
	free(result);
	return ret;
}

void rngtest_samples_free(struct rngtest_samples *samples)
{
	if (samples->bytes)
		explicit_bzero(samples->bytes, samples->want);
	free(samples->bytes);
	samples->bytes = NULL;
}
