// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Parses any bytes as rngd's configuration file: they are refused with one
 * line, or make options within the ranges of options.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rngd/options/options.h"
#include "tests/fuzz/fuzz.h"

static char path[] = "/tmp/vrng-fuzz-config-XXXXXX";

static void remove_file(void)
{
	(void)unlink(path);
}

/* One file for all inputs. */
static int open_file(void)
{
	static int fd = -1;

	if (fd < 0) {
		fd = mkstemp(path);
		FUZZ_MUST(fd >= 0);
		atexit(remove_file);
	}
	return fd;
}

static void look_at(const struct rngd_options *o)
{
	size_t i;

	FUZZ_MUST(o->sources >= 1 && o->sources <= RNGD_SOURCES_MAX);
	for (i = 0; i < o->sources; i++)
		FUZZ_MUST(o->source[i]);
	FUZZ_MUST(o->step >= RNGD_STEP_MIN && o->step <= RNGD_STEP_MAX);
	FUZZ_MUST(o->interval <= RNGD_INTERVAL_MAX);
	FUZZ_MUST(o->entropy <= RNGD_ENTROPY_MAX);
	FUZZ_MUST(o->watermark >= -1 && o->watermark <= RNGD_WATERMARK_MAX);
	FUZZ_MUST(o->sink && o->hooks && o->config);
	FUZZ_MUST(o->action == RNGD_RUN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[] = "rngd", option[64];
	char *argv[] = { name, option, NULL };
	struct vrng_error error = { "" };
	struct rngd_options options;
	int fd = open_file();
	int ret;

	FUZZ_MUST(!ftruncate(fd, 0));
	FUZZ_MUST(pwrite(fd, data, size, 0) == (ssize_t)size);
	(void)snprintf(option, sizeof(option), "--config=%s", path);
	ret = rngd_options_parse(&options, 2, argv, "/", &error);
	if (ret) {
		FUZZ_MUST(*error.text && !strchr(error.text, '\n'));
		FUZZ_MUST(!options.source[0] && !options.config);
		return 0;
	}
	look_at(&options);
	rngd_options_free(&options);
	return 0;
}
