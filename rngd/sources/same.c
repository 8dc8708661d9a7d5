// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether two SPECs name one source: vrng_source_is_same() of vrng/source.h. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "rngd/sources/host.h"
#include "rngd/sources/kind.h"

static enum vrng_place place_of(const struct vrng_source *src,
				const char **text)
{
	*text = src->arg;
	return src->kind->place ? src->kind->place(src, text) : VRNG_PLACE_KIND;
}

/* Two nodes of one device differ in their inodes. */
static bool is_same_device(const struct stat *a, const struct stat *b)
{
	return (S_ISCHR(a->st_mode) || S_ISBLK(a->st_mode)) &&
	       (a->st_mode & S_IFMT) == (b->st_mode & S_IFMT) &&
	       a->st_rdev == b->st_rdev;
}

static bool is_same_path(const char *a, const char *b)
{
	struct stat at, bt;

	if (!strcmp(a, b))
		return true;
	if (stat(a, &at) || stat(b, &bt))
		return false;
	return (at.st_dev == bt.st_dev && at.st_ino == bt.st_ino) ||
	       is_same_device(&at, &bt);
}

/* The host of HOST:PORT, which may have brackets. */
static void host_of(const char *address, char host[VRNG_HOST_SIZE])
{
	size_t len = (size_t)(strrchr(address, ':') - address);

	if (*address == '[' && len > 2) {
		address++;
		len -= 2;
	}
	vrng_host_unify(host, address, len);
}

static bool is_same_address(const char *a, const char *b)
{
	char a_host[VRNG_HOST_SIZE], b_host[VRNG_HOST_SIZE];

	host_of(a, a_host);
	host_of(b, b_host);
	return !strcasecmp(a_host, b_host) &&
	       strtoul(strrchr(a, ':') + 1, NULL, 10) ==
		       strtoul(strrchr(b, ':') + 1, NULL, 10);
}

bool vrng_source_is_same(const struct vrng_source *a,
			 const struct vrng_source *b)
{
	const char *a_text, *b_text;
	enum vrng_place place = place_of(a, &a_text);

	if (place != place_of(b, &b_text))
		return false;
	switch (place) {
	case VRNG_PLACE_PATH:
		return is_same_path(a_text, b_text);
	case VRNG_PLACE_ADDRESS:
		return is_same_address(a_text, b_text);
	case VRNG_PLACE_KIND:
	default:
		return a->kind == b->kind && !a->kind->deterministic &&
		       (!a_text || !strcmp(a_text, b_text));
	}
}
