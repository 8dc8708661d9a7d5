// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

#include "rngd/base/array.h"
#include "tests/device/vhost-user/requests.h"
#include "tests/device/vhost-user/wire.h"

#define U64   sizeof(uint64_t)
#define STATE sizeof(struct vu_state)

/* clang-format off */
/* A request whose payload has one size, in bytes. */
#define ROW(NAME, size, fds_min, fds_max, reply, handle) \
	[VU_##NAME] = { #NAME, size, size, fds_min, fds_max, reply, handle }

static const struct vhost_request requests[] = {
	ROW(GET_FEATURES, 0, 0, 0, U64, handle_get_features),
	ROW(SET_FEATURES, U64, 0, 0, 0, handle_set_features),
	ROW(SET_OWNER, 0, 0, 0, 0, handle_set_owner),
	ROW(RESET_OWNER, 0, 0, 0, 0, handle_reset_device),
	[VU_SET_MEM_TABLE] = { "SET_MEM_TABLE",
		offsetof(struct vu_mem_table, region),
		sizeof(struct vu_mem_table), 0, VU_REGIONS, 0,
		handle_set_mem_table },
	ROW(SET_LOG_BASE, sizeof(struct vu_log), 1, 1, U64,
		handle_set_log_base),
	ROW(SET_VRING_NUM, STATE, 0, 0, 0, handle_set_vring_num),
	ROW(SET_VRING_ADDR, sizeof(struct vu_addr), 0, 0, 0,
		handle_set_vring_addr),
	ROW(SET_VRING_BASE, STATE, 0, 0, 0, handle_set_vring_base),
	ROW(GET_VRING_BASE, STATE, 0, 0, STATE, handle_get_vring_base),
	ROW(SET_VRING_KICK, U64, 0, 1, 0, handle_set_vring_kick),
	ROW(SET_VRING_CALL, U64, 0, 1, 0, handle_set_vring_call),
	ROW(SET_VRING_ERR, U64, 0, 1, 0, handle_set_vring_err),
	ROW(GET_PROTOCOL_FEATURES, 0, 0, 0, U64, handle_get_protocol_features),
	ROW(SET_PROTOCOL_FEATURES, U64, 0, 0, 0, handle_set_protocol_features),
	ROW(GET_QUEUE_NUM, 0, 0, 0, U64, handle_get_queue_num),
	ROW(SET_VRING_ENABLE, STATE, 0, 0, 0, handle_set_vring_enable),
	ROW(SET_BACKEND_REQ_FD, 0, 1, 1, 0, handle_set_backend_req_fd),
	ROW(IOTLB_MSG, sizeof(struct vu_iotlb), 0, 0, 0, handle_iotlb_msg),
	ROW(RESET_DEVICE, 0, 0, 0, 0, handle_reset_device),
	ROW(GET_MAX_MEM_SLOTS, 0, 0, 0, U64, handle_get_max_mem_slots),
	ROW(ADD_MEM_REG, sizeof(struct vu_mem_reg), 1, 1, 0, handle_add_mem_reg),
	/* Some front ends send the region's descriptor here, too. */
	ROW(REM_MEM_REG, sizeof(struct vu_mem_reg), 0, 1, 0, handle_rem_mem_reg),
};
/* clang-format on */

const struct vhost_request *vhost_request_find(uint32_t number)
{
	if (number >= VRNG_LENGTH(requests) || !requests[number].name)
		return NULL;
	return &requests[number];
}

int vhost_request_check(const struct vhost_request *request,
			const struct channel *channel, struct vrng_error *error)
{
	uint32_t size = channel->msg.header.size;
	unsigned int nfds = channel->nfds;

	if (size < request->size_min || size > request->size_max)
		return vrng_fail(error, EINVAL,
				 "size %" PRIu32 ", not %" PRIu32
				 " to %" PRIu32,
				 size, request->size_min, request->size_max);
	if (nfds < request->fds_min || nfds > request->fds_max)
		return vrng_fail(error, EINVAL, "%u descriptors, not %u to %u",
				 nfds, request->fds_min, request->fds_max);
	return 0;
}
