/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A thread with a stack of its own size. */
#ifndef DEVICE_RUNTIME_THREAD_H
#define DEVICE_RUNTIME_THREAD_H

#include <pthread.h>
#include <stddef.h>

#include "vrng/error.h"

/* Begin @run(@opaque), with @stack bytes. 0, or a negative errno with @error. */
int thread_start(pthread_t *thread, size_t stack, void *(*run)(void *opaque),
		 void *opaque, struct vrng_error *error);

#endif
