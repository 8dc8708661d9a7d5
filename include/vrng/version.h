/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one place the version is kept; the Makefile and packages read it here. */
#ifndef VRNG_VERSION_H
#define VRNG_VERSION_H

#define VRNG_VERSION "0.1.0"

#endif
