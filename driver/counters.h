/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One row for each attribute of the vrng group: its name, and its value in terms
 * of @vrng while the lock is held. vrng(4) describes each. sysfs.c includes this
 * with VRNG_COUNTER defined in several ways; so there is no include guard.
 */
VRNG_COUNTER(bytes_received, vrng->pool.stats.received)
VRNG_COUNTER(bytes_read, vrng_bytes_read(vrng))
VRNG_COUNTER(bytes_discarded, vrng->pool.stats.discarded)
VRNG_COUNTER(bytes_withheld, vrng->pool.stats.withheld)
VRNG_COUNTER(requests, vrng->pool.stats.requests)
VRNG_COUNTER(kicks, vrng->kicks)
VRNG_COUNTER(interrupts, vrng->interrupts)
VRNG_COUNTER(readahead, vrng->pool.window)
VRNG_COUNTER(health_failures, vrng->pool.health.episodes)
VRNG_COUNTER(device_errors, vrng->device_errors)
VRNG_COUNTER(device_resets, vrng->device_resets)
VRNG_COUNTER(clone_generation, vrng->forks)
