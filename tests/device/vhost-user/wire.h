/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vhost-user protocol as it is on the wire, in host byte order, after the
 * specification that QEMU publishes ("Vhost-user Protocol"): only what this
 * device takes part in. Sizes in bytes.
 */
#ifndef DEVICE_VHOST_USER_WIRE_H
#define DEVICE_VHOST_USER_WIRE_H

#include <stdint.h>

#define VU_VERSION	0x1U /* flags, bits 0-1 */
#define VU_VERSION_MASK 0x3U
#define VU_REPLY	0x4U
#define VU_NEED_REPLY	0x8U

#define VU_FDS	       8 /* in one message, by the specification */
#define VU_REGIONS     8 /* in one SET_MEM_TABLE */
#define VU_VRING_INDEX 0xffU /* of the u64 with a descriptor */
#define VU_VRING_NOFD  0x100U

#define VU_F_LOG_ALL  26 /* VHOST_F_LOG_ALL */
#define VU_F_PROTOCOL 30 /* VHOST_USER_F_PROTOCOL_FEATURES */

#define VU_PROTOCOL_MQ		 0
#define VU_PROTOCOL_LOG_SHMFD	 1
#define VU_PROTOCOL_REPLY_ACK	 3
#define VU_PROTOCOL_BACKEND_REQ	 5
#define VU_PROTOCOL_RESET_DEVICE 13
#define VU_PROTOCOL_MEM_SLOTS	 15 /* CONFIGURE_MEM_SLOTS */

enum vu_request {
	VU_GET_FEATURES = 1,
	VU_SET_FEATURES = 2,
	VU_SET_OWNER = 3,
	VU_RESET_OWNER = 4,
	VU_SET_MEM_TABLE = 5,
	VU_SET_LOG_BASE = 6,
	VU_SET_VRING_NUM = 8,
	VU_SET_VRING_ADDR = 9,
	VU_SET_VRING_BASE = 10,
	VU_GET_VRING_BASE = 11,
	VU_SET_VRING_KICK = 12,
	VU_SET_VRING_CALL = 13,
	VU_SET_VRING_ERR = 14,
	VU_GET_PROTOCOL_FEATURES = 15,
	VU_SET_PROTOCOL_FEATURES = 16,
	VU_GET_QUEUE_NUM = 17,
	VU_SET_VRING_ENABLE = 18,
	VU_SET_BACKEND_REQ_FD = 21,
	VU_RESET_DEVICE = 34,
	VU_GET_MAX_MEM_SLOTS = 36,
	VU_ADD_MEM_REG = 37,
	VU_REM_MEM_REG = 38,
};

struct vu_header {
	uint32_t request;
	uint32_t flags;
	uint32_t size; /* of the payload */
};

struct vu_state {
	uint32_t index;
	uint32_t num;
};

struct vu_addr {
	uint32_t index;
	uint32_t flags;
	uint64_t desc;
	uint64_t used;
	uint64_t avail;
	uint64_t log;
};

#define VU_ADDR_LOG 0x1U /* flags of struct vu_addr: @log counts */

struct vu_log {
	uint64_t size;
	uint64_t offset;
};

struct vu_region {
	uint64_t guest;
	uint64_t size;
	uint64_t front;
	uint64_t offset;
};

struct vu_mem_table {
	uint32_t n;
	uint32_t padding;
	struct vu_region region[VU_REGIONS];
};

struct vu_mem_reg {
	uint64_t padding;
	struct vu_region region;
};

union vu_payload {
	uint64_t u64;
	struct vu_state state;
	struct vu_addr addr;
	struct vu_log log;
	struct vu_mem_table table;
	struct vu_mem_reg reg;
};

struct vu_message {
	struct vu_header header;
	union vu_payload payload __attribute__((packed, aligned(4)));
};

#endif
