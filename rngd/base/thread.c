// SPDX-License-Identifier: GPL-2.0-or-later
#include "rngd/base/thread.h"

int vrng_thread_start(pthread_t *thread, size_t stack,
		      void *(*run)(void *opaque), void *opaque,
		      struct vrng_error *error)
{
	pthread_attr_t attr;
	int err = pthread_attr_init(&attr);

	if (!err) {
		err = pthread_attr_setstacksize(&attr, stack);
		if (!err)
			err = pthread_create(thread, &attr, run, opaque);
		pthread_attr_destroy(&attr);
	}
	return err ? vrng_fail(error, err, "thread: %m") : 0;
}
