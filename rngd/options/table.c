// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of options: see table.h. */
#include <stddef.h>

#include "rngd/options/table.h"

/* An option of earlier versions of rng-tools, which is not in the help. */
#define OLD(name, letter, opt)                                                 \
	{                                                                      \
		name, letter, POPT_ARG_STRING | POPT_ARGFLAG_DOC_HIDDEN, NULL, \
			opt, NULL, NULL                                        \
	}

const struct poptOption rngd_option_table[] = {
	{ "foreground", 'f', POPT_ARG_NONE, NULL, 'f',
	  "Stay in the foreground, with messages on stderr", NULL },
	{ "background", 'b', POPT_ARG_NONE, NULL, 'b',
	  "Become a daemon, with messages to syslog (the default)", NULL },
	{ "config", '\0', POPT_ARG_STRING, NULL, OPT_CONFIG,
	  "Read settings from FILE first: these options as key = value",
	  "FILE" },
	{ "test-config", '\0', POPT_ARG_NONE, NULL, OPT_TEST_CONFIG,
	  "Check the options, the configuration and the sources; do no more",
	  NULL },
	{ "rng-device", 'r', POPT_ARG_STRING, NULL, 'r',
	  "Device or file of the source hwrng (default: /dev/hwrng)", "FILE" },
	{ "source", '\0', POPT_ARG_STRING, NULL, OPT_SOURCE,
	  "Source to read from, repeatable; see rngd(8) for the kinds",
	  "SPEC" },
	{ "require-source", '\0', POPT_ARG_NONE, NULL, OPT_REQUIRE,
	  "Exit when there is no working source, instead of waiting for one",
	  NULL },
	{ "list", 'l', POPT_ARG_NONE, NULL, 'l',
	  "List the sources of rng-tools that there are here", NULL },
	{ "include", 'n', POPT_ARG_STRING, NULL, 'n',
	  "Use this source of that list too, by name or number", "SOURCE" },
	{ "exclude", 'x', POPT_ARG_STRING, NULL, 'x',
	  "Do not use this source of that list", "SOURCE" },
	{ "option", 'O', POPT_ARG_STRING, NULL, 'O',
	  "Set a key of a source of that list", "SOURCE:KEY:VALUE" },
	{ "use-slow-sources", 'u', POPT_ARG_NONE, NULL, 'u',
	  "No effect: slow sources are always used", NULL },
	{ "entropy-count", 'e', POPT_ARG_STRING, NULL, 'e',
	  "Bits of entropy a byte of a source has, 0 to 8 (default: 8)",
	  "BITS" },
	{ "trust-host", '\0', POPT_ARG_NONE, NULL, OPT_TRUST_HOST,
	  "Credit what the host gives also where memory is encrypted against "
	  "it",
	  NULL },
	{ "ignorefail", 'i', POPT_ARG_NONE, NULL, 'i',
	  "Do not suspend a source that fails its tests too often", NULL },
	{ "suspend", '\0', POPT_ARG_STRING, NULL, OPT_SUSPEND,
	  "Seconds such a source is left alone at first (default: 60)",
	  "SECONDS" },
	{ "random-device", 'o', POPT_ARG_STRING, NULL, 'o',
	  "Kernel device to credit, or file or FIFO to write to (default: "
	  "/dev/random)",
	  "FILE" },
	{ "random-step", 's', POPT_ARG_STRING, NULL, 's',
	  "Bytes handed to the kernel at a time, up to 4096 (default: 64)",
	  "BYTES" },
	{ "fill-watermark", 'W', POPT_ARG_STRING, NULL, 'W',
	  "Bits below which a kernel up to 5.17 asks for more, 0 to 4096, or a "
	  "percentage of its pool",
	  "BITS|N%" },
	{ "force-reseed", 'R', POPT_ARG_STRING, NULL, 'R',
	  "Seconds between feedings of a kernel that is full (default: 60); 0: "
	  "feed it only when it asks",
	  "SECONDS" },
	{ "feed-interval", '\0', POPT_ARG_STRING, NULL, OPT_INTERVAL,
	  "Another name of --force-reseed", "SECONDS" },
	{ "record", '\0', POPT_ARG_STRING, NULL, OPT_RECORD,
	  "Only record raw samples of the source to FILE, for rngtest",
	  "FILE" },
	{ "record-bytes", '\0', POPT_ARG_STRING, NULL, OPT_RECORD_BYTES,
	  "Bytes to record (default: 1000000, or 1000 with --restarts)", "N" },
	{ "restarts", '\0', POPT_ARG_STRING, NULL, OPT_RESTARTS,
	  "Record as many after each of N starts of the source", "N" },
	{ "test", 't', POPT_ARG_NONE, NULL, 't',
	  "Discard what passes and print rates, in the foreground", NULL },
	{ "blocks", '\0', POPT_ARG_STRING, NULL, OPT_BLOCKS,
	  "Stop after this many good blocks (default: 0, never)", "N" },
	{ "pid-file", 'p', POPT_ARG_STRING, NULL, 'p',
	  "File for the process id (default: /var/run/rngd.pid in the "
	  "background, none in the foreground)",
	  "FILE" },
	{ "drop-privileges", 'D', POPT_ARG_STRING, NULL, 'D',
	  "User of the process that reads (default: rngd, or else nobody)",
	  "USER[:GROUP]" },
	{ "no-sandbox", '\0', POPT_ARG_NONE, NULL, OPT_NO_SANDBOX,
	  "Do not filter system calls", NULL },
	{ "control", '\0', POPT_ARG_STRING, NULL, OPT_CONTROL,
	  "Socket for rngctl, or none (default: /run/rngd.sock, as root)",
	  "PATH" },
	{ "control-group", '\0', POPT_ARG_STRING, NULL, OPT_CONTROL_GROUP,
	  "Group that may use it (default: root alone)", "GROUP" },
	{ "fork-hooks", '\0', POPT_ARG_STRING, NULL, OPT_HOOKS,
	  "Folder of programs to run after a VM fork, or none (default: "
	  "/etc/vrng/fork.d)",
	  "FOLDER" },
	{ "quiet", 'q', POPT_ARG_NONE, NULL, 'q', "Say nothing but errors",
	  NULL },
	{ "debug", 'd', POPT_ARG_NONE, NULL, 'd', "Say what every block gave",
	  NULL },
	{ "help", '?', POPT_ARG_NONE, NULL, OPT_HELP, "Show this help", NULL },
	{ "version", 'v', POPT_ARG_NONE, NULL, 'v', "Show the version", NULL },
	{ NULL, 'V', POPT_ARG_NONE | POPT_ARGFLAG_DOC_HIDDEN, NULL, 'v', NULL,
	  NULL },
	/* rng-tools-debian */
	OLD("rng-entropy", 'H', 'H'),
	OLD("rng-timeout", 'T', 'T'),
	OLD("rng-buffers", 'B', 'B'),
	OLD("rng-quality", 'Q', 'Q'),
	OLD("stats-interval", 'S', 'S'),
	OLD("rng-driver", '\0', OPT_DRIVER),
	OLD("hrng", '\0', OPT_HRNG),
	OLD("timeout", '\0', OPT_TIMEOUT),
	OLD("pidfile", '\0', 'p'),
	/* rng-tools5 */
	OLD("no-drng", '\0', OPT_NO_DRNG),
	OLD("no-tpm", '\0', OPT_NO_TPM),
	POPT_TABLEEND
};
