// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>
#include <sys/socket.h>

#include "tests/device/runtime/name_calls.h"

const char *const name_calls[] = {
	"access",      "bind",	     "clock_getres", "clock_nanosleep",
	"close_range", "dup",	     "dup2",	     "dup3",
	"faccessat",   "fstatfs",    "getcwd",	     "getdents64",
	"getegid",     "geteuid",    "getgid",	     "getppid",
	"getrandom",   "getrlimit",  "gettimeofday", "getuid",
	"lstat",       "membarrier", "nanosleep",    "open",
	"openat",      "pipe2",	     "prctl",	     "prlimit64",
	"pselect6",    "readlink",   "readlinkat",   "recvmmsg",
	"select",      "sendmmsg",   "sigaltstack",  "stat",
	"statfs",      "sysinfo",    "time",	     "uname",
	NULL
};

const unsigned long name_families[NAME_FAMILIES] = { AF_UNIX, AF_INET, AF_INET6,
						     AF_NETLINK };
