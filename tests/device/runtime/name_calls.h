/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What getaddrinfo(3) and getpwnam(3) take: name services read files, load shared
 * objects, and ask servers by sockets.
 */
#ifndef DEVICE_RUNTIME_NAME_CALLS_H
#define DEVICE_RUNTIME_NAME_CALLS_H

/* Calls beside those that any process makes. The rules need @code, too. */
extern const char *const name_calls[];

#define NAME_FAMILIES 4

extern const unsigned long name_families[NAME_FAMILIES];

#endif
