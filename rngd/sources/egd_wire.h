/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The protocol of the Entropy Gathering Daemon, on a stream socket. Client and
 * server use these constants. It has no version and no error replies:
 *
 *	command			request			reply
 *	level			00			u32 big endian, bits
 *	read, non-blocking	01 N			M, then M <= N bytes
 *	read, blocking		02 N			N bytes, no length
 *	write			03 bitsHi bitsLo N data	none
 *	pid			04			L, then L ASCII bytes
 *
 * Replies come in the order of the requests. A client may send a request before
 * it has the reply to the one before. Source: README and egd.pl of EGD 0.9, and
 * the requests of QEMU's rng-egd and libgcrypt.
 */
#ifndef RNGD_SOURCES_EGD_WIRE_H
#define RNGD_SOURCES_EGD_WIRE_H

#define VRNG_EGD_LEVEL 0x00
#define VRNG_EGD_READ  0x01
#define VRNG_EGD_WAIT  0x02
#define VRNG_EGD_WRITE 0x03
#define VRNG_EGD_PID   0x04

/* The most bytes of one read or write: N is one byte. */
#define VRNG_EGD_MAX 255

#endif
