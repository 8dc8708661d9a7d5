/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A descriptor by which a front end and its device wake each other: an eventfd,
 * a pipe or a stream socket (UML passes one). The front end has it, too, and may
 * clear its O_NONBLOCK flag, fill it, empty it or close its end at any moment.
 *
 * No function here waits, whatever the flags are.
 */
#ifndef DEVICE_VHOST_USER_EVENT_FD_H
#define DEVICE_VHOST_USER_EVENT_FD_H

#include <stdbool.h>

/*
 * Is @fd of one of these kinds? A read or write of any other file may wait
 * although poll(2) says that it will not.
 */
bool event_fd_suits(int fd);

/* Is @fd a socket? For event_fd_give(). */
bool event_fd_is_socket(int fd);

enum event_fd_taken {
	EVENT_FD_NONE, /* it was empty */
	EVENT_FD_SOME, /* events were taken */
	EVENT_FD_END /* the other end is closed, or reading fails */
};

/* Take the events that wait in @fd. */
enum event_fd_taken event_fd_take(int fd);

/*
 * Write an event. A failure is ignored: a full descriptor already holds an event
 * that was not read yet, and nobody reads a closed one.
 */
void event_fd_give(int fd, bool is_socket);

#endif
