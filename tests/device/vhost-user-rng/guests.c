// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rngd/base/clock.h"
#include "rngd/base/fd_store.h"
#include "tests/device/vhost-user-rng/guests.h"
#include "tests/device/vhost-user-rng/handover.h"
#include "tests/device/vhost-user-rng/options.h"

/* ---- one guest ---- */

static void close_all(const struct guest_setup *setup)
{
	handover_free(setup->handed);
	if (setup->inherited >= 0)
		close(setup->inherited);
	if (setup->client && setup->line >= 0)
		close(setup->line);
}

static struct guest *guest_new(const char *name)
{
	struct guest *guest = calloc(1, sizeof(*guest));

	if (!guest)
		return NULL;
	guest->name = strdup(name);
	if (guest->name)
		return guest;
	free(guest);
	return NULL;
}

static void guest_free(struct guest *guest)
{
	free(guest->name);
	free(guest);
}

static void prepare(const struct guests *guests, struct guest *guest,
		    const struct guest_setup *setup)
{
	struct device_worker *worker = &guest->worker;

	worker->connection.path = setup->inherited < 0 ? guest->name : NULL;
	worker->connection.inherited = setup->inherited;
	worker->connection.client = setup->client;
	worker->connection.access_platform = setup->access_platform;
	worker->connection.line = setup->line;
	worker->connection.keeps_listener = setup->keeps_listener;
	worker->connection.handed = setup->handed;
	worker->name = guest->name;
	worker->connection.as = setup->as;
	worker->faults = *guests->faults;
	worker->changed = guests->changed;
	worker->max = setup->max_bytes;
	worker->period_ns = setup->period_ns;
	vrng_log_init(&worker->log, PROGRAM, guests->named ? guest->name : NULL,
		      VRNG_LOG_BURST_HOST);
}

/* ---- the set ---- */

static void append(struct guests *guests, struct guest *guest)
{
	struct guest **end = &guests->first;

	while (*end)
		end = &(*end)->next;
	*end = guest;
	guests->n++;
}

struct guest *guests_add(struct guests *guests, const struct guest_setup *setup,
			 struct vrng_error *error)
{
	struct guest *guest = guest_new(setup->name);

	if (!guest) {
		close_all(setup);
		(void)vrng_fail(error, ENOMEM, "%s: %m", setup->name);
		return NULL;
	}
	prepare(guests, guest, setup);
	if (device_sources_attach(guests->sources, &guest->share,
				  &guest->worker.buffer, &guest->worker.log,
				  setup->max_bytes, setup->period_ns, error)) {
		close_all(setup);
		goto fail;
	}
	if (device_worker_start(&guest->worker, error)) {
		device_sources_detach(guests->sources, &guest->share,
				      &guest->worker.buffer);
		goto fail;
	}
	request_buffer_share(&guest->worker.buffer, guests->total);
	append(guests, guest);
	return guest;
fail:
	guest_free(guest);
	return NULL;
}

int guests_run(struct guests *guests, struct vrng_error *error)
{
	int err = 0;

	for (struct guest *g = guests->first; g && !err; g = g->next)
		if (!g->worker.running && !g->leaves)
			err = device_worker_run(&g->worker, error);
	return err;
}

struct guest *guests_find(const struct guests *guests, const char *name)
{
	for (struct guest *g = guests->first; g; g = g->next)
		if (!g->leaves && !strcmp(g->name, name))
			return g;
	return NULL;
}

void guests_remove(struct guests *guests, struct guest *guest)
{
	guest->leaves = true;
	guests->n--;
	device_worker_stop(&guest->worker);
}

void guests_again(struct guests *guests)
{
	for (struct guest *g = guests->first; g; g = g->next)
		device_worker_again(&g->worker);
}

/* Its thread has ended, or was never started. */
static void release(struct guests *guests, struct guest *guest)
{
	struct metrics last = metrics_look(&guest->worker.metrics);

	last.is_connected = last.is_dry = last.is_throttled = 0;
	metrics_sum(&guests->past, &last);
	device_sources_detach(guests->sources, &guest->share,
			      &guest->worker.buffer);
	guest_free(guest);
}

unsigned int guests_reap(struct guests *guests)
{
	struct guest **at = &guests->first, *guest;
	unsigned int served = 0;

	while ((guest = *at)) {
		if (!device_worker_ended(&guest->worker)) {
			served++;
		} else if (guest->worker.connection.status) {
			guests->failed = true;
		}
		if (guests->keeps_none && !guest->leaves &&
		    device_worker_ended(&guest->worker))
			guests_remove(guests, guest);
		if (guest->leaves && device_worker_join(&guest->worker, 0)) {
			*at = guest->next;
			release(guests, guest);
			continue;
		}
		at = &guest->next;
	}
	return served;
}

void guests_remove_sockets(struct guests *guests)
{
	for (struct guest *g = guests->first; g; g = g->next)
		vrng_listener_remove(&g->worker.connection.listener);
}

bool guests_stop(struct guests *guests)
{
	const uint64_t until = vrng_now() + DEVICE_WORKER_END_NS;
	bool all = true;

	for (struct guest *g = guests->first; g; g = g->next)
		device_worker_stop(&g->worker);
	for (struct guest *g = guests->first; g; g = g->next) {
		if (device_worker_join(&g->worker, until))
			continue;
		all = false;
		vrng_log_line(
			&g->worker.log,
			"the guest's memory does not answer; it is left behind");
	}
	return all;
}

/* ---- to the next process ---- */

/* A pair of sockets: the guest's worker writes to one, the manager keeps the other. */
static void prepare_successor(struct guest *guest)
{
	int pair[2];

	guest->kept = -1;
	if (guest->leaves ||
	    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair))
		return;
	guest->worker.successor = pair[0];
	guest->kept = pair[1];
}

/* True if the next process gets it. */
static bool leave(struct guest *guest, const struct vrng_notify *notify)
{
	bool is_left = false;

	if (guest->kept < 0)
		return false;
	if (guest->worker.left) {
		is_left =
			!vrng_fd_store_put(notify, HANDOVER_NAME, guest->kept);
		if (!is_left)
			vrng_log_line(&guest->worker.log,
				      "cannot be handed over: the service "
				      "manager does not take it");
	}
	close(guest->worker.successor);
	close(guest->kept);
	return is_left;
}

bool guests_hand_over(struct guests *guests, const struct vrng_notify *notify,
		      unsigned int *n)
{
	bool all;

	*n = 0;
	for (struct guest *g = guests->first; g; g = g->next)
		prepare_successor(g);
	all = guests_stop(guests);
	for (struct guest *g = guests->first; g; g = g->next)
		if (!g->worker.running)
			*n += leave(g, notify);
	if (*n)
		(void)vrng_fd_store_flush(notify);
	return all;
}

void guests_free(struct guests *guests)
{
	struct guest *guest;

	while ((guest = guests->first)) {
		guests->first = guest->next;
		release(guests, guest);
	}
	guests->n = 0;
}
