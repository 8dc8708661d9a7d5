/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and addresses of hosts, without asking a name service. */
#ifndef RNGD_SOURCES_HOST_H
#define RNGD_SOURCES_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* A name has up to 253 characters; of a longer text the beginning counts. */
#define VRNG_HOST_SIZE 256

/*
 * Write one form for all ways to write the host of @len bytes at @text:
 *
 *	an address	as inet_ntop(3) writes it. An IPv4 address may have fewer
 *			parts or other bases (127.1), or be mapped into IPv6
 *	this machine	"127.0.0.1" for the names of the loopback interface in
 *			hosts(5), ::1, and the unspecified addresses, which
 *			connect(2) takes for it
 *	another name	as it is, without the dot at its end. Two names may differ
 *			in case
 */
void vrng_host_unify(char host[VRNG_HOST_SIZE], const char *text, size_t len);

/* Is the unified @host an address of the loopback interface? */
bool vrng_host_is_local(const char *host);

/* The same of an address of a socket: AF_INET, or AF_INET6. */
bool vrng_host_is_local_address(const struct sockaddr *address);

#endif
