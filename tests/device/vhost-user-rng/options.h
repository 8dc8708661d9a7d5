/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of vhost-user-rng, checked. */
#ifndef DEVICE_VHOST_USER_RNG_OPTIONS_H
#define DEVICE_VHOST_USER_RNG_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/device/runtime/cli.h"
#include "tests/device/vhost-user-rng/fault.h"

#define PROGRAM		  "vhost-user-rng"
#define PERIOD_DEFAULT_MS 65536 /* as QEMU's virtio-rng-pci */

/* Strings are the struct's own. */
struct device_options {
	char **socket_paths; /* NULL at its end; NULL: @fd is used */
	unsigned int sockets; /* how many guests there may be, 1 or more */
	char *source; /* NULL: not given */
	char *stats; /* NULL: none wanted */
	const char *stats_socket; /* the path in @stats, NULL: it is a file */
	char *fd_text;
	char **faults_text; /* NULL at its end, or NULL */
	int client;
	int capabilities;
	int version;

	int fd;
	struct cli_limit limit; /* of each guest */
	struct faults faults;
};

/* 0, or the exit status after it was said what is wrong. May end the process */
/* itself, for --help. */
int device_options_parse(struct device_options *options, int argc, char **argv);
void device_options_free(struct device_options *options);

#endif
