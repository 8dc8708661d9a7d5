/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of egd-server, parsed and checked. */
#ifndef DEVICE_EGD_SERVER_OPTIONS_H
#define DEVICE_EGD_SERVER_OPTIONS_H

#include <stdint.h>

#include "rngd/base/listener.h"
#include "tests/device/runtime/access.h"
#include "tests/device/runtime/cli.h"

#define PROGRAM "egd-server"

#define EGD_OPTIONS_CLIENTS_MAX 1000000

/* Owns its strings. */
struct egd_options {
	char **listen; /* ended by NULL, or NULL */
	char *source;
	char *source_user; /* NULL: the default */
	struct access_options access;
	char *max_clients_text;
	char *max_per_peer_text;
	char *idle_text;
	char *idle_full_text;
	char *fork_page; /* NULL: the default */
	char *stats;
	int openmetrics;
	int version;

	struct vrng_listener_as as; /* of Unix sockets */
	struct cli_limit limit; /* of all clients together */
	uint64_t max_clients; /* 1 to EGD_OPTIONS_CLIENTS_MAX */
	uint64_t max_per_peer; /* 1 to @max_clients */
	uint64_t idle_s; /* 0: no limit */
	uint64_t idle_full_s;
};

/* The defaults. */
#define EGD_OPTIONS                                                  \
	{                                                            \
		.limit = { .period_ms = 1000 }, .max_clients = 2048, \
		.idle_full_s = 10,                                   \
	}

/*
 * 0; or, after a line on standard error, the status to exit with. Exits by
 * itself for --help.
 */
int egd_options_parse(struct egd_options *options, int argc, char **argv);
void egd_options_free(struct egd_options *options);

#endif
