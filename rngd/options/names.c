// SPDX-License-Identifier: GPL-2.0-or-later
/* The sources of rng-tools: see names.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/options/names.h"
#include "vrng/source.h"

static const char *const aes_keys[] = { "use_aes", NULL };
static const char *const jitter_keys[] = { "thread_count",
					   "buffer_size",
					   "refill_thresh",
					   "retry_count",
					   "retry_delay",
					   "use_aes",
					   "force_soft_test_failure",
					   "timeout",
					   NULL };
static const char *const pkcs11_keys[] = { "engine_path", "chunk_size", NULL };
static const char *const rtlsdr_keys[] = { "device_id",	 "freq_min",
					   "freq_max",	 "sample_min",
					   "sample_max", NULL };
static const char *const qrypt_keys[] = { "tokenfile", "max_error_delay",
					  NULL };
static const char *const pipe_keys[] = { "path", "timeout", NULL };

const struct rngd_name rngd_names[RNGD_NAMES] = {
	{ "hwrng", "Hardware RNG Device", "file:/dev/hwrng", NULL },
	{ "tpm", "TPM RNG Device", NULL, NULL },
	{ "rdrand", "RDRAND instruction", "rdrand", aes_keys },
	{ "darn", "DARN instruction", NULL, aes_keys },
	{ "nist", "NIST Network Entropy Beacon", NULL, NULL },
	{ "jitter", "JITTER Entropy generator", "jitter", jitter_keys },
	{ "pkcs11", "PKCS11 Entropy generator", NULL, pkcs11_keys },
	{ "rtlsdr", "RTLSDR software defined radio", NULL, rtlsdr_keys },
	{ "qrypt", "QRYPT quantum entropy", NULL, qrypt_keys },
	{ "namedpipe", "Named pipe", "file:", pipe_keys },
};

bool rngd_names_works(const char *spec)
{
	struct vrng_source *source;
	bool ok;

	if (vrng_source_parse(&source, spec, &vrng_opener_plain, NULL))
		return false;
	ok = !vrng_source_check(source, NULL);
	vrng_source_free(source);
	return ok;
}

const char *rngd_names_spec(int n, bool (*works)(const char *spec))
{
	if (n == RNGD_NAME_RDRAND && works("rdseed"))
		return "rdseed";
	return rngd_names[n].spec;
}

static int by_index(const char *text, size_t len)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if ((size_t)(end - text) != len || n >= RNGD_NAMES)
		return -EINVAL;
	return (int)n;
}

static int by_name(const char *text, size_t len)
{
	int i;

	for (i = 0; i < RNGD_NAMES; i++)
		if (strlen(rngd_names[i].name) == len &&
		    !strncmp(rngd_names[i].name, text, len))
			return i;
	return -EINVAL;
}

/* The names of all sources, separated by commas. */
static const char *all_names(char list[128])
{
	char *end = list;
	int i;

	for (i = 0; i < RNGD_NAMES; i++) {
		if (i)
			end = stpcpy(end, ", ");
		end = stpcpy(end, rngd_names[i].name);
	}
	return list;
}

int rngd_names_find(const char *option, const char *text,
		    struct vrng_error *error)
{
	char names[128];
	size_t len = strcspn(text, ":");
	int n = *text >= '0' && *text <= '9' ? by_index(text, len) :
					       by_name(text, len);

	if (n >= 0)
		return n;
	return vrng_fail(error, EINVAL,
			 "%s: \"%.32s\" is no source of rng-tools; give 0 to "
			 "%d or a name: %s",
			 option, text, RNGD_NAMES - 1, all_names(names));
}
