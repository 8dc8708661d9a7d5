// SPDX-License-Identifier: GPL-2.0-or-later
/* Source "unix:PATH": raw bytes from who listens on a Unix socket. */
#include "rngd/sources/stream.h"

static int unix_parse(struct vrng_source *src, const struct vrng_spec *spec,
		      struct vrng_why *why)
{
	(void)spec;
	return vrng_stream_parse(src, "unix", why);
}

const struct vrng_kind vrng_kind_unix = {
	.name = "unix",
	.usage = "unix:PATH",
	.takes_arg = true,
	.parse = unix_parse,
	.check = vrng_stream_check,
	.open = vrng_stream_open,
	.read = vrng_stream_read,
	.close = vrng_stream_close,
	.free = vrng_stream_free,
};
