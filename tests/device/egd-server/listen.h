/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listening sockets of an EGD server: Unix sockets with an owner and a mode,
 * TCP at a given address, and sockets that systemd passes.
 */
#ifndef DEVICE_EGD_SERVER_LISTEN_H
#define DEVICE_EGD_SERVER_LISTEN_H

#include "rngd/base/listener.h"
#include "vrng/error.h"

struct egd_listen {
	int fd; /* owned */
	char name[160]; /* for messages; has the port that the kernel chose */
	struct vrng_ours file; /* of a Unix socket that was made here */
};

/*
 * Listen at @address: unix:PATH, tcp:PORT (IPv4 loopback) or tcp:ADDRESS:PORT
 * with a numeric address, IPv6 in brackets. A socket file that has no listener
 * is replaced. @address must outlive @listen. 0; -EINVAL for another address;
 * -EADDRINUSE if another process listens there; or another negative errno.
 */
int egd_listen_at(struct egd_listen *listen, const char *address,
		  const struct vrng_listener_as *as, struct vrng_error *error);

/* Take @fd over, which must be a listening stream socket; -EINVAL if not. */
int egd_listen_inherited(struct egd_listen *listen, int fd,
			 struct vrng_error *error);

/* Remove the socket's file, if it is still the one that was made here. */
void egd_listen_remove(struct egd_listen *listen);

/* Close the socket. Its file stays. */
void egd_listen_close(struct egd_listen *listen);

#endif
