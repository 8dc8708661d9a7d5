// SPDX-License-Identifier: GPL-2.0-or-later
/* Source "tcp:HOST:PORT": raw bytes from a server on the network. */
#include "rngd/sources/stream.h"

static int tcp_parse(struct vrng_source *src, const struct vrng_spec *spec,
		     struct vrng_why *why)
{
	(void)spec;
	return vrng_stream_parse(src, "tcp", why);
}

const struct vrng_kind vrng_kind_tcp = {
	.name = "tcp",
	.usage = "tcp:HOST:PORT",
	.takes_arg = true,
	.parse = tcp_parse,
	.check = vrng_stream_check,
	.open = vrng_stream_open,
	.read = vrng_stream_read,
	.close = vrng_stream_close,
	.free = vrng_stream_free,
};
