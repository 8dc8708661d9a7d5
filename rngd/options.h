/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rngd's command line, with the names and meanings of rng-tools' daemon. */
#ifndef RNGD_OPTIONS_H
#define RNGD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "vrng/why.h"

#define RNGD_STEP_MIN	  8
#define RNGD_STEP_MAX	  4096
#define RNGD_INTERVAL_MAX 86400
#define RNGD_BLOCKS_MAX	  INT64_MAX

enum rngd_action {
	RNGD_RUN,
	RNGD_SHOW_HELP,
	RNGD_SHOW_VERSION
};

/* Strings belong to the struct, until rngd_options_free(). */
struct rngd_options {
	enum rngd_action action;
	char *source; /* a SPEC; file:PATH where --rng-device was given */
	char *sink; /* --random-device */
	char *pid_file; /* absolute; NULL: none */
	unsigned int step; /* bytes a RNDADDENTROPY */
	unsigned int interval; /* seconds */
	uint64_t blocks; /* stop after so many; 0: never */
	bool foreground;
	bool quiet;
	bool debug;
};

/* -EINVAL or -ERANGE with @why for a bad one; -ENOMEM. */
int rngd_options_parse(struct rngd_options *options, int argc, char **argv,
		       struct vrng_why *why);

/* The help text, on stdout. */
void rngd_options_help(void);

void rngd_options_free(struct rngd_options *options);

#endif
