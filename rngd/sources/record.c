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
	struct vrng_source *source;
	int fd;
	uint64_t left; /* bytes of this start */
	uint64_t heard; /* vrng_now() of the last byte */
	int status; /* of a failure */
};

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

static int wait_for(const struct recording *r, struct vrng_error *error)
{
	struct pollfd pfd = { .fd = vrng_source_fd(r->source),
			      .events = POLLIN };

	if (vrng_now() - r->heard > VRNG_RECORD_SILENCE * VRNG_NS_PER_MS)
		return vrng_fail(error, ETIMEDOUT,
				 "%.128s: no byte for %u seconds, %" PRIu64
				 " bytes before the end; check the source",
				 vrng_source_name(r->source),
				 VRNG_RECORD_SILENCE / 1000, r->left);
	(void)poll(&pfd, 1, pfd.fd < 0 ? NO_FD : WAIT_MS);
	return 0;
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
	ssize_t got = vrng_source_read(r->source, piece, len, error);

	if (got == -EAGAIN)
		return wait_for(r, error);
	if (!got)
		return ended(r, error);
	if (got < 0)
		return (int)got;
	r->heard = vrng_now();
	r->left -= (uint64_t)got;
	return write_all(r, piece, (size_t)got, error);
}

static int record_start(struct recording *r, uint8_t *piece,
			struct vrng_error *error)
{
	int ret = vrng_source_open(r->source, error);

	r->left = r->record->bytes;
	r->heard = vrng_now();
	while (!ret && r->left)
		ret = step(r, piece, error);
	vrng_source_close(r->source);
	return ret;
}

static int record_all(struct recording *r, struct vrng_error *error)
{
	static uint8_t piece[PIECE];
	unsigned int n;
	int ret = 0;

	for (n = 0; n < r->record->starts && !ret; n++)
		ret = record_start(r, piece, error);
	explicit_bzero(piece, sizeof(piece));
	return ret;
}

static int record_to_file(struct recording *r, struct vrng_error *error)
{
	const char *path = r->record->path;
	int ret;

	r->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY,
		     0600);
	if (r->fd < 0) {
		vrng_fail(error, errno,
			  "--record: %.128s: cannot be made: %m; name a new "
			  "file",
			  path);
		return EX_CANTCREAT;
	}
	r->status = EX_UNAVAILABLE;
	ret = record_all(r, error);
	if (close(r->fd) && !ret) {
		r->status = EX_IOERR;
		ret = vrng_fail(error, errno,
				"%.128s: cannot write: %m; what was recorded "
				"is incomplete",
				path);
	}
	return ret ? r->status : EX_OK;
}

int vrng_record(const struct vrng_record *record, struct vrng_error *error)
{
	struct recording r = { .record = record };
	int status;

	if (vrng_source_parse(&r.source, record->spec, &vrng_opener_plain,
			      error))
		return EX_USAGE;
	fprintf(stderr,
		"rngd: recording raw samples of %s to %s. Whoever reads this "
		"file knows them: use none of them as keys. Nothing is fed to "
		"the kernel.\n",
		vrng_source_name(r.source), record->path);
	status = record_to_file(&r, error);
	vrng_source_free(r.source);
	return status;
}
