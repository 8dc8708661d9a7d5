/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of the vhost-user protocol, as far as this device uses it. Names and
 * numbers are those of QEMU's document "Vhost-user Protocol", whose sections
 * are named below. All numbers are in host byte order, all sizes in bytes.
 */
#ifndef DEVICE_VHOST_USER_WIRE_H
#define DEVICE_VHOST_USER_WIRE_H

#include <stdint.h>

/* Flags of the header ("Header"). */
#define VU_VERSION	0x1U /* bits 0 and 1: the version, which is 1 */
#define VU_VERSION_MASK 0x3U
#define VU_REPLY	0x4U
#define VU_NEED_REPLY	0x8U /* needs VHOST_USER_PROTOCOL_F_REPLY_ACK */

#define VU_REGIONS 8 /* in a SET_MEM_TABLE ("Memory regions description") */
#define VU_FDS	   VU_REGIONS /* no message has more descriptors than that one */

/* The u64 of SET_VRING_KICK, _CALL and _ERR. */
#define VU_VRING_INDEX 0xffU /* bits 0 to 7: the ring */
#define VU_VRING_NOFD  0x100U /* no descriptor comes with the message */

/* Bits of the virtio features that belong to vhost. */
#define VU_F_LOG_ALL  26 /* VHOST_F_LOG_ALL */
#define VU_F_PROTOCOL 30 /* VHOST_USER_F_PROTOCOL_FEATURES */

/* Bits of the protocol features ("Protocol features"). */
#define VU_PROTOCOL_MQ		 0
#define VU_PROTOCOL_LOG_SHMFD	 1
#define VU_PROTOCOL_REPLY_ACK	 3
#define VU_PROTOCOL_BACKEND_REQ	 5
#define VU_PROTOCOL_RESET_DEVICE 13
#define VU_PROTOCOL_MEM_SLOTS	 15 /* CONFIGURE_MEM_SLOTS */

/* Requests of the front end ("Front-end message types"). */
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
	VU_IOTLB_MSG = 22,
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

/* "A vring state description". */
struct vu_state {
	uint32_t index;
	uint32_t num;
};

/* "A vring address description". Addresses are the front end's but for @log. */
struct vu_addr {
	uint32_t index;
	uint32_t flags; /* VU_ADDR_* */
	uint64_t desc;
	uint64_t used;
	uint64_t avail;
	uint64_t log; /* guest address to log writes to the used ring at */
};

#define VU_ADDR_LOG 0x1U /* VHOST_VRING_F_LOG: @log is valid */

/* "Log description": the part of the log's file to map. */
struct vu_log {
	uint64_t size;
	uint64_t offset;
};

/* A region ("Memory regions description"). */
struct vu_region {
	uint64_t guest; /* guest physical address */
	uint64_t size;
	uint64_t front; /* address in the front end's process */
	uint64_t offset; /* of the region in its file ("mmap offset") */
};

/* "Memory regions description": one descriptor comes with each region. */
struct vu_mem_table {
	uint32_t n; /* regions */
	uint32_t padding;
	struct vu_region region[VU_REGIONS];
};

/* "Single memory region description". */
struct vu_mem_reg {
	uint64_t padding;
	struct vu_region region;
};

/* "IOTLB message": a translation of the guest's IOMMU. */
struct vu_iotlb {
	uint64_t iova;
	uint64_t size;
	uint64_t front; /* address in the front end's process */
	uint8_t perm;
	uint8_t type;
	uint8_t padding[6];
};

union vu_payload {
	uint64_t u64;
	struct vu_state state;
	struct vu_addr addr;
	struct vu_log log;
	struct vu_mem_table table;
	struct vu_mem_reg reg;
	struct vu_iotlb iotlb;
};

struct vu_message {
	struct vu_header header;
	union vu_payload payload __attribute__((packed, aligned(4)));
};

#endif
