/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who the clients of an EGD server are, and how many connections each has: a
 * user id at a Unix socket, an address at TCP. One IPv6 host may have each
 * address of a /64, so the first 64 bits count.
 *
 * One thread, the server's.
 */
#ifndef DEVICE_EGD_SERVER_PEERS_H
#define DEVICE_EGD_SERVER_PEERS_H

#include <stdint.h>
#include <sys/socket.h>

struct egd_peer {
	uint64_t id;
	sa_family_t family; /* AF_UNIX, AF_INET or AF_INET6 */
	unsigned int connections; /* at least 1 */
};

struct egd_peers {
	void *tree; /* of tsearch(3) */
};

/*
 * The socket @fd was accepted from @address: count a connection of its peer.
 * NULL: no memory.
 */
struct egd_peer *egd_peers_add(struct egd_peers *peers, int fd,
			       const struct sockaddr_storage *address);

/* A connection of @peer has ended. @peer is freed with its last one. */
void egd_peers_remove(struct egd_peers *peers, struct egd_peer *peer);

/* "uid 1000", "192.0.2.7" or "2001:db8::/64", for messages. */
#define EGD_PEER_NAME 64
void egd_peer_name(const struct egd_peer *peer, char name[EGD_PEER_NAME]);

#endif
