// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/syscall.h>
#include <unistd.h>

#include "rngd/base/socket.h"

/* Linux has had the call on all architectures since 4.3. */
int vrng_socket(int family, int type, int protocol)
{
	return (int)syscall(SYS_socket, family, type, protocol);
}
