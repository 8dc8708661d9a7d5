/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two layouts of a virtqueue have to offer, and what they share. */
#ifndef DEVICE_VIRTQUEUE_VIRTQ_RING_H
#define DEVICE_VIRTQUEUE_VIRTQ_RING_H

#include "tests/device/virtqueue/virtq_types.h"
#include "vrng/error.h"

/* A descriptor, copied and in host byte order. */
struct virtq_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags; /* VRING_DESC_F_* */
	uint16_t next; /* or id */
};

/* As the functions of virtq.h that bear these names; each is required. */
struct virtq_ops {
	int (*start)(struct virtq *vq, const struct virtq_place *place,
		     struct vrng_error *error);
	bool flags_last; /* in a descriptor, behind the id */
	int (*available)(struct virtq *vq); /* > 0: there is a request */
	int (*peek)(struct virtq *vq, struct virtq_request *req);
	void (*skip)(struct virtq *vq, const struct virtq_request *req);
	void (*answer)(struct virtq *vq, const struct virtq_request *req,
		       uint32_t id, uint32_t len);
	/* virtq_mark() the ids that requests wait under. */
	void (*mark_busy)(const struct virtq *vq, unsigned char *busy);
	bool (*publish)(struct virtq *vq);
	void (*rearm)(struct virtq *vq);
	uint32_t (*base)(const struct virtq *vq);
};

/* Shared numbers, each read or written once. */
uint16_t virtq_load16(const uint16_t *p);
void virtq_store16(uint16_t *p, uint16_t value);

/* A part of the ring: @len bytes, aligned; NULL where there is no such. */
void *virtq_part(const struct virtq *vq, uint64_t addr, size_t len,
		 size_t align);
/* For a ring whose parts are not to be had. */
int virtq_misplaced(const struct virtq_place *place, struct vrng_error *error);

/* Returns -EPROTO. */
int virtq_break(struct virtq *vq, const char *how);

/* Of a bit for each id. One that is beyond all rings counts as another one. */
void virtq_mark(unsigned char *busy, uint16_t id);

/* The descriptor at @from, wherever that is. */
void virtq_copy(const struct virtq *vq, struct virtq_desc *d, const void *from);

/* Descriptor @i of the indirect table at guest address @table. */
const char *virtq_fetch(const struct virtq *vq, uint64_t table, uint32_t i,
			struct virtq_desc *d);

/* Descriptors in the indirect table that @d describes, or 0 for a wrong one. */
uint32_t virtq_table_size(const struct virtq_desc *d);

bool virtq_request_full(const struct virtq_request *req);

/* Take @d into @req, as far as that has room. What is wrong with it, or NULL. */
const char *virtq_request_add(const struct virtq *vq, struct virtq_request *req,
			      const struct virtq_desc *d);

#endif
