/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a source gives bytes now: for --list and --test-config. */
#ifndef RNGD_SOURCES_PROBE_H
#define RNGD_SOURCES_PROBE_H

#include "vrng/source.h"

/* How long a device may take to give a byte, in ms. */
#define VRNG_PROBE_MS 3000

/*
 * vrng_source_check(). Then, of a "file:" source that is a character device, read and
 * drop one byte: /dev/hwrng can be opened where no generator is behind it.
 * -ETIMEDOUT, with @error, if there is none within @ms.
 *
 * For a process with one thread, which does not use SIGALRM: a reader of /dev/hwrng
 * waits for others even if it is not to wait, and a signal ends that.
 */
int vrng_source_probe(struct vrng_source *src, unsigned int ms,
		      struct vrng_error *error);

#endif
