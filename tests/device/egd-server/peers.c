// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <netinet/in.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/device/egd-server/peers.h"

static int compare(const void *left, const void *right)
{
	const struct egd_peer *a = left, *b = right;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

/* An IPv4 client at an IPv6 socket is the same peer as at an IPv4 one. */
static void identify_v6(struct egd_peer *peer, const struct in6_addr *address)
{
	uint32_t v4;

	if (!IN6_IS_ADDR_V4MAPPED(address)) {
		memcpy(&peer->id, address, sizeof(peer->id));
		return;
	}
	memcpy(&v4, address->s6_addr + 12, sizeof(v4));
	peer->family = AF_INET;
	peer->id = v4;
}

static void identify(struct egd_peer *peer, int fd,
		     const struct sockaddr_storage *address)
{
	struct ucred ucred = { .uid = (uid_t)-1 };
	socklen_t len = sizeof(ucred);

	peer->family = address->ss_family;
	switch (address->ss_family) {
	case AF_INET:
		peer->id =
			((const struct sockaddr_in *)address)->sin_addr.s_addr;
		break;
	case AF_INET6:
		identify_v6(peer,
			    &((const struct sockaddr_in6 *)address)->sin6_addr);
		break;
	default:
		/* If it fails, the peer is the unknown user. */
		(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &ucred, &len);
		peer->id = ucred.uid;
	}
}

struct egd_peer *egd_peers_add(struct egd_peers *peers, int fd,
			       const struct sockaddr_storage *address)
{
	struct egd_peer *peer = calloc(1, sizeof(*peer)), **found;

	if (!peer)
		return NULL;
	identify(peer, fd, address);
	found = tsearch(peer, &peers->tree, compare);
	if (!found || *found != peer)
		free(peer);
	if (!found)
		return NULL;
	(*found)->connections++;
	return *found;
}

void egd_peers_remove(struct egd_peers *peers, struct egd_peer *peer)
{
	if (--peer->connections)
		return;
	(void)tdelete(peer, &peers->tree, compare);
	free(peer);
}

void egd_peer_name(const struct egd_peer *peer, char name[EGD_PEER_NAME])
{
	struct in6_addr v6 = { 0 };
	struct in_addr v4 = { .s_addr = (in_addr_t)peer->id };
	char text[INET6_ADDRSTRLEN];

	if (peer->family == AF_INET) {
		(void)inet_ntop(AF_INET, &v4, name, EGD_PEER_NAME);
	} else if (peer->family == AF_INET6) {
		memcpy(&v6, &peer->id, sizeof(peer->id));
		(void)inet_ntop(AF_INET6, &v6, text, sizeof(text));
		snprintf(name, EGD_PEER_NAME, "%s/64", text);
	} else {
		snprintf(name, EGD_PEER_NAME, "uid %u", (uid_t)peer->id);
	}
}
