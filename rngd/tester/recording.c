// SPDX-License-Identifier: GPL-2.0-or-later
/* Takes samples from a source: see recording.h. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "rngd/sources/record.h"
#include "rngd/tester/estimate/restart.h"
#include "rngd/tester/progress.h"
#include "rngd/tester/recording.h"
#include "rngd/tester/report.h"
#include "rngd/tester/stop.h"

struct recording {
	struct vrng_source *source;
	struct rngtest_progress progress;
	uint64_t size; /* bytes of the file that is being written */
};

static int wait_for(int fd, int ms)
{
	return vrng_stop_poll(fd, POLLIN, ms);
}

static void show(void *arg, uint64_t left)
{
	struct recording *r = arg;

	rngtest_progress_update(&r->progress, r->size - left);
}

/* Record @starts times as many bytes as @samples take. */
static enum rngtest_status record(struct recording *r,
				  const struct rngtest_options *options,
				  const char *path, uint64_t samples,
				  unsigned int starts, struct vrng_error *error)
{
	const struct vrng_record record = {
		.source = r->source,
		.path = path,
		.bytes = options->one_per_byte ?
				 samples :
				 (samples * options->width + 7) / 8,
		.starts = starts,
		.wait = wait_for,
		.progress = show,
		.arg = r,
	};
	int status;

	r->size = record.bytes * starts;
	rngtest_progress_begin(&r->progress, r->size);
	status = vrng_record(&record, error);
	rngtest_progress_clear(&r->progress);
	return status == EX_OK ? RNGTEST_GOOD : RNGTEST_IO;
}

static char *path_of(const struct rngtest_options *options, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", options->evidence, name) < 0 ? NULL :
								       path;
}

/* Let @options name @path alone, which they own from now on. */
static void name_samples(struct rngtest_options *options, char *path)
{
	free(options->names[0]); /* "-", the default */
	options->names[0] = path;
}

static enum rngtest_status record_all(struct recording *r,
				      struct rngtest_options *options,
				      struct vrng_error *error)
{
	char *samples = path_of(options, "samples.bin");
	enum rngtest_status status;

	if (!samples) {
		vrng_fail(error, ENOMEM, "cannot start: %m");
		return RNGTEST_OS;
	}
	name_samples(options, samples);
	fprintf(stderr,
		RNGTEST_PREFIX "recording raw samples of %s in %s. Whoever "
			       "reads the files knows them: use none of them "
			       "as keys.\n",
		vrng_source_name(r->source), options->evidence);
	status = record(r, options, samples, options->samples, 1, error);
	if (status || options->restart_matrix)
		return status;
	options->restart_matrix = path_of(options, "matrix.bin");
	if (!options->restart_matrix) {
		vrng_fail(error, ENOMEM, "cannot start: %m");
		return RNGTEST_OS;
	}
	return record(r, options, options->restart_matrix, VRNG_RESTARTS,
		      VRNG_RESTARTS, error);
}

/* Keep the name of the source for the report, without secrets. */
static void keep_name(struct rngtest_options *options,
		      const struct vrng_source *source)
{
	char *name = strdup(vrng_source_name(source));

	free(options->source);
	options->source = name;
}

enum rngtest_status rngtest_recording_make(struct rngtest_options *options,
					   struct vrng_error *error)
{
	struct recording r = { .source = NULL };
	enum rngtest_status status;

	if (vrng_source_parse(&r.source, options->source, &vrng_opener_plain,
			      error))
		return RNGTEST_USAGE;
	keep_name(options, r.source);
	status = record_all(&r, options, error);
	vrng_source_free(r.source);
	return status;
}
