/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where clients of an EGD server come in: Unix sockets with an owner and a
 * mode, TCP on an address of one's own choice, sockets that systemd made.
 */
#ifndef DEVICE_EGD_SERVER_LISTEN_H
#define DEVICE_EGD_SERVER_LISTEN_H

#include <stdbool.h>
#include "rngd/base/listener.h"
#include "vrng/error.h"

struct egd_listen {
	int fd; /* owned */
	char name[160]; /* for messages, with the port that it has got */
	struct vrng_ours file; /* made here for a Unix socket */
};

/* "OWNER", "OWNER:GROUP" or ":GROUP", names or numbers. -EINVAL. */
int egd_listen_owner(struct vrng_listener_as *as, const char *text,
		     struct vrng_error *error);

/*
 * Listen at @address: unix:PATH, tcp:PORT (on the loopback, IPv4) or
 * tcp:ADDRESS:PORT, a numeric address, IPv6 in brackets. -EINVAL for another;
 * -EADDRINUSE where somebody listens. A socket file without a listener is
 * replaced; the new one has its path from @address, which must live as long.
 */
int egd_listen_at(struct egd_listen *listen, const char *address,
		  const struct vrng_listener_as *as, struct vrng_error *error);

/* Take over @fd, which must be a stream socket that listens. */
int egd_listen_inherited(struct egd_listen *listen, int fd,
			 struct vrng_error *error);

/*
 * How many descriptors systemd passed to this process (sd_listen_fds(3)),
 * beginning with EGD_LISTEN_FIRST_FD.
 */
#define EGD_LISTEN_FIRST_FD 3
int egd_listen_passed(void);

/* Remove the socket file, if it is still the one that was made here. */
void egd_listen_remove(struct egd_listen *listen);

/* The file stays. */
void egd_listen_close(struct egd_listen *listen);

#endif
