/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tries what a machine has and an emulator of user programs may lack. A case
 * that needs it is left out where it fails: qemu-user knows no seccomp, does
 * not swap the bytes of descriptors that came over a socket, leaves those open
 * that there was no space for, and gives a SIGBUS a wrong address on s390x.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/fds.h"

/*
 * The case that runs is left out: tests/unit/tap makes a directive of TAP of this.
 * skip() of cmocka prints what prove takes for a failure.
 */
#define LEAVE_OUT(error)                                             \
	do {                                                         \
		print_message("# SKIP %s: %s\n", __func__, (error)); \
		return;                                              \
	} while (0)

static inline bool machine_has_seccomp(void)
{
	return prctl(PR_GET_SECCOMP) >= 0;
}

static void *machine_page;

static inline void machine_on_sigbus(int sig, siginfo_t *info, void *context)
{
	const uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)sig;
	(void)context;
	_exit(((uintptr_t)info->si_addr & ~(size - 1)) !=
	      (uintptr_t)machine_page);
}

/* Called in a process of its own: it does not return. */
static inline void machine_raise_sigbus(void)
{
	const struct sigaction action = { .sa_sigaction = machine_on_sigbus,
					  .sa_flags = SA_SIGINFO };
	int fd = memfd_create("machine", MFD_CLOEXEC);

	machine_page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE),
			    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	sigaction(SIGBUS, &action, NULL);
	*(volatile char *)machine_page = 1;
	_exit(1);
}

/* Does SIGBUS tell where memory that was truncated has been touched? */
static inline bool machine_sigbus_tells(void)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid)
		machine_raise_sigbus();
	waitpid(pid, &status, 0);
	return !status;
}

/* Sends @fd over a socket and returns what arrives, or -1. @fd stays open. */
static inline int machine_pass(int fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte = 0;
	struct iovec part = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &part,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int pair[2], passed = -1;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -1;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (sendmsg(pair[0], &msg, 0) == 1 &&
	    recvmsg(pair[1], &msg, MSG_CMSG_CLOEXEC) == 1)
		memcpy(&passed, CMSG_DATA(c), sizeof(passed));
	close(pair[0]);
	close(pair[1]);
	return passed;
}

/* Does an eventfd count the same for both who have it? */
static inline bool machine_passes_eventfds(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), there;
	eventfd_t n = 0;

	there = machine_pass(fd);
	eventfd_write(there, 1);
	eventfd_read(fd, &n);
	close(there);
	close(fd);
	return n == 1;
}

/* Sends two descriptors to where there is space for one; how many stay open? */
static inline int machine_surplus(void)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control = { 0 };
	char byte = 0;
	struct iovec part = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &part,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	const int before = fds_open();
	int pair[2], passed = -1;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return 1;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(pair));
	memcpy(CMSG_DATA(c), pair, sizeof(pair));
	sendmsg(pair[0], &msg, 0);
	msg.msg_controllen = CMSG_LEN(sizeof(passed));
	recvmsg(pair[1], &msg, MSG_CMSG_CLOEXEC);
	memcpy(&passed, CMSG_DATA(c), sizeof(passed));
	close(passed);
	close(pair[0]);
	close(pair[1]);
	return fds_open() - before;
}

/*
 * Are descriptors closed that a receiver has no space for? Another process
 * tries it, so that those which stay open end with it.
 */
static inline bool machine_closes_surplus(void)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid)
		_exit(machine_surplus());
	waitpid(pid, &status, 0);
	return !status;
}

#endif
