// SPDX-License-Identifier: GPL-2.0-or-later
/* The health tests as the kernel has them, in words: all of health_test.c. */
#define VRNG_HEALTH_WORDS
#include "health_test.c"
