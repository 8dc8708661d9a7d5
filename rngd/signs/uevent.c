// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes of virtio devices: see uevent.h. */
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/base/socket.h"
#include "rngd/signs/uevent.h"

#define GROUP_KERNEL 1 /* the kernel's own; 2 is udev's */

int rngd_uevent_open(void)
{
	const struct sockaddr_nl address = { .nl_family = AF_NETLINK,
					     .nl_groups = GROUP_KERNEL };
	int fd =
		vrng_socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
			    NETLINK_KOBJECT_UEVENT);
	int err;

	if (fd < 0)
		return -errno;
	if (!bind(fd, (const struct sockaddr *)&address, sizeof(address)))
		return fd;
	err = errno;
	close(fd);
	return -err;
}

/* ACTION@DEVPATH, then variables. It does not matter who sent it. */
bool rngd_uevent_take(int fd)
{
	bool look = false;
	char text[2048];
	ssize_t got;

	for (;;) {
		got = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
		if (got < 0 && errno == ENOBUFS) { /* some were lost */
			look = true;
			continue;
		}
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return look;
		text[got] = '\0';
		if (strstr(text, "/virtio") || strstr(text, "/vmclock"))
			look = true;
	}
}
