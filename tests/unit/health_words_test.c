// SPDX-License-Identifier: GPL-2.0-or-later
/* All of health_test.c with the code for words, which the kernel uses. */
#define VRNG_HEALTH_WORDS
#include "health_test.c"
