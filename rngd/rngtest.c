// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rngtest: runs the FIPS 140-2 tests on files and streams. Options, lines and
 * exit statuses are those of the rngtest of rng-tools, because scripts parse
 * them; rngtest(1) lists them and the additions.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rngd/tester/banner.h"
#include "rngd/tester/conditioning_report.h"
#include "rngd/tester/evidence/folder.h"
#include "rngd/tester/input.h"
#include "rngd/tester/options.h"
#include "rngd/tester/recording.h"
#include "rngd/tester/report.h"
#include "rngd/tester/run.h"
#include "rngd/base/stdfds.h"
#include "rngd/tester/stop.h"

static int flush_stdout(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return RNGTEST_GOOD;
	fprintf(stderr, RNGTEST_PREFIX "error writing to output: %s\n",
		strerror(errno));
	return RNGTEST_IO;
}

static int act(struct rngtest_options *options)
{
	struct vrng_error error;
	int status;

	if (options->action == RNGTEST_SHOW_HELP) {
		rngtest_options_help();
		return flush_stdout();
	}
	if (options->action == RNGTEST_SHOW_VERSION) {
		fputs(RNGTEST_BANNER, stdout);
		return flush_stdout();
	}
	if (options->action == RNGTEST_CONDITIONING) {
		struct vrng_conditioning conditioning = options->conditioning;

		vrng_conditioning_find(&conditioning);
		rngtest_conditioning_print(&conditioning, options->json);
		return flush_stdout();
	}
	if (!options->source && rngtest_input_check(options->names, &error)) {
		fprintf(stderr, RNGTEST_PREFIX "%s\n", error.text);
		return RNGTEST_IO;
	}
	if (options->evidence &&
	    rngtest_folder_make(options->evidence, &error)) {
		fprintf(stderr, RNGTEST_PREFIX "%s\n", error.text);
		return RNGTEST_IO;
	}
	if (options->source) {
		status = (int)rngtest_recording_make(options, &error);
		if (status) {
			fprintf(stderr, RNGTEST_PREFIX "%s\n", error.text);
			return status;
		}
	}
	return (int)rngtest_run(options);
}

int main(int argc, char **argv)
{
	struct rngtest_options options;
	struct vrng_error error = { "" };
	int ret = vrng_stdfds_hold();
	int status;

	if (!ret)
		ret = vrng_stop_init();
	if (ret) {
		fprintf(stderr, RNGTEST_PREFIX "cannot start: %s\n",
			strerror(-ret));
		return RNGTEST_OS;
	}
	ret = rngtest_options_parse(&options, argc, argv, &error);
	if (ret == -ENOMEM) {
		fprintf(stderr, RNGTEST_PREFIX "cannot start: %s\n",
			strerror(ENOMEM));
		return RNGTEST_OS;
	}
	if (ret) {
		fprintf(stderr, RNGTEST_PREFIX "%s; see rngtest --help\n",
			error.text);
		return RNGTEST_USAGE;
	}
	status = act(&options);
	rngtest_options_free(&options);
	return status;
}
