// SPDX-License-Identifier: GPL-2.0-or-later
/* Records raw samples of a source: see record.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "rngd/base/clock.h"
#include "rngd/base/number.h"
#include "rngd/sources/record.h"
#include "vrng/source.h"

#define PIECE	65536 /* bytes of one read */
#define WAIT_MS 1000
#define NO_FD	10 /* ms between reads of a source without a descriptor */

struct recording {
	const struct vrng_record *record;
	int fd;
	unsigned int starts; /* that follow this one */
	uint64_t left; /* bytes of this start */
	uint64_t heard; /* vrng_now() of the last byte */
	int status; /* of a failure */
};

static uint64_t left_of_all(const struct recording *r)
{
	return r->starts * r->record->bytes + r->left;
}

static int write_all(struct recording *r, const uint8_t *bytes, size_t len,
		     struct vrng_error *error)
{
	ssize_t put;

	r->status = EX_IOERR;

	while (len) {
		put = write(r->fd, bytes, len);
		if (put < 0 && errno != EINTR)
			return vrng_fail(error, errno,
					 "%.128s: cannot write: %m; what was "
					 "recorded is incomplete",
					 r->record->path);
		if (put > 0) {
			bytes += put;
			len -= (size_t)put;
		}
	}
	r->status = EX_UNAVAILABLE;
	return 0;
}

static int poll_source(int fd, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	(void)poll(&pfd, 1, ms);
	return 0;
}

/* Wait for the source, or with 0 ms only ask whether to go on. */
static int wait_for(struct recording *r, int fd, int ms,
		    struct vrng_error *error)
{
	int (*wait)(int fd, int ms) = r->record->wait;
	int ret = wait ? wait(fd, ms) : poll_source(fd, ms);

	if (ret >= 0)
		return 0;
	r->status = EX_TEMPFAIL;
	return vrng_fail(error, -ret,
			 "%.128s: stopped, %" PRIu64 " bytes before the end; "
			 "what was recorded is incomplete",
			 r->record->path, left_of_all(r));
}

static int wait_for_bytes(struct recording *r, struct vrng_error *error)
{
	const int fd = vrng_source_fd(r->record->source);

	if (vrng_now() - r->heard > VRNG_RECORD_SILENCE * VRNG_NS_PER_MS)
		return vrng_fail(error, ETIMEDOUT,
				 "%.128s: no byte for %u seconds, %" PRIu64
				 " bytes before the end; check the source",
				 vrng_source_name(r->record->source),
				 VRNG_RECORD_SILENCE / 1000, r->left);
	return wait_for(r, fd, fd < 0 ? NO_FD : WAIT_MS, error);
}

/* @error says how the source ended. */
static int ended(const struct recording *r, struct vrng_error *error)
{
	const struct vrng_error why = *error;

	return vrng_fail(error, ENODATA,
			 "%.200s, %" PRIu64 " bytes too early; what was "
			 "recorded is incomplete",
			 why.text, r->left);
}

/* Read and write what is there, or wait for it. */
static int step(struct recording *r, uint8_t *piece, struct vrng_error *error)
{
	size_t len = (size_t)vrng_least(r->left, PIECE);
	ssize_t got = vrng_source_read(r->record->source, piece, len, error);

	if (got == -EAGAIN)
		return wait_for_bytes(r, error);
	if (!got)
		return ended(r, error);
	if (got < 0)
		return (int)got;
	r->heard = vrng_now();
	r->left -= (uint64_t)got;
	if (r->record->progress)
		r->record->progress(r->record->arg, left_of_all(r));
	if (write_all(r, piece, (size_t)got, error))
		return -EIO;
	return r->record->wait ? wait_for(r, -1, 0, error) : 0;
}

static int record_start(struct recording *r, uint8_t *piece,
			struct vrng_error *error)
{
	int ret = vrng_source_open(r->record->source, error);

	r->left = r->record->bytes;
	r->heard = vrng_now();
	while (!ret && r->left)
		ret = step(r, piece, error);
	vrng_source_close(r->record->source);
	return ret;
}

static int record_all(struct recording *r, struct vrng_error *error)
{
	static uint8_t piece[PIECE];
	int ret = 0;

	r->starts = r->record->starts;
	while (r->starts && !ret) {
		r->starts--;
		ret = record_start(r, piece, error);
	}
	explicit_bzero(piece, sizeof(piece));
	return ret;
}

int vrng_record(const struct vrng_record *record, struct vrng_error *error)
{
	struct recording r = { .record = record };
	int ret;

	r.fd = open(record->path,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
	if (r.fd < 0) {
		vrng_fail(error, errno,
			  "%.128s: cannot be made: %m; name a new file",
			  record->path);
		return EX_CANTCREAT;
	}
	r.status = EX_UNAVAILABLE;
	ret = record_all(&r, error);
	if (close(r.fd) && !ret) {
		r.status = EX_IOERR;
		ret = vrng_fail(error, errno,
				"%.128s: cannot write: %m; what was recorded "
				"is incomplete",
				record->path);
	}
	return ret ? r.status : EX_OK;
}
