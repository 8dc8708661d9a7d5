/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What C has no words for: the length of an array, the struct around a member. */
#ifndef RNGD_BASE_ARRAY_H
#define RNGD_BASE_ARRAY_H

#include <stddef.h>

/* Elements of an array, which must not be a pointer. */
#define VRNG_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The struct of @type whose @member is at @ptr. */
#define VRNG_CONTAINER_OF(ptr, type, member) \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#endif
