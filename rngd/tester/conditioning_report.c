// SPDX-License-Identifier: GPL-2.0-or-later
/* Conditioning, as rngtest parses and prints it: see conditioning_report.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/tester/conditioning_report.h"
#include "rngd/tester/real.h"

#define OPTION "--conditioning"

/* Take the text up to the next comma: *@text is moved behind it, or NULL. */
static int take_real(double *value, const char **text, double max,
		     struct vrng_error *error)
{
	const char *comma = *text ? strchr(*text, ',') : NULL;
	char part[32];
	size_t len;

	if (!*text)
		return vrng_fail(error, EINVAL,
				 OPTION " takes N_IN,N_OUT,NW,H_IN and, if not "
					"vetted, H'");
	len = comma ? (size_t)(comma - *text) : strlen(*text);
	snprintf(part, sizeof(part), "%.*s", len < 31 ? (int)len : 31, *text);
	*text = comma ? comma + 1 : NULL;
	return rngtest_real(value, OPTION, part, max, error);
}

static int take_bits(uint32_t *value, const char **text,
		     struct vrng_error *error)
{
	double real = 0;
	int ret = take_real(&real, text, VRNG_CONDITIONING_BITS, error);

	*value = (uint32_t)real;
	if (!ret && (double)*value < real)
		return vrng_fail(error, EINVAL,
				 OPTION ": %g is no whole number of bits",
				 real);
	return ret;
}

int rngtest_conditioning_parse(struct vrng_conditioning *conditioning,
			       const char *text, struct vrng_error *error)
{
	int ret;

	memset(conditioning, 0, sizeof(*conditioning));
	ret = take_bits(&conditioning->n_in, &text, error);
	if (!ret)
		ret = take_bits(&conditioning->n_out, &text, error);
	if (!ret)
		ret = take_bits(&conditioning->nw, &text, error);
	if (!ret)
		ret = take_real(&conditioning->h_in, &text, conditioning->n_in,
				error);
	conditioning->vetted = !text;
	if (!ret && text)
		ret = take_real(&conditioning->h_prime, &text, 1, error);
	if (!ret && text)
		ret = vrng_fail(error, EINVAL,
				OPTION ": there are more than five numbers");
	return ret;
}

void rngtest_conditioning_print(const struct vrng_conditioning *c, bool json)
{
	if (json) {
		printf("{\"sp800_90b_conditioning\":{\"n_in\":%u,\"n_out\":%u,"
		       "\"nw\":%u,\"h_in\":%.6f,\"vetted\":%s,"
		       "\"output_entropy\":%.9f,\"epsilon_log2\":%.6f,"
		       "\"h_out\":%.9f}}\n",
		       c->n_in, c->n_out, c->nw, c->h_in,
		       c->vetted ? "true" : "false", c->output_entropy,
		       c->epsilon < 1000 ? -c->epsilon : -1000, c->h_out);
		return;
	}
	printf("SP 800-90B, 3.1.5: %s conditioning of %u bits with %.6f bits "
	       "of entropy to %u bits\n",
	       c->vetted ? "vetted" : "not vetted", c->n_in, c->h_in, c->n_out);
	printf("%-32s %16.9f bits, (1 - 2^-%.6f) of all\n", "output entropy",
	       c->output_entropy, c->epsilon < 1000 ? c->epsilon : 1000);
	if (!c->vetted)
		printf("%-32s %16.9f bits\n", "0.999 n_out, h' n_out",
		       c->h_prime < 0.999 ? c->h_prime * c->n_out :
					    0.999 * c->n_out);
	printf("%-32s %16.9f bits\n", "entropy of the output, h_out", c->h_out);
}
