/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A front end and a guest's driver in one, which tests drive by hand. Its memory
 * is a memfd, its split ring is filled descriptor by descriptor, and it sends
 * any message, invalid ones included. No call waits.
 *
 * The memory has two regions, placed so that a mix-up of addresses fails: they
 * are adjacent for the guest, far apart for the front end, and in the other
 * order in the file, at offsets that are not aligned to a huge page.
 *
 * Functions that return int return 0 or a negative errno, if not said otherwise.
 */
#ifndef UNIT_FRONT_H
#define UNIT_FRONT_H

#include <linux/virtio_ring.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/device/vhost-user/wire.h"

#define FRONT_REGION 0x100000 /* bytes of each region */
/* Guest addresses of the regions, and of the first byte behind them. */
#define FRONT_GUEST0 0x40000000ULL
#define FRONT_GUEST1 (FRONT_GUEST0 + FRONT_REGION)
#define FRONT_END    (FRONT_GUEST1 + FRONT_REGION)
/* Front-end addresses. */
#define FRONT_FRONT0 0x7f1234500000ULL
#define FRONT_FRONT1 0x7e0000000000ULL
/* Offsets in the file, and its size. */
#define FRONT_OFF0 (FRONT_REGION + 0x3000)
#define FRONT_OFF1 0x1000
#define FRONT_FILE (FRONT_OFF0 + FRONT_REGION)

/*
 * Guest addresses of the ring, if front_place() sets no others; buffers may be
 * anywhere from FRONT_BUF on.
 */
#define FRONT_DESC  FRONT_GUEST0
#define FRONT_AVAIL (FRONT_GUEST0 + 0x4000)
#define FRONT_USED  (FRONT_GUEST0 + 0x8000)
#define FRONT_BUF   (FRONT_GUEST0 + 0x10000)

#define FRONT_FEATURES                        \
	(1ULL << 32 | 1ULL << VU_F_PROTOCOL | \
	 1ULL << VIRTIO_RING_F_INDIRECT_DESC)
#define FRONT_EVENT_IDX (1ULL << VIRTIO_RING_F_EVENT_IDX)

struct front {
	int memfd;
	unsigned char *file; /* all of it, mapped */
	uint16_t num; /* entries of the ring */
	uint64_t desc; /* guest addresses of its parts */
	uint64_t avail;
	uint64_t used;
	uint16_t offered; /* available index */
	uint16_t taken; /* used index up to which answers were taken */
	int sock; /* the front end's end of the connection, or -1; owned */
	int kick; /* eventfd, owned */
	int call; /* eventfd, owned */
};

/* Memory, all zeros, with a ring of @num entries; no connection yet. */
int front_init(struct front *f, uint16_t num);
void front_done(struct front *f);
/*
 * A ring of @num entries, up to 32768, in the second region, and nothing else
 * there. The memory is not cleared.
 */
void front_place(struct front *f, uint16_t num);

/* ---- the guest's side ---- */

/* Pointer to guest address @guest. */
void *front_mem(const struct front *f, uint64_t guest);
struct vring_avail *front_avail(const struct front *f);
struct vring_used *front_used(const struct front *f);
/* Front-end address of guest address @guest. */
uint64_t front_addr(uint64_t guest);

/* Set both indexes to @idx, as in a ring that was in use. */
void front_begin_at(struct front *f, uint16_t idx);
/* Write descriptor @i of the ring. */
void front_desc(struct front *f, uint16_t i, uint64_t addr, uint32_t len,
		uint16_t flags, uint16_t next);
/* Make the chain that begins at descriptor @head available. */
void front_offer(struct front *f, uint16_t head);
/* Take the next answer. False if there is none. */
bool front_answer(struct front *f, uint32_t *id, uint32_t *len);
/* Signal the kick eventfd. */
int front_kick(struct front *f);
/* Interrupts since the last call. */
uint64_t front_interrupts(struct front *f);
/* The event indexes of VIRTIO_F_EVENT_IDX. */
void front_set_used_event(struct front *f, uint16_t idx);
uint16_t front_avail_event(const struct front *f);

/* ---- the front end's side ---- */

/* Send any message, with @nfds descriptors. */
int front_send(struct front *f, uint32_t request, uint32_t flags,
	       const void *payload, size_t size, const int *fds,
	       unsigned int nfds);
/* Send only a header, which announces @size bytes of payload, with @fd. */
int front_send_part(struct front *f, uint32_t request, uint32_t size, int fd);
/* Send a message with this payload, without need_reply. */
int front_send_u64(struct front *f, uint32_t request, uint64_t value);
int front_send_state(struct front *f, uint32_t request, uint32_t index,
		     uint32_t num);
int front_send_fd(struct front *f, uint32_t request, int fd);
int front_send_addr(struct front *f);
int front_send_mem_table(struct front *f);
/* Description of region @i, 0 or 1. */
struct vu_region front_region(int i);

/*
 * Receive a reply. Returns the size of its payload, -EAGAIN if there is none,
 * -ECONNRESET if the connection has ended, or -EPROTO.
 */
int front_reply(struct front *f, struct vu_message *msg);

/*
 * Send all messages that set up the ring, but for SET_VRING_ENABLE; none of them
 * has a reply.
 */
int front_send_ring(struct front *f, uint64_t features, uint16_t base);

/* Connect to the device that listens at @path. 0 or a negative errno. */
int front_connect(struct front *f, const char *path);
/* Send all messages that start the ring. */
int front_start(struct front *f, uint64_t features);

#endif
