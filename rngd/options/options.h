/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rngd's command line and configuration file, with the names and meanings of
 * rng-tools' daemon (6.17).
 */
#ifndef RNGD_OPTIONS_OPTIONS_H
#define RNGD_OPTIONS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rngd/base/log.h"
#include "rngd/feed/report.h"
#include "vrng/error.h"

#define RNGD_STEP_MIN	   8
#define RNGD_STEP_MAX	   4096
#define RNGD_INTERVAL_MAX  86400
#define RNGD_BLOCKS_MAX	   INT64_MAX
#define RNGD_WATERMARK_MAX 4096 /* bits, as in rng-tools */
#define RNGD_ENTROPY_MAX   8
#define RNGD_SUSPEND_MAX   86400

enum rngd_action {
	RNGD_RUN,
	RNGD_SHOW_HELP,
	RNGD_SHOW_VERSION,
	RNGD_SHOW_LIST,
	RNGD_SHOW_KEYS, /* of the source @shown */
	RNGD_TEST_CONFIG,
	RNGD_SELFTEST,
	RNGD_RECORD
};

/* All strings are owned by the struct, until rngd_options_free(). */
struct rngd_options {
	enum rngd_action action;
	char *source[RNGD_SOURCES_MAX]; /* SPECs, at least one */
	unsigned int line[RNGD_SOURCES_MAX]; /* of @config; 0: not from there */
	unsigned int line_now; /* that is being parsed; 0: the command line */
	size_t sources;
	char *sink; /* --random-device */
	char *pid_file; /* absolute; NULL: none */
	char *config; /* absolute; NULL: none */
	char *user; /* USER[:GROUP]; NULL: the default */
	char *control; /* socket; NULL: the default; "none" */
	char *control_group; /* NULL: root's alone */
	char *hooks; /* folder, absolute; "none" */
	char *page; /* file, absolute; NULL or "none": none */
	char *note; /* lines for the log, of what is not done as asked; or NULL */
	char *shown; /* a name of names.h, for RNGD_SHOW_KEYS */

	char *record; /* the file of --record, for RNGD_RECORD */
	uint64_t record_bytes; /* of each start; 0: not given */
	unsigned int restarts; /* starts of the source; 0: not given */

	char *device; /* --rng-device: path of the source "hwrng" */
	char *fifo; /* --option=namedpipe:path:FILE */
	unsigned int included; /* bit n: the source rngd_names[n] */
	unsigned int excluded; /* likewise */
	unsigned int ignored; /* of --include, but not supported */

	unsigned int step; /* bytes of one RNDADDENTROPY */
	unsigned int interval; /* seconds between feedings; 0: when asked */
	unsigned int entropy; /* bits per byte if a SPEC has no entropy= */
	unsigned int suspend; /* seconds, the first time */
	int watermark; /* bits, or percent of the pool; -1: not given */
	uint64_t blocks; /* stop after so many good ones; 0: never */
	bool watermark_percent;
	bool is_fraction; /* @entropy is of --rng-entropy */
	bool standby; /* the last source stands in for the others */
	bool foreground;
	bool quiet;
	bool debug;
	bool test; /* --test: discard, report rates */
	bool ignore_failures;
	bool require_source;
	bool trust_host;
	bool no_sandbox;
};

/*
 * Parse the command line, and the file that --config names. The command line
 * has precedence; sources of both are used. Relative paths of both, also in
 * SPECs, are made absolute: @folder is the folder that the program was started
 * in, and NULL if it has no path. --random-device alone stays as it is: it is
 * opened once, there. -EINVAL or -ERANGE for a bad option, -ENOMEM, or the errno
 * of a file that cannot be read, with @error.
 * After a failure there is nothing to free.
 */
int rngd_options_parse(struct rngd_options *options, int argc, char **argv,
		       const char *folder, struct vrng_error *error);

/* Print the help text on stdout. */
void rngd_options_help(void);

/* Log the lines of @note. */
void rngd_options_log(const struct rngd_options *options, struct vrng_log *log);

void rngd_options_free(struct rngd_options *options);

#endif
