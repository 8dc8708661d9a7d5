#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The driver's KUnit suites, in a UML kernel with KASAN and lockdep.
exec "$(dirname "$0")/kunit"
