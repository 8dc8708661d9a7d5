/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of rngd: a row each of popt's, which is a key of the configuration
 * file as well.
 */
#ifndef RNGD_OPTIONS_TABLE_H
#define RNGD_OPTIONS_TABLE_H

#include <popt.h>

/* What a row's val is, where it is no letter. */
enum rngd_option {
	OPT_SOURCE = 0x100,
	OPT_REQUIRE,
	OPT_SUSPEND,
	OPT_BLOCKS,
	OPT_CONFIG,
	OPT_TEST_CONFIG,
	OPT_CONTROL,
	OPT_CONTROL_GROUP,
	OPT_HOOKS,
	OPT_NO_SANDBOX,
	OPT_HELP
};

extern const struct poptOption rngd_option_table[];

#endif
