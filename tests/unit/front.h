/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A front end and a guest's driver in one, driven by hand, for tests: its
 * memory is a memfd, its ring is filled descriptor by descriptor, and messages
 * go out exactly as told, wrong ones included. It never waits.
 *
 * Two regions, so made that mix-ups show: they lie side by side for the guest,
 * far apart for the front end, and the other way round in the file, at an
 * offset that no huge page begins at.
 */
#ifndef DEVICE_FRONT_H
#define DEVICE_FRONT_H

#include <linux/virtio_ring.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/device/vhost-user/wire.h"

#define FRONT_REGION 0x100000 /* bytes of each */
#define FRONT_GUEST0 0x40000000ULL
#define FRONT_GUEST1 (FRONT_GUEST0 + FRONT_REGION)
#define FRONT_END    (FRONT_GUEST1 + FRONT_REGION)
#define FRONT_FRONT0 0x7f1234500000ULL
#define FRONT_FRONT1 0x7e0000000000ULL
#define FRONT_OFF0   (FRONT_REGION + 0x3000)
#define FRONT_OFF1   0x1000
#define FRONT_FILE   (FRONT_OFF0 + FRONT_REGION)

/* Where things are, as guest addresses. Buffers may go behind. */
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
	uint16_t num;
	uint16_t offered; /* our available index */
	uint16_t taken; /* used elements seen */
	int sock; /* our end, or -1 */
	int kick;
	int call; /* eventfds, or -1 */
};

/* Memory and a ring of @num, all zeros. 0 or a negative errno. */
int front_init(struct front *f, uint16_t num);
void front_done(struct front *f);

/* ---- the guest's side ---- */

/* Pointer to guest address @guest. */
void *front_mem(const struct front *f, uint64_t guest);
struct vring_avail *front_avail(const struct front *f);
struct vring_used *front_used(const struct front *f);
/* The front end's address of what the guest has at @guest. */
uint64_t front_addr(uint64_t guest);

/* Begin with indexes at @idx, as a ring that has been in use. */
void front_begin_at(struct front *f, uint16_t idx);
void front_desc(struct front *f, uint16_t i, uint64_t addr, uint32_t len,
		uint16_t flags, uint16_t next);
/* Make chain @head available. */
void front_offer(struct front *f, uint16_t head);
/* The next answer, if there is one. */
bool front_answer(struct front *f, uint32_t *id, uint32_t *len);
int front_kick(struct front *f);
/* Interrupts since the last call of this. */
uint64_t front_interrupts(struct front *f);
void front_set_used_event(struct front *f, uint16_t idx);
uint16_t front_avail_event(const struct front *f);

/* ---- the front end's side ---- */

/* Send a message, any message. 0 or a negative errno. */
int front_send(struct front *f, uint32_t request, uint32_t flags,
	       const void *payload, size_t size, const int *fds,
	       unsigned int nfds);
/* A header that announces @size bytes which do not follow, with @fd. */
int front_send_part(struct front *f, uint32_t request, uint32_t size, int fd);
int front_send_u64(struct front *f, uint32_t request, uint64_t value);
int front_send_state(struct front *f, uint32_t request, uint32_t index,
		     uint32_t num);
int front_send_fd(struct front *f, uint32_t request, int fd);
int front_send_addr(struct front *f);
int front_send_mem_table(struct front *f);
struct vu_region front_region(int i);

/* A reply, whole: its payload's size, or -EAGAIN, -ECONNRESET. */
int front_reply(struct front *f, struct vu_message *msg);

/* All messages that it takes to start the ring but ENABLE, none with an ack. */
int front_send_ring(struct front *f, uint64_t features, uint16_t base);

#endif
