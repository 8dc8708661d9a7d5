// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any text as a guest's file of options: it is refused in one line that names the
 * file, or its limits are within their ranges.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/device/runtime/cli.h"
#include "tests/device/vhost-user-rng/guest_file.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct guest_defaults defaults = { .period_ms = 65536 };
	const bool limits_only = size % 2;
	struct guest_options options;
	struct vrng_error error = { "" };
	int err, fd = memfd_create("guest", MFD_CLOEXEC);
	char path[32];

	FUZZ_MUST(fd >= 0);
	FUZZ_MUST(write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	err = guest_file_read(AT_FDCWD, path, limits_only, &defaults, &options,
			      &error);
	if (err) {
		FUZZ_MUST(err < 0 && !strncmp(error.text, path, strlen(path)));
		FUZZ_MUST(!strchr(error.text, '\n'));
	} else {
		FUZZ_MUST(size <= GUEST_FILE_MAX);
		FUZZ_MUST(options.max_bytes <= INT64_MAX);
		FUZZ_MUST(options.period_ms >= 1 &&
			  options.period_ms <= CLI_PERIOD_MAX_MS);
		FUZZ_MUST(!options.has_as || options.as.mode <= 0777);
		FUZZ_MUST(!options.has_as || !limits_only);
	}
	close(fd);
	return 0;
}
