/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes for one guest, ahead of its requests: a ring in locked memory that one
 * thread fills and another draws from. What is drawn is wiped in the ring, so
 * that no byte can come out of it twice.
 *
 * Neither side ever waits in here. Filling rings @data; drawing rings @room
 * when the filler has asked for that.
 *
 *  A  tank_fill(): store @filled, release. Partner: tank_draw()'s acquire.
 *  B  tank_draw(): store @drawn, release, after the wipe. Partner:
 *     tank_room()'s acquire, so that nothing is filled in before it is wiped.
 *  C  tank_ask() and tank_draw(): full, between one's store of @asked and load
 *     of @drawn and the other's store of @drawn and load of @asked. Without it
 *     both may miss the other's, and the filler waits for ever.
 */
#ifndef DEVICE_TANK_H
#define DEVICE_TANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define TANK_SIZE 65536 /* bytes, a power of two */

struct say;

struct tank {
	unsigned char *ring; /* TANK_SIZE bytes */
	uint64_t filled; /* by the filler, in all */
	uint64_t drawn; /* by the drawer, in all */
	bool asked; /* ring @room with the next draw */
	bool open; /* the drawer wants bytes */
	int data; /* eventfd, the tank's own */
	int room; /* eventfd, not owned: may be shared by many */
};

/* 0 or a negative errno. */
int tank_init(struct tank *tank, int room, const struct say *say);
void tank_done(struct tank *tank);

/* ---- the filler ---- */

/* Bytes in it, free for a closed one to be full for ever. */
size_t tank_level(const struct tank *tank);
bool tank_is_open(const struct tank *tank);
/* Where up to @max bytes may be put: segments of @part, and how many. */
int tank_room(const struct tank *tank, struct iovec part[2], size_t max);
/* @n bytes were put there. */
void tank_fill(struct tank *tank, size_t n);
/* Ring @room when there is room or the tank is opened. True: look again. */
bool tank_ask(struct tank *tank);

/* ---- the drawer ---- */

/* Bytes are wanted, or no longer; those that are in it stay. */
void tank_open(struct tank *tank, bool open);
/* Up to @len bytes into @buf: how many. After 0, wait with @data. */
size_t tank_draw(struct tank *tank, void *buf, size_t len);

#endif
