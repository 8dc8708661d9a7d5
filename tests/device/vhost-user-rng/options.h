/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of vhost-user-rng, parsed and checked. */
#ifndef DEVICE_VHOST_USER_RNG_OPTIONS_H
#define DEVICE_VHOST_USER_RNG_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/device/runtime/access.h"
#include "tests/device/runtime/cli.h"
#include "tests/device/vhost-user-rng/fault.h"

#define PROGRAM		  "vhost-user-rng"
#define PERIOD_DEFAULT_MS 65536 /* as of QEMU's virtio-rng-pci */

/* Owns its strings. */
struct device_options {
	char **socket_paths; /* ended by NULL; NULL: @fd is used */
	unsigned int sockets; /* in @socket_paths */
	int passed; /* sockets from systemd, if no other is given */
	char *socket_dir; /* NULL: not given */
	char *options_dir; /* NULL: @socket_dir */
	char *source; /* NULL: not given */
	char *source_user; /* NULL: the default */
	char *fork_page; /* NULL: the default */
	char *stats; /* as given; NULL: none */
	const char *stats_socket; /* path in @stats; NULL: @stats is a file */
	char *fd_text;
	struct access_options access;
	char **faults_text; /* ended by NULL, or NULL */
	int client;
	int access_platform;
	int hand_over;
	int openmetrics;
	int capabilities;
	int version;

	int fd;
	struct vrng_listener_as as; /* if @access is given */
	struct cli_limit limit; /* for each guest */
	struct faults faults;
};

/*
 * 0; or, after a line on standard error, the status to exit with. Exits by
 * itself for --help.
 */
int device_options_parse(struct device_options *options, int argc, char **argv);
void device_options_free(struct device_options *options);

#endif
