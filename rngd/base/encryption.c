// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether this is an encrypted guest: see encryption.h. */
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "rngd/base/encryption.h"

/* Devices by which a guest asks for an attestation, and flags of the kernel. */
static const struct {
	const char *path;
	const char *value; /* first characters of the file; NULL: it exists */
	const char *name;
} signs[] = {
	{ "/dev/tdx_guest", NULL, "TDX" },
	{ "/sys/devices/virtual/misc/tdx_guest", NULL, "TDX" },
	{ "/dev/sev-guest", NULL, "SEV-SNP" },
	{ "/sys/devices/platform/sev-guest", NULL, "SEV-SNP" },
	{ "/sys/devices/platform/arm-cca-dev", NULL, "CCA" },
	{ "/sys/firmware/uv/prot_virt_guest", "1", "Secure Execution" },
	{ "/sys/devices/system/cpu/svm", "1", "PEF" },
};

/*
 * Flags of /proc/cpuinfo. A host that can encrypt guests has those of SEV, too, so
 * they count only beside "hypervisor". Only guests have tdx_guest.
 */
static const struct {
	const char *flag;
	const char *name;
} flags[] = {
	{ "tdx_guest", "TDX" },
	{ "sev_snp", "SEV-SNP" },
	{ "sev_es", "SEV-ES" },
	{ "sev", "SEV" },
};

static FILE *open_below(const char *root, const char *path)
{
	char full[PATH_MAX];

	if ((size_t)snprintf(full, sizeof(full), "%s%s", root, path) >=
	    sizeof(full))
		return NULL;
	return fopen(full, "re");
}

static bool is_there(const char *root, const char *path)
{
	char full[PATH_MAX];

	return (size_t)snprintf(full, sizeof(full), "%s%s", root, path) <
		       sizeof(full) &&
	       !access(full, F_OK);
}

static bool begins_with(const char *root, const char *path, const char *value)
{
	FILE *file = open_below(root, path);
	char text[8] = "";
	bool begins;

	if (!file)
		return false;
	begins = fgets(text, sizeof(text), file) &&
		 !strncmp(text, value, strlen(value));
	(void)fclose(file);
	return begins;
}

/* The line is a list of words. */
static bool has_word(const char *line, const char *word)
{
	const size_t len = strlen(word);
	const char *at = line;

	while ((at = strstr(at, word))) {
		if (at > line && strchr(" \t:", at[-1]) &&
		    strchr(" \t\n", at[len]))
			return true;
		at += len;
	}
	return false;
}

static const char *by_flags(const char *line)
{
	size_t i;

	if (!has_word(line, "hypervisor"))
		return NULL;
	for (i = 0; i < VRNG_LENGTH(flags); i++)
		if (has_word(line, flags[i].flag))
			return flags[i].name;
	return NULL;
}

/* All processors are alike: the first one's flags are enough. */
static const char *by_processor(const char *root)
{
	FILE *file = open_below(root, "/proc/cpuinfo");
	const char *name = NULL;
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return NULL;
	while (getline(&line, &size, file) > 0)
		if (!strncmp(line, "flags", 5)) {
			name = by_flags(line);
			break;
		}
	free(line);
	(void)fclose(file);
	return name;
}

const char *vrng_encryption(const char *root)
{
	size_t i;

	for (i = 0; i < VRNG_LENGTH(signs); i++)
		if (signs[i].value ?
			    begins_with(root, signs[i].path, signs[i].value) :
			    is_there(root, signs[i].path))
			return signs[i].name;
	return by_processor(root);
}
