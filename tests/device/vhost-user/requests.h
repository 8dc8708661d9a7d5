/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Table of the vhost-user requests that this back-end takes: what each message
 * must look like, and its handler.
 */
#ifndef DEVICE_VHOST_USER_REQUESTS_H
#define DEVICE_VHOST_USER_REQUESTS_H

#include <stdint.h>

#include "tests/device/vhost-user/channel.h"
#include "tests/device/vhost-user/handlers.h"
#include "vrng/error.h"

struct vhost_request {
	const char *name; /* as the specification has it */
	uint32_t size_min; /* bytes of payload */
	uint32_t size_max;
	unsigned int fds_min; /* descriptors with the message */
	unsigned int fds_max;
	uint32_t reply; /* bytes of the reply's payload; 0: only an ack */
	vhost_handler *handle;
};

/* The row of request @number (VU_* of wire.h), or NULL if it is unknown. */
const struct vhost_request *vhost_request_find(uint32_t number);

/*
 * Check the size and the number of descriptors of the message in @channel.
 * Returns 0 or -EINVAL.
 */
int vhost_request_check(const struct vhost_request *request,
			const struct channel *channel,
			struct vrng_error *error);

#endif
