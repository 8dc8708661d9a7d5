/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an EGD client asks for, taken from the bytes it has sent: the server's
 * side of rngd/sources/egd_wire.h. Pure: no I/O, no state.
 */
#ifndef DEVICE_EGD_SERVER_REQUEST_H
#define DEVICE_EGD_SERVER_REQUEST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define EGD_REQUEST_MAX 4 /* bytes; the data of a write follows it */

struct egd_request {
	uint8_t command; /* VRNG_EGD_... */
	uint8_t n; /* bytes: asked for, or to follow with a write */
};

/*
 * Take the request that begins at @in, of which @len bytes are there. Returns
 * how many bytes it has, 0 if it is not complete yet, or -EPROTO where its
 * first byte is no command.
 */
ssize_t egd_request_parse(struct egd_request *request, const uint8_t *in,
			  size_t len);

#endif
