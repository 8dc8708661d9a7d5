// SPDX-License-Identifier: GPL-2.0-or-later
/* Who the clients of egd-server are, and which of them makes room for a new one. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "rngd/base/array.h"
#include "tests/device/egd-server/connections.h"

static struct egd_peers peers;

static struct sockaddr_storage address(const char *text)
{
	struct sockaddr_storage at = { .ss_family = AF_INET };

	if (inet_pton(AF_INET, text, &((struct sockaddr_in *)&at)->sin_addr))
		return at;
	at.ss_family = AF_INET6;
	assert_int_equal(inet_pton(AF_INET6, text,
				   &((struct sockaddr_in6 *)&at)->sin6_addr),
			 1);
	return at;
}

static struct egd_peer *add(const char *text)
{
	const struct sockaddr_storage at = address(text);

	return egd_peers_add(&peers, -1, &at);
}

static void addresses_are_peers(void **unused)
{
	static const struct {
		const char *a, *b, *name; /* of @a */
		bool same;
	} table[] = {
		{ "192.0.2.7", "192.0.2.7", "192.0.2.7", true },
		{ "192.0.2.7", "192.0.2.8", "192.0.2.7", false },
		{ "::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7", true },
		{ "2001:db8::1", "2001:db8::2:3", "2001:db8::/64", true },
		{ "2001:db8::1", "2001:db8:0:1::1", "2001:db8::/64", false },
		{ "::1", "127.0.0.1", "::/64", false },
	};
	char name[EGD_PEER_NAME];

	(void)unused;
	for (size_t i = 0; i < VRNG_LENGTH(table); i++) {
		struct egd_peer *a = add(table[i].a), *b = add(table[i].b);

		assert_int_equal(a == b, table[i].same);
		assert_int_equal(a->connections, table[i].same ? 2 : 1);
		egd_peer_name(a, name);
		assert_string_equal(name, table[i].name);
		egd_peers_remove(&peers, a);
		egd_peers_remove(&peers, b);
		assert_null(peers.tree);
	}
}

static void a_user_is_a_peer(void **unused)
{
	const struct sockaddr_storage at = { .ss_family = AF_UNIX };
	char name[EGD_PEER_NAME], want[EGD_PEER_NAME];
	struct egd_peer *peer;
	int ends[2];

	(void)unused;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	peer = egd_peers_add(&peers, ends[0], &at);
	assert_ptr_equal(egd_peers_add(&peers, ends[1], &at), peer);
	egd_peer_name(peer, name);
	snprintf(want, sizeof(want), "uid %u", getuid());
	assert_string_equal(name, want);
	egd_peers_remove(&peers, peer);
	egd_peers_remove(&peers, peer);
	close(ends[0]);
	close(ends[1]);
}

/* @spare: the index of the connection that makes room, -1: none does. */
static void the_peer_with_most_connections_makes_room(void **unused)
{
	static const struct {
		const char *peers; /* of connections 0 to 4, by activity */
		const char *states; /* i idle, w waits, e waits and has ended */
		uint64_t now; /* connection N was active at N */
		int spare;
	} table[] = {
		{ "abcde", "iiiii", 100, 0 },  { "abbca", "wiiii", 100, 1 },
		{ "abbcb", "iiiii", 100, 1 },  { "abbcb", "iwiii", 100, 2 },
		{ "abcde", "wwwww", 100, -1 }, { "abcde", "wwewe", 100, 2 },
		{ "abcde", "iiiii", 10, 0 },   { "aabbb", "iiiii", 11, 0 },
		{ "aabbb", "iiiii", 12, 2 },   { "aabbb", "iiiii", 9, -1 },
	};

	(void)unused;
	for (size_t i = 0; i < VRNG_LENGTH(table); i++) {
		struct egd_connections all = { 0 };
		struct egd_connection *conn[5], *spare;
		char name[] = "192.0.2.0";

		for (int k = 0; k < 5; k++) {
			conn[k] = egd_connection_new(&all, -1, (uint64_t)k);
			name[8] = (char)('0' + table[i].peers[k] - 'a');
			conn[k]->peer = add(name);
			if (table[i].states[k] != 'i')
				egd_connection_enqueue(&all, conn[k]);
			conn[k]->client.has_ended = table[i].states[k] == 'e';
		}
		spare = egd_connections_spare(&all, table[i].now, 10);
		assert_ptr_equal(spare, table[i].spare < 0 ?
						NULL :
						conn[table[i].spare]);
		for (int k = 0; k < 5; k++) {
			egd_peers_remove(&peers, conn[k]->peer);
			egd_connection_kill(&all, conn[k]);
		}
		assert_int_equal(all.n_waiting, 0);
		assert_null(all.first_turn);
		assert_null(all.last_turn);
		egd_connections_free_dead(&all);
	}
	assert_null(peers.tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_peers),
		cmocka_unit_test(a_user_is_a_peer),
		cmocka_unit_test(the_peer_with_most_connections_makes_room),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("egd-peers", tests, NULL, NULL);
}
