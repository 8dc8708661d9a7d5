// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ring BATCH MS: measures the virtqueue alone, without a guest, a socket or a
 * wait. The driver's side offers BATCH requests, the device's side answers and
 * publishes them, and the driver's side takes the answers, for MS milliseconds
 * each with a split and a packed ring. Prints "split=NANOSECONDS
 * packed=NANOSECONDS" for one request, both sides included.
 */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/unit/front.h"
#include "tests/device/guest-memory/map.h"
#include "tests/device/virtqueue/virtq.h"
#include "tests/unit/front_rig.h"

#define NUM   256
#define BYTES 64
#define AVAIL (1U << VRING_PACKED_DESC_F_AVAIL)
#define USED  (1U << VRING_PACKED_DESC_F_USED)

struct bench {
	struct front front;
	struct memmap *map;
	struct virtq vq;
	/* the driver's side of a packed ring, which front.h lacks */
	uint16_t next, used;
	bool lap, used_lap;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* -------------------------------------------------------- the driver's side */

static void split_offer(struct bench *b)
{
	const uint16_t i = b->front.offered % NUM;

	front_desc(&b->front, i, FRONT_BUF + i * BYTES, BYTES,
		   VRING_DESC_F_WRITE, 0);
	front_offer(&b->front, i);
}

static bool split_take(struct bench *b)
{
	uint32_t id, len;

	return front_answer(&b->front, &id, &len) && len == BYTES;
}

static struct vring_packed_desc *slot(struct bench *b, uint16_t i)
{
	return (struct vring_packed_desc *)front_mem(&b->front, FRONT_DESC) + i;
}

static void step(uint16_t *at, bool *lap)
{
	if (++*at < NUM)
		return;
	*at = 0;
	*lap = !*lap;
}

static void packed_offer(struct bench *b)
{
	struct vring_packed_desc *d = slot(b, b->next);
	const uint16_t flags = VRING_DESC_F_WRITE | (b->lap ? AVAIL : USED);

	d->addr = htole64(FRONT_BUF + b->next * BYTES);
	d->len = htole32(BYTES);
	d->id = htole16(b->next);
	__atomic_store_n(&d->flags, htole16(flags), __ATOMIC_RELEASE);
	step(&b->next, &b->lap);
}

static bool packed_take(struct bench *b)
{
	const struct vring_packed_desc *d = slot(b, b->used);
	const uint16_t flags =
		le16toh(__atomic_load_n(&d->flags, __ATOMIC_ACQUIRE));

	if (!(flags & AVAIL) != !b->used_lap || !(flags & USED) != !b->used_lap)
		return false;
	step(&b->used, &b->used_lap);
	return le32toh(d->len) == BYTES;
}

struct driver {
	void (*offer)(struct bench *b);
	bool (*take)(struct bench *b);
	bool packed;
};

static const struct driver split_driver = { split_offer, split_take, false };
static const struct driver packed_driver = { packed_offer, packed_take, true };

/*
 * ------------------------------------------------------------------ the bench
 */

/* Offer, answer and take @batch requests. Returns whether all were answered. */
static bool round_trip(struct bench *b, const struct driver *driver,
		       unsigned int batch)
{
	struct virtq_request req;
	unsigned int i;

	for (i = 0; i < batch; i++)
		driver->offer(b);
	while (virtq_peek(&b->vq, &req) == 1)
		virtq_done(&b->vq, &req, BYTES);
	virtq_publish(&b->vq);
	for (i = 0; i < batch; i++)
		if (!driver->take(b))
			return false;
	return true;
}

static bool start(struct bench *b, const struct driver *driver)
{
	const struct virtq_place place = {
		.desc = front_addr(FRONT_DESC),
		.avail = front_addr(FRONT_AVAIL),
		.used = front_addr(FRONT_USED),
		.num = NUM,
		.base = driver->packed ? VIRTQ_PACKED_BASE : 0,
		.packed = driver->packed,
	};

	memset(b, 0, sizeof(*b));
	b->lap = b->used_lap = true;
	if (front_init(&b->front, NUM))
		return false;
	b->map = rig_map(&b->front);
	return b->map && !virtq_start(&b->vq, b->map, &place, NULL);
}

/* Returns nanoseconds a request, or a negative number on failure. */
static double measure(const struct driver *driver, unsigned int batch,
		      unsigned int ms)
{
	static struct bench b;
	const bool started = start(&b, driver);
	const uint64_t began = now_ns();
	uint64_t count = 0, took = 0;
	bool good = started;

	while (good && took < ms * 1000000ull) {
		for (int i = 0; good && i < 64; i++, count += batch)
			good = round_trip(&b, driver, batch);
		took = now_ns() - began;
	}
	memmap_free(b.map);
	front_done(&b.front);
	return good ? (double)took / (double)count : -1;
}

int main(int argc, char **argv)
{
	const long batch = argc == 3 ? atol(argv[1]) : 0;
	const long ms = argc == 3 ? atol(argv[2]) : 0;
	double split, packed;

	if (batch < 1 || batch > NUM || ms < 1 || ms > 60000) {
		fprintf(stderr, "usage: ring BATCH MS, 1 to %d and 60000\n",
			NUM);
		return 64;
	}
	split = measure(&split_driver, (unsigned int)batch, (unsigned int)ms);
	packed = measure(&packed_driver, (unsigned int)batch, (unsigned int)ms);
	if (split < 0 || packed < 0) {
		fprintf(stderr, "ring: a request was not answered\n");
		return 1;
	}
	printf("split=%.1f packed=%.1f\n", split, packed);
	return 0;
}
