// SPDX-License-Identifier: GPL-2.0-or-later
/* Parses any text as a SPEC: it is refused with one line, or makes a source. */
#include <errno.h>
#include <string.h>

#include "rngd/base/crypto.h"
#include "tests/fuzz/fuzz.h"
#include "vrng/source.h"

/* A name is a SPEC without a claim, of the same source. */
static void parse_name(const struct vrng_source *src)
{
	struct vrng_source *again = NULL;

	FUZZ_MUST(!vrng_source_parse(&again, vrng_source_name(src),
				     &vrng_opener_plain, NULL));
	FUZZ_MUST(!strcmp(vrng_source_name(again), vrng_source_name(src)));
	FUZZ_MUST(vrng_source_is_same(src, again));
	vrng_source_free(again);
}

static void look_at(struct vrng_source *src)
{
	FUZZ_MUST(vrng_source_name(src) && *vrng_source_name(src));
	FUZZ_MUST(vrng_source_entropy(src) <= 8000);
	FUZZ_MUST(vrng_source_fd(src) == -1);
	FUZZ_MUST(!vrng_source_stays(src));
	FUZZ_MUST(vrng_source_origin(src) <= VRNG_ORIGIN_OUTSIDE);
	if (!vrng_source_is_deterministic(src)) /* its name hides its seed */
		parse_name(src);
	vrng_source_free(src);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vrng_source *src = NULL;
	struct vrng_error error = { "" };
	char *text = malloc(size + 1);
	int ret;

	FUZZ_MUST(text && !vrng_crypto_init(NULL));
	memcpy(text, data, size);
	text[size] = '\0';
	ret = vrng_source_parse(&src, text, &vrng_opener_plain, &error);
	FUZZ_MUST(!ret == !!src);
	if (src)
		look_at(src);
	else
		FUZZ_MUST(ret == -EINVAL && *error.text &&
			  !strchr(error.text, '\n'));
	free(text);
	return 0;
}
