// SPDX-License-Identifier: GPL-2.0-or-later
/* Names and addresses of hosts: see host.h. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "rngd/base/array.h"
#include "rngd/sources/host.h"

#define LOCAL "127.0.0.1"

/* The names that distributions have in hosts(5). */
static bool is_local_name(const char *host)
{
	static const char *const names[] = {
		"localhost",	"localhost.localdomain",   "localhost4",
		"localhost6",	"localhost4.localdomain4", "ip6-localhost",
		"ip6-loopback", "localhost6.localdomain6",
	};
	size_t i;

	for (i = 0; i < VRNG_LENGTH(names); i++)
		if (!strcasecmp(host, names[i]))
			return true;
	return false;
}

/* False: it is an address of IPv6 alone. */
static bool to_ipv4(const struct in6_addr *v6, struct in_addr *v4)
{
	if (IN6_IS_ADDR_V4MAPPED(v6))
		memcpy(v4, v6->s6_addr + 12, sizeof(*v4));
	else if (IN6_IS_ADDR_LOOPBACK(v6) || IN6_IS_ADDR_UNSPECIFIED(v6))
		v4->s_addr = htonl(INADDR_LOOPBACK);
	else
		return false;
	return true;
}

static void unify_address(char host[VRNG_HOST_SIZE])
{
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_pton(AF_INET6, host, &v6) == 1) {
		if (!to_ipv4(&v6, &v4)) {
			(void)inet_ntop(AF_INET6, &v6, host, VRNG_HOST_SIZE);
			return;
		}
	} else if (!inet_aton(host, &v4)) {
		return;
	}
	if (v4.s_addr == htonl(INADDR_ANY))
		v4.s_addr = htonl(INADDR_LOOPBACK);
	(void)inet_ntop(AF_INET, &v4, host, VRNG_HOST_SIZE);
}

void vrng_host_unify(char host[VRNG_HOST_SIZE], const char *text, size_t len)
{
	if (len > VRNG_HOST_SIZE - 1)
		len = VRNG_HOST_SIZE - 1;
	if (len > 1 && text[len - 1] == '.')
		len--;
	memcpy(host, text, len);
	host[len] = '\0';
	if (is_local_name(host))
		memcpy(host, LOCAL, sizeof(LOCAL));
	else
		unify_address(host);
}

static bool is_loopback(struct in_addr address)
{
	return ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
}

bool vrng_host_is_local(const char *host)
{
	struct in_addr address;

	return inet_pton(AF_INET, host, &address) == 1 && is_loopback(address);
}

bool vrng_host_is_local_address(const struct sockaddr *address)
{
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;

	if (address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof(v4));
		return is_loopback(v4.sin_addr);
	}
	if (address->sa_family != AF_INET6)
		return false;
	memcpy(&v6, address, sizeof(v6));
	return to_ipv4(&v6.sin6_addr, &v4.sin_addr) && is_loopback(v4.sin_addr);
}
