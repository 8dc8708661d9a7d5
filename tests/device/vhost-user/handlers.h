/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each vhost-user message does (QEMU: "Vhost-user Protocol", sections
 * "Front-end message types" and "Ring states").
 */
#ifndef DEVICE_VHOST_USER_HANDLERS_H
#define DEVICE_VHOST_USER_HANDLERS_H

#include "tests/device/vhost-user/channel.h"
#include "tests/device/vhost-user/setup.h"
#include "vrng/error.h"

/*
 * Apply the message in @channel to @setup. The caller has checked its size and
 * its number of descriptors (requests.h); all other numbers in it are the
 * handler's to check. A handler pauses the ring before it changes what the ring
 * uses; the caller resumes it.
 *
 * Returns 0, with the reply, if the request has one, in the payload of
 * @channel; or a negative errno. A descriptor that a handler keeps it takes
 * out of @channel.
 */
typedef int vhost_handler(struct vhost_setup *setup, struct channel *channel,
			  struct vrng_error *error);

vhost_handler handle_get_features;
vhost_handler handle_set_features;
vhost_handler handle_set_owner;
vhost_handler handle_reset_device;
vhost_handler handle_set_log_base;
vhost_handler handle_set_mem_table;
vhost_handler handle_get_max_mem_slots;
vhost_handler handle_add_mem_reg;
vhost_handler handle_rem_mem_reg;
vhost_handler handle_set_vring_num;
vhost_handler handle_set_vring_addr;
vhost_handler handle_set_vring_base;
vhost_handler handle_get_vring_base;
vhost_handler handle_set_vring_kick;
vhost_handler handle_set_vring_call;
vhost_handler handle_set_vring_err;
vhost_handler handle_get_protocol_features;
vhost_handler handle_set_protocol_features;
vhost_handler handle_get_queue_num;
vhost_handler handle_set_backend_req_fd;
vhost_handler handle_iotlb_msg;
vhost_handler handle_set_vring_enable;

#endif
