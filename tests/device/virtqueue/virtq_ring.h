/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a layout of a virtqueue implements, and what the two layouts share:
 * access to the ring, and building a request from descriptors.
 *
 * Functions that return a string return what is wrong, or NULL if nothing is.
 */
#ifndef DEVICE_VIRTQUEUE_VIRTQ_RING_H
#define DEVICE_VIRTQUEUE_VIRTQ_RING_H

#include "tests/device/virtqueue/virtq_types.h"
#include "vrng/error.h"

/* A copy of a descriptor, in host byte order. */
struct virtq_desc {
	uint64_t addr; /* guest address */
	uint32_t len; /* bytes */
	uint16_t flags; /* VRING_DESC_F_* */
	uint16_t next; /* split: the next descriptor; packed: the buffer id */
};

/* Each does what the virtq.h function of its name says. All are required. */
struct virtq_ops {
	int (*start)(struct virtq *vq, const struct virtq_place *place,
		     struct vrng_error *error);
	bool flags_last; /* the flags are the descriptor's last field */
	/* Requests that wait, or at least whether any does; -EPROTO: broken. */
	int (*available)(struct virtq *vq);
	/* Called only if a request is available. */
	int (*peek)(struct virtq *vq, struct virtq_request *req);
	void (*skip)(struct virtq *vq, const struct virtq_request *req);
	void (*answer)(struct virtq *vq, const struct virtq_request *req,
		       uint32_t id, uint32_t len);
	/* virtq_mark() the id of each available request in @busy. */
	void (*mark_busy)(const struct virtq *vq, unsigned char *busy);
	bool (*publish)(struct virtq *vq);
	void (*rearm)(struct virtq *vq);
	uint32_t (*base)(const struct virtq *vq);
};

/*
 * Read or write a little-endian number in the ring, with one access and no
 * ordering.
 */
uint16_t virtq_load16(const uint16_t *p);
void virtq_store16(uint16_t *p, uint16_t value);

/*
 * A part of the ring: @len bytes at front-end address @addr, aligned to @align
 * bytes, in one region. NULL if there is no such memory.
 */
void *virtq_part(const struct virtq *vq, uint64_t addr, size_t len,
		 size_t align);

/* Report that virtq_part() found no memory for @place. Returns -EFAULT. */
int virtq_misplaced(const struct virtq_place *place, struct vrng_error *error);

/* Mark the ring as broken; @how is a string literal. Returns -EPROTO. */
int virtq_break(struct virtq *vq, const char *how);

/*
 * Set the bit of @id in @busy, which has VIRTQ_NUM_MAX bits. An id beyond that
 * sets the bit of another id.
 */
void virtq_mark(unsigned char *busy, uint16_t id);

/* Copy the descriptor at @from, in the ring or in an indirect table. */
void virtq_copy(const struct virtq *vq, struct virtq_desc *d, const void *from);

/* Copy descriptor @i of the indirect table at guest address @table. */
const char *virtq_fetch(const struct virtq *vq, uint64_t table, uint32_t i,
			struct virtq_desc *d);

/*
 * Number of descriptors in the indirect table that @d describes, or 0 if its
 * length is no multiple of a descriptor's or above VIRTQ_INDIRECT of them.
 */
uint32_t virtq_table_size(const struct virtq_desc *d);

/* True if @req has reached VIRTQ_REQUEST_MAX or VIRTQ_SEGMENTS. */
bool virtq_request_full(const struct virtq_request *req);

/* Add the buffer of @d to @req, as far as @req has room for it. */
const char *virtq_request_add(const struct virtq *vq, struct virtq_request *req,
			      const struct virtq_desc *d);

#endif
