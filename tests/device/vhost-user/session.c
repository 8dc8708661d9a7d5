// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rngd/base/log.h"
#include "tests/device/vhost-user/channel.h"
#include "tests/device/vhost-user/requests.h"
#include "tests/device/vhost-user/session.h"
#include "tests/device/vhost-user/setup.h"
#include "tests/device/vhost-user/transcript.h"
#include "tests/device/vhost-user/wire.h"

/* Refusals logged per session; a front end can send any number of messages. */
#define COMPLAINTS 8

struct session {
	struct channel channel;
	struct vhost_setup setup;
	struct vrng_log *log; /* not owned */
	unsigned int complaints; /* refusals logged so far */
	bool spoke; /* a message was taken */
};

static int ack(struct session *session, bool failed, struct vrng_error *error)
{
	session->channel.msg.payload.u64 = failed;
	return channel_reply(&session->channel, sizeof(uint64_t), error);
}

/*
 * Check the message, run its handler, then start the ring if the message
 * completed its setup. A ring that cannot be started is a failure of that
 * message.
 */
static int act(struct session *session, const struct vhost_request *request,
	       struct vrng_error *error)
{
	struct vhost_setup *setup = &session->setup;
	int err;

	if (!request)
		return vrng_fail(error, ENOSYS, "unknown request");
	err = vhost_request_check(request, &session->channel, error);
	if (!err)
		err = request->handle(setup, &session->channel, error);
	if (!err)
		err = vhost_vring_resume(&setup->vring, setup->features, error);
	session->spoke |= !err;
	return err;
}

/*
 * Act on the message and answer it. A failure is acknowledged and logged if the
 * front end asked for an acknowledgement. Otherwise the connection is given up:
 * the front end would go on as if the message had succeeded, or would wait for
 * a reply that cannot be given.
 */
static int dispatch(struct session *session, struct vrng_error *error)
{
	const struct vu_header header = session->channel.msg.header;
	bool asked = header.flags & VU_NEED_REPLY;
	const struct vhost_request *request =
		vhost_request_find(header.request);
	const char *name = request ? request->name : "request";
	bool replies = request && request->reply;
	struct vrng_error refusal = { "" };
	int err = act(session, request, &refusal);

	if (!err && replies)
		return channel_reply(&session->channel, request->reply, error);
	if (!err)
		return asked ? ack(session, false, error) : 0;
	if (!asked || replies)
		return vrng_fail(error, EPROTO, "%s (%" PRIu32 "): %s", name,
				 header.request, refusal.text);
	if (session->complaints++ < COMPLAINTS)
		vrng_log_line(session->log, "refused: %s (%" PRIu32 "): %s",
			      name, header.request, refusal.text);
	return ack(session, true, error);
}

int session_receive(struct session *session, struct vrng_error *error)
{
	int err = channel_receive(&session->channel, error);

	if (err == -EAGAIN)
		return 0;
	if (!err)
		err = dispatch(session, error);
	channel_clear(&session->channel);
	return err;
}

/* ---- for a successor ---- */

int session_save(struct session *session, struct transcript *t)
{
	if (session->channel.have)
		return -EBUSY;
	if (session->spoke)
		vhost_setup_save(&session->setup, t);
	return 0;
}

/* As if message @i had been received. */
static void put_message(struct channel *channel, struct transcript *t,
			unsigned int i)
{
	const struct transcript_message *m = &t->message[i];

	channel->msg.header = (struct vu_header){ .request = m->request,
						  .flags = VU_VERSION,
						  .size = m->size };
	memcpy(&channel->msg.payload, m->payload, sizeof(m->payload));
	if (t->fd[i] >= 0)
		channel->fds[channel->nfds++] = t->fd[i];
	t->fd[i] = -1;
}

int session_replay(struct session *session, struct transcript *t,
		   struct vrng_error *error)
{
	struct channel *channel = &session->channel;
	int err = 0;

	for (unsigned int i = 0; i < t->n && !err; i++) {
		const uint32_t number = t->message[i].request;
		struct vrng_error refusal = { "" };

		put_message(channel, t, i);
		err = act(session, vhost_request_find(number), &refusal);
		if (err)
			err = vrng_fail(error, -err,
					"request %" PRIu32
					" of what was handed over: %s",
					number, refusal.text);
		channel_clear(channel);
	}
	return err;
}

int session_socket(const struct session *session)
{
	return session->channel.sock;
}

bool session_spoke(const struct session *session)
{
	return session->spoke;
}

bool session_signal(struct session *session)
{
	return vhost_vring_signal(&session->setup.vring);
}

void session_ring_error(struct session *session)
{
	vhost_vring_error(&session->setup.vring);
}

bool session_torn(const struct session *session)
{
	return vhost_setup_torn(&session->setup);
}

struct session *session_new(int sock, unsigned int flags,
			    const struct vring_ops *ops, void *device,
			    struct vrng_log *log)
{
	struct session *session = calloc(1, sizeof(*session));

	if (!session || vhost_setup_init(&session->setup, flags, ops, device)) {
		free(session);
		close(sock);
		return NULL;
	}
	session->channel.sock = sock;
	session->log = log;
	return session;
}

void session_free(struct session *session)
{
	if (!session)
		return;
	vhost_setup_done(&session->setup);
	channel_clear(&session->channel);
	close(session->channel.sock);
	free(session);
}
