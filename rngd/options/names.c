// SPDX-License-Identifier: GPL-2.0-or-later
/* The sources of rng-tools: see names.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/base/array.h"
#include "rngd/options/names.h"
#include "vrng/source.h"

#define KEYS(...) ((const struct rngd_key[]){ __VA_ARGS__, { NULL, NULL } })

/*
 * "instead" completes the sentence "rngd has no such source: ...". The keys
 * without a value are those of earlier versions.
 */
const struct rngd_name rngd_names[RNGD_NAMES] = {
	{ "hwrng", "Hardware RNG Device", "file:/dev/hwrng", NULL, NULL },
	{ "tpm", "TPM RNG Device", NULL,
	  "the kernel gives a TPM's bytes in /dev/hwrng", NULL },
	{ "rdrand", "Intel RDRAND Instruction RNG", "rdrand", NULL,
	  KEYS({ "use_aes", "0" }) },
	{ "darn", "Power9 DARN Instruction RNG", "darn", NULL,
	  KEYS({ "use_aes", "1" }) },
	{ "rndr", "ARM v8.5 RNDR Instruction RNG", "rndr", NULL,
	  KEYS({ "use_aes", "0" }) },
	{ "nist", "NIST Network Entropy Beacon", NULL,
	  "everybody knows the beacon's bytes", KEYS({ "use_aes", "1" }) },
	{ "jitter", "JITTER Entropy generator", "jitter", NULL,
	  KEYS({ "thread_count", "4" }, { "buffer_size", "16535" },
	       { "refill_thresh", "16535" }, { "retry_count", "1" },
	       { "retry_delay", "-1" }, { "use_aes", "1" },
	       { "force_soft_timer", "0" }, { "timeout", "5" },
	       { "force_soft_test_failure", NULL }) },
	{ "pkcs11", "PKCS11 Entropy generator", NULL,
	  "use --source=exec:COMMAND with pkcs11-tool, see rngd(8)",
	  KEYS({ "engine_path", "/usr/lib64/opensc-pkcs11.so" },
	       { "chunk_size", "1" }) },
	{ "rtlsdr", "RTLSDR software defined radio generator", NULL,
	  "use --source=exec:COMMAND with rtl_sdr",
	  KEYS({ "device_id", "0" }, { "freq_min", "90000000" },
	       { "freq_max", "110000000" }, { "sample_min", "1000000" },
	       { "sample_max", "2800000" }) },
	{ "qrypt", "Qrypt quantum entropy beacon", NULL,
	  "use --source=exec:COMMAND with a client of that service",
	  KEYS({ "tokenfile", "/etc/qrypt.token" }, { "delay", "28800" },
	       { "max_error_delay", NULL }) },
	{ "namedpipe", "Named pipe entropy input", "file:", NULL,
	  KEYS({ "path", "" }, { "timeout", "5" }) },
};

bool rngd_names_works(const char *spec)
{
	struct vrng_source *source;
	bool works;

	if (vrng_source_parse(&source, spec, &vrng_opener_plain, NULL))
		return false;
	works = !vrng_source_check(source, NULL);
	vrng_source_free(source);
	return works;
}

const char *rngd_names_spec(int n, bool (*works)(const char *spec))
{
	if (n == RNGD_NAME_RDRAND && works("rdseed"))
		return "rdseed";
	return rngd_names[n].spec;
}

const char *rngd_names_standby(unsigned int excluded,
			       bool (*works)(const char *spec))
{
	static const struct {
		int name;
		const char *spec;
	} cpu[] = {
		{ RNGD_NAME_RDRAND, "rdseed" },
		{ RNGD_NAME_RNDR, "rndr" },
		{ RNGD_NAME_DARN, "darn" },
	};
	size_t i;

	for (i = 0; i < VRNG_LENGTH(cpu); i++)
		if (!(excluded & 1u << cpu[i].name) && works(cpu[i].spec))
			return cpu[i].spec;
	return excluded & 1u << RNGD_NAME_JITTER ? NULL : "jitter,entropy=1";
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

#define LIST_SIZE 128

/* The names of all sources, separated by commas. */
static const char *all_names(char list[LIST_SIZE])
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
	char names[LIST_SIZE];
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
