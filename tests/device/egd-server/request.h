/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parses the requests of EGD clients; rngd/sources/egd_wire.h has the commands.
 * Pure: no I/O and no state.
 */
#ifndef DEVICE_EGD_SERVER_REQUEST_H
#define DEVICE_EGD_SERVER_REQUEST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct egd_request {
	uint8_t command; /* VRNG_EGD_... */
	uint8_t n; /* bytes asked for by a read, or that follow a write */
};

/*
 * Parse the request at @in, of which @len bytes have come: how many bytes it
 * has, 0 if it is not complete, or -EPROTO if its first byte is no command.
 */
ssize_t egd_request_parse(struct egd_request *request, const uint8_t *in,
			  size_t len);

#endif
