// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "rngd/base/array.h"
#include "rngd/sources/egd_wire.h"
#include "tests/device/egd-server/request.h"

/* For each command: bytes of a request, and the index of N in it (0: no N). */
static const struct {
	uint8_t len;
	uint8_t n_at;
} shapes[] = {
	[VRNG_EGD_LEVEL] = { 1, 0 }, [VRNG_EGD_READ] = { 2, 1 },
	[VRNG_EGD_WAIT] = { 2, 1 },  [VRNG_EGD_WRITE] = { 4, 3 },
	[VRNG_EGD_PID] = { 1, 0 },
};

ssize_t egd_request_parse(struct egd_request *request, const uint8_t *in,
			  size_t len)
{
	if (!len)
		return 0;
	if (in[0] >= VRNG_LENGTH(shapes))
		return -EPROTO;
	if (len < shapes[in[0]].len)
		return 0;
	request->command = in[0];
	request->n = shapes[in[0]].n_at ? in[shapes[in[0]].n_at] : 0;
	return shapes[in[0]].len;
}
