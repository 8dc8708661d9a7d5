/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder for the sockets of egd-server's tests, and listeners that leave it empty. */
#ifndef VRNG_UNIT_EGD_RIG_H
#define VRNG_UNIT_EGD_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/device/egd-server/listen.h"

static char folder[] = "/tmp/vrng-egds-XXXXXX";
static char address[80]; /* of a socket in it */

static inline int make_folder(void **unused)
{
	(void)unused;
	if (!mkdtemp(folder))
		return -1;
	snprintf(address, sizeof(address), "unix:%s/socket", folder);
	return 0;
}

static inline int remove_folder(void **unused)
{
	(void)unused;
	return rmdir(folder);
}

static inline void done(struct egd_listen *listen)
{
	egd_listen_remove(listen);
	egd_listen_close(listen);
}

#endif
