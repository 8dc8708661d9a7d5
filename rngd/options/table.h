/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of rngd's options, for popt. The long name of an option is its key
 * in the configuration file.
 */
#ifndef RNGD_OPTIONS_TABLE_H
#define RNGD_OPTIONS_TABLE_H

#include <popt.h>

/* The val of options that have no letter. */
enum rngd_option {
	OPT_SOURCE = 0x100,
	OPT_REQUIRE,
	OPT_SUSPEND,
	OPT_BLOCKS,
	OPT_INTERVAL,
	OPT_CONFIG,
	OPT_TEST_CONFIG,
	OPT_SELFTEST,
	OPT_RECORD,
	OPT_RECORD_BYTES,
	OPT_RESTARTS,
	OPT_CONTROL,
	OPT_CONTROL_GROUP,
	OPT_HOOKS,
	OPT_PAGE,
	OPT_NO_SANDBOX,
	OPT_TRUST_HOST,
	OPT_TIMEOUT,
	OPT_DRIVER,
	OPT_HRNG,
	OPT_NO_DRNG,
	OPT_NO_TPM,
	OPT_HELP
};

extern const struct poptOption rngd_option_table[];

#endif
