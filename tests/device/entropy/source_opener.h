/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that opens the file of a source, over and over, for the source process,
 * which may open none. It has the user of the program, as only that user may be allowed
 * to open the file, but none of root's capabilities except those to open others' files,
 * a filter of system calls, and with Landlock no file outside of two folders: those of
 * the file and, if it is a link, of what it names at the start. There is such a process
 * only for the sources "file" and "tty".
 *
 * For "file:/dev/stdin" it has the program's standard input.
 *
 * The messages, over a socket of type SOCK_SEQPACKET: a number asks; the answer is the
 * same number and 0 with the descriptor, or a negative errno.
 */
#ifndef DEVICE_ENTROPY_SOURCE_OPENER_H
#define DEVICE_ENTROPY_SOURCE_OPENER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "vrng/error.h"
#include "vrng/opener.h"

struct vrng_log;

struct source_opener {
	pid_t pid; /* 0: the source opens no file, and there is no process */
	int sock; /* owned; -1: likewise */
	uint32_t *asks; /* number of the last question; set by who asks */
	int owner; /* ends a wait when it is readable; likewise */
};

/*
 * Fork the process that opens the file of the source @spec, if that names a file. Call
 * it while there is one thread. 0, or a negative errno with @error.
 */
int source_opener_start(struct source_opener *opener, const char *spec,
			struct vrng_log *log, struct vrng_error *error);

/* For vrng_open() of the source: asks the process. @opener must stay. */
struct vrng_opener source_opener_asking(struct source_opener *opener);

/* Let go of it. It ends when all who have its socket have done so. */
void source_opener_close(struct source_opener *opener);

#endif
