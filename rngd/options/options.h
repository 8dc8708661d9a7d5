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
	RNGD_SHOW_KEYS, /* of the source that shown names */
	RNGD_TEST_CONFIG
};

/* Strings belong to the struct, until rngd_options_free(). */
struct rngd_options {
	enum rngd_action action;
	char *source[RNGD_SOURCES_MAX]; /* SPECs, at least one */
	size_t sources;
	char *sink; /* --random-device */
	char *pid_file; /* absolute; NULL: none */
	char *config; /* absolute; NULL: none */
	char *user; /* USER[:GROUP]; NULL: the default */
	char *control; /* socket; NULL: the default; "none" */
	char *control_group; /* NULL: root's alone */
	char *hooks; /* folder; "none" */
	char *note; /* options without effect here, or NULL */
	char *shown; /* short name, for RNGD_SHOW_KEYS */

	char *device; /* --rng-device, of the source "hwrng" */
	char *fifo; /* --option=namedpipe:path:FILE */
	unsigned int included; /* bits by index in rng-tools' list */
	unsigned int excluded;

	unsigned int step; /* bytes a RNDADDENTROPY */
	unsigned int interval; /* seconds */
	unsigned int entropy; /* bits a byte, where a SPEC claims nothing */
	unsigned int suspend; /* seconds, the first time */
	int watermark; /* bits; -1: leave it alone */
	uint64_t blocks; /* stop after so many; 0: never */
	bool foreground;
	bool quiet;
	bool debug;
	bool test; /* --test: discard, report rates */
	bool ignore_failures;
	bool require_source;
	bool no_sandbox;
};

/*
 * The command line, and the file that --config names, over which it has
 * precedence; sources of both add up. -EINVAL or -ERANGE with @error for a bad
 * one; -ENOMEM; -ENOENT, -EACCES... for a file that cannot be read.
 */
int rngd_options_parse(struct rngd_options *options, int argc, char **argv,
		       struct vrng_error *error);

/* The help text, on stdout. */
void rngd_options_help(void);

void rngd_options_free(struct rngd_options *options);

#endif
