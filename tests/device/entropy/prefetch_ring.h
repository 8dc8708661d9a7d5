/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes ahead of those who want them, one guest or the clients of an EGD server:
 * a ring in locked memory that one thread fills and another draws from. What is
 * drawn is wiped in the ring, so that no byte can come out of it twice.
 *
 * Neither side ever waits in here. Filling rings @data; drawing rings @room
 * when the filler has asked for that and half of what is wanted has been used
 * up, so that it is called seldom and then for much.
 *
 *  A  tank_fill(): store @filled, release. Partner: tank_front()'s acquire.
 *  B  tank_drop(): store @drawn, release, after the wipe. Partner:
 *     tank_level()'s acquire, so that nothing is filled in before it is wiped.
 *  C  tank_ask() and tank_drop(), or tank_want(): full, between one's store of
 *     @asked and load of @drawn and @goal, and the other's store of one of these
 *     and load of @asked. Without it both may miss the other's, and the filler
 *     waits for ever.
 */
#ifndef DEVICE_TANK_H
#define DEVICE_TANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct say;

struct tank {
	unsigned char *ring;
	size_t size; /* bytes, a power of two */
	uint64_t filled; /* by the filler, in all */
	uint64_t drawn; /* by the drawer, in all */
	size_t goal; /* by the drawer: so many are wanted; 0: it is closed */
	bool asked; /* ring @room when half of that is used up */
	int data; /* eventfd, the tank's own */
	int room; /* eventfd, not owned: may be shared by many */
};

/* 0 or a negative errno. */
int tank_init(struct tank *tank, size_t size, int room, const struct say *say);
void tank_done(struct tank *tank);

/* ---- either ---- */

/* Bytes in it. */
size_t tank_level(const struct tank *tank);

/* ---- the filler ---- */

bool tank_is_open(const struct tank *tank);
/* How many bytes less there are than are wanted. */
size_t tank_lack(const struct tank *tank);
/* Where up to @max bytes may be put: segments of @part, and how many. */
int tank_room(const struct tank *tank, struct iovec part[2], size_t max);
/* @n bytes were put there. */
void tank_fill(struct tank *tank, size_t n);
/* Ring @room when more are wanted. True: they are by now; look again. */
bool tank_ask(struct tank *tank);

/* ---- the drawer ---- */

/*
 * So many bytes (at most the tank's size) are to be at hand, or with 0 none any
 * more. Opening and closing ring @room in any case. Those that are in it stay.
 */
void tank_want(struct tank *tank, size_t goal);
/* Take what @data has told. To be called before the look that it told to take. */
void tank_hear(const struct tank *tank);
/* The first @max bytes, or as many as there are: in 0 to 2 pieces. */
int tank_front(const struct tank *tank, struct iovec part[2], size_t max);
/* The first @n bytes are used up, and wiped. */
void tank_drop(struct tank *tank, size_t n);
/* Up to @len bytes into @buf: how many. After 0, wait with @data. */
size_t tank_draw(struct tank *tank, void *buf, size_t len);

#endif
