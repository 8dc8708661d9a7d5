#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The driver's KUnit suites, in a UML kernel with KASAN and lockdep, and a look
# for leaks after them. COMPLETIONS=10000 asks for the full counts.
exec "$(dirname "$0")/kunit" -- --leaks --timeout "${KUNIT_TIMEOUT:-600}" \
	--append "vrng_kunit.completions=${COMPLETIONS:-1000}"
