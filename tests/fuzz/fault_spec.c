// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any text as faults, one a line: each is refused in one line, or strikes
 * requests without doing to the answer what no fault does.
 */
#include <errno.h>
#include <string.h>

#include "tests/device/vhost-user-rng/fault.h"
#include "tests/fuzz/fuzz.h"

#define REQUESTS 50

static void strike(struct faults *f)
{
	const struct fault_request req = { .asked = 64, .num = 8, .idle = 3 };
	unsigned char bytes[64] = { 0 };
	uint64_t now = 1;

	for (int i = 0; i < REQUESTS; i++) {
		struct fault_answer answer = { .id = 1, .len = 64, .times = 1 };

		if (faults_ask(f, now) == FAULT_HOLD) {
			if (!f->release)
				return; /* for ever */
			FUZZ_MUST(f->release > now);
			now = f->release;
			FUZZ_MUST(faults_ask(f, now) != FAULT_HOLD);
		}
		faults_give(f, bytes, sizeof(bytes));
		faults_answer(f, &req, &answer);
		FUZZ_MUST(answer.times >= 1 && answer.times <= FAULTS_MAX + 1);
		FUZZ_MUST(answer.id == 1 || answer.id == 3 || answer.id == 8);
		faults_done(f);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct faults faults = { 0 };
	char *text = malloc(size + 1), *line, *rest;

	FUZZ_MUST(text);
	memcpy(text, data, size);
	text[size] = '\0';
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		unsigned int n = faults.n;
		struct vrng_error error = { "" };
		int err = faults_add(&faults, line, &error);

		FUZZ_MUST(!err || (err == -EINVAL && *error.text));
		FUZZ_MUST(faults.n == n + !err && faults.n <= FAULTS_MAX);
	}
	if (faults.n)
		strike(&faults);
	free(text);
	return 0;
}
