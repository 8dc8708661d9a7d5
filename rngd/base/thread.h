/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts a thread with a stack of a given size. */
#ifndef RNGD_BASE_THREAD_H
#define RNGD_BASE_THREAD_H

#include <pthread.h>
#include <stddef.h>

#include "vrng/error.h"

/*
 * Run @run(@opaque) in a thread with a stack of @stack bytes; it inherits the
 * caller's signal mask. To be joined. 0, or a negative errno with @error.
 */
int vrng_thread_start(pthread_t *thread, size_t stack,
		      void *(*run)(void *opaque), void *opaque,
		      struct vrng_error *error);

#endif
