// SPDX-License-Identifier: GPL-2.0-or-later
/* rngtest's command line: see options.h. */
#include <errno.h>
#include <popt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "rngd/base/clock.h"
#include "rngd/base/number.h"
#include "rngd/tester/conditioning_report.h"
#include "rngd/tester/estimate/restart.h"
#include "rngd/tester/options.h"
#include "rngd/tester/real.h"
#include "vrng/estimate.h"

enum {
	OPT_THREADS = 256,
	OPT_ENGINE,
	OPT_JSON,
	OPT_HIST,
	OPT_ESTIMATE,
	OPT_SAMPLES,
	OPT_SAMPLE_BITS,
	OPT_ONE_PER_BYTE,
	OPT_IID,
	OPT_SEED,
	OPT_RESTART,
	OPT_CONDITIONING,
	OPT_EVIDENCE,
	OPT_SOURCE,
	OPT_RESTART_MATRIX
};

static const struct poptOption option_table[] = {
	{ "blockcount", 'c', POPT_ARG_STRING, NULL, 'c',
	  "Exit after processing n blocks (default: 0, at the end of input)",
	  "n" },
	{ "blockstats", 'b', POPT_ARG_STRING, NULL, 'b',
	  "Print statistics every n blocks (default: 0, only at the end)",
	  "n" },
	{ "timedstats", 't', POPT_ARG_STRING, NULL, 't',
	  "Print statistics every n seconds (default: 0, only at the end)",
	  "n" },
	{ "pipe", 'p', POPT_ARG_NONE, NULL, 'p',
	  "Pipe mode: work silently, and echo good blocks to stdout", NULL },
	{ "threads", '\0', POPT_ARG_STRING, NULL, OPT_THREADS,
	  "Test with n threads (default: one for each processor)", "n" },
	{ "engine", '\0', POPT_ARG_STRING, NULL, OPT_ENGINE,
	  "Test with avx512, avx2, neon, portable or reference (default: the "
	  "fastest that this processor has)",
	  "name" },
	{ "json", '\0', POPT_ARG_NONE, NULL, OPT_JSON,
	  "Print statistics as JSON, one object a line, on stdout", NULL },
	{ "hist", '\0', POPT_ARG_NONE, NULL, OPT_HIST,
	  "Draw the nibbles and runs against what is expected, on stdout",
	  NULL },
	{ "estimate", '\0', POPT_ARG_NONE, NULL, OPT_ESTIMATE,
	  "Estimate the min-entropy of what comes first, by SP 800-90B, on "
	  "stdout",
	  NULL },
	{ "iid", '\0', POPT_ARG_NONE, NULL, OPT_IID,
	  "Test whether the same samples are independent and identically "
	  "distributed, by SP 800-90B",
	  NULL },
	{ "restart", '\0', POPT_ARG_STRING, NULL, OPT_RESTART,
	  "The samples are 1,000 of each of 1,000 restarts: test a claim of h "
	  "bits a sample, by SP 800-90B",
	  "h" },
	{ "evidence", '\0', POPT_ARG_STRING, NULL, OPT_EVIDENCE,
	  "Write a report of all tests of SP 800-90B, with plots and what may "
	  "be claimed, to a folder",
	  "dir" },
	{ "source", '\0', POPT_ARG_STRING, NULL, OPT_SOURCE,
	  "Take samples and restarts for --evidence from a source of rngd(8), "
	  "and keep them there",
	  "SPEC" },
	{ "restart-matrix", '\0', POPT_ARG_STRING, NULL, OPT_RESTART_MATRIX,
	  "Take the samples of 1,000 restarts for --evidence from a file",
	  "file" },
	{ "conditioning", '\0', POPT_ARG_STRING, NULL, OPT_CONDITIONING,
	  "Only compute the entropy of a conditioning component's output, by "
	  "SP 800-90B",
	  "n_in,n_out,nw,h_in[,h']" },
	{ "seed", '\0', POPT_ARG_STRING, NULL, OPT_SEED,
	  "Shuffle them with this seed (default: a random one, which is "
	  "printed)",
	  "n" },
	{ "samples", '\0', POPT_ARG_STRING, NULL, OPT_SAMPLES,
	  "Estimate it of n samples (default: 1000000)", "n" },
	{ "sample-bits", '\0', POPT_ARG_STRING, NULL, OPT_SAMPLE_BITS,
	  "Estimate it of samples of n bits, 1 to 8 (default: 8)", "n" },
	{ "one-per-byte", '\0', POPT_ARG_NONE, NULL, OPT_ONE_PER_BYTE,
	  "Each byte holds one sample, in its low bits (default: packed)",
	  NULL },
	{ "help", '?', POPT_ARG_NONE, NULL, '?', "Show this help", NULL },
	{ "version", 'V', POPT_ARG_NONE, NULL, 'V', "Show the version", NULL },
	POPT_TABLEEND
};

static poptContext context(int argc, const char **argv)
{
	poptContext con =
		poptGetContext("rngtest", argc, argv, option_table, 0);

	if (con)
		poptSetOtherOptionHelp(con, "[OPTION...] [FILE...]");
	return con;
}

static unsigned int processors(void)
{
	cpu_set_t set;
	int n = 1;

	if (!sched_getaffinity(0, sizeof(set), &set))
		n = CPU_COUNT(&set);
	return n < RNGTEST_THREADS_MAX ? (unsigned int)n : RNGTEST_THREADS_MAX;
}

/* Numbers that JSON readers keep exactly; the clock's if there is no other. */
static uint64_t random_seed(void)
{
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(seed))
		seed = vrng_now();
	return seed >> 11;
}

static int take_engine(struct rngtest_options *options, const char *name,
		       struct vrng_error *error)
{
	const struct vrng_fips_engine *engine;
	size_t n;

	for (n = 0; (engine = vrng_fips_engine(n)); n++) {
		if (strcmp(engine->name, name))
			continue;
		if (!engine->usable())
			return vrng_fail(error, ENOTSUP,
					 "--engine: this processor lacks what "
					 "%s needs",
					 name);
		options->engine = engine;
		return 0;
	}
	return vrng_fail(error, EINVAL,
			 "--engine: \"%.32s\": no such engine here", name);
}

/* Limits keep numbers of bits and of nanoseconds below 2^63. */
static int take_value(struct rngtest_options *options, int opt,
		      const char *text, struct vrng_error *error)
{
	const uint64_t max_blocks = INT64_MAX / VRNG_FIPS_BLOCK_BITS;
	uint64_t n = 0;
	int ret;

	switch (opt) {
	case 'c':
		return vrng_number(&options->blockcount, "--blockcount", text,
				   0, max_blocks, error);
	case 'b':
		return vrng_number(&options->blockstats, "--blockstats", text,
				   0, max_blocks, error);
	case 't':
		ret = vrng_number(&n, "--timedstats", text, 0,
				  INT64_MAX / VRNG_NS_PER_S, error);
		options->timedstats = n * VRNG_NS_PER_S;
		return ret;
	case OPT_RESTART:
		options->samples = VRNG_RESTART_SAMPLES;
		return rngtest_real(&options->restart, "--restart", text, 8,
				    error);
	case OPT_CONDITIONING:
		options->action = RNGTEST_CONDITIONING;
		return rngtest_conditioning_parse(&options->conditioning, text,
						  error);
	case OPT_SEED:
		return vrng_number(&options->seed, "--seed", text, 0,
				   UINT64_MAX, error);
	case OPT_SAMPLES:
		return vrng_number(&options->samples, "--samples", text, 1000,
				   VRNG_ASSESS_MAX / 8, error);
	case OPT_SAMPLE_BITS:
		ret = vrng_number(&n, "--sample-bits", text, 1, 8, error);
		options->width = (unsigned int)n;
		return ret;
	case OPT_THREADS:
		ret = vrng_number(&n, "--threads", text, 1, RNGTEST_THREADS_MAX,
				  error);
		options->threads = (unsigned int)n;
		return ret;
	default:
		return take_engine(options, text, error);
	}
}

/* Keep @text, which replaces an earlier value. */
static void keep(char **value, char *text)
{
	free(*value);
	*value = text;
}

static int take_option(struct rngtest_options *options, int opt,
		       poptContext con, struct vrng_error *error)
{
	char *text;
	int ret = 0;

	switch (opt) {
	case 'p':
		options->pipe = true;
		break;
	case OPT_JSON:
		options->json = true;
		break;
	case OPT_HIST:
		options->hist = true;
		break;
	case OPT_ESTIMATE:
		options->estimate = true;
		break;
	case OPT_IID:
		options->iid = true;
		break;
	case OPT_ONE_PER_BYTE:
		options->one_per_byte = true;
		break;
	case '?':
		options->action = RNGTEST_SHOW_HELP;
		break;
	case 'V':
		options->action = RNGTEST_SHOW_VERSION;
		break;
	case OPT_EVIDENCE:
	case OPT_SOURCE:
	case OPT_RESTART_MATRIX:
		text = poptGetOptArg(con);
		keep(opt == OPT_EVIDENCE ? &options->evidence :
		     opt == OPT_SOURCE	 ? &options->source :
					   &options->restart_matrix,
		     text);
		return text ? 0 : -ENOMEM;
	default:
		text = poptGetOptArg(con);
		ret = text ? take_value(options, opt, text, error) : -ENOMEM;
		free(text);
	}
	return ret;
}

/* Copy the file names; the default is stdin. */
static int take_names(struct rngtest_options *options, const char **args)
{
	static const char *const none[] = { "-", NULL };
	size_t n = 0;

	if (!args)
		args = (const char **)(uintptr_t)none;
	while (args[n])
		n++;
	options->names = calloc(n + 1, sizeof(*options->names));
	if (!options->names)
		return -ENOMEM;
	while (n--) {
		options->names[n] = strdup(args[n]);
		if (!options->names[n])
			return -ENOMEM;
	}
	return 0;
}

/* What is of no use without the evidence, or beside the source. */
static int check_together(const struct rngtest_options *options,
			  const char *const *args, struct vrng_error *error)
{
	if (options->restart_matrix && !options->evidence)
		return vrng_fail(error, EINVAL,
				 "--restart-matrix is for --evidence; without "
				 "it, give --restart and the file");
	if (options->source && !options->evidence)
		return vrng_fail(error, EINVAL,
				 "--source is for --evidence; to test what a "
				 "source gives, record it by rngd --record");
	if (options->source && args && *args)
		return vrng_fail(error, EINVAL,
				 "%.128s: --source takes no file; give one or "
				 "the other",
				 *args);
	return 0;
}

int rngtest_options_parse(struct rngtest_options *options, int argc,
			  char **argv, struct vrng_error *error)
{
	poptContext con = context(argc, (const char **)(uintptr_t)argv);
	const char **args;
	int ret = 0;
	int opt;

	memset(options, 0, sizeof(*options));
	if (!con)
		return -ENOMEM;
	options->threads = processors();
	options->engine = vrng_fips_best_engine();
	options->samples = VRNG_ASSESS_SAMPLES;
	options->seed = random_seed();
	options->width = 8;
	/* --help and --version end the parsing: the first of them counts. */
	while ((options->action == RNGTEST_RUN ||
		options->action == RNGTEST_CONDITIONING) &&
	       (opt = poptGetNextOpt(con)) != -1) {
		if (opt < -1)
			ret = vrng_fail(error, EINVAL, "%.64s: %s",
					poptBadOption(con,
						      POPT_BADOPTION_NOALIAS),
					poptStrerror(opt));
		else
			ret = take_option(options, opt, con, error);
		if (ret)
			break;
	}
	args = ret ? NULL : poptGetArgs(con);
	if (!ret)
		ret = check_together(options, args, error);
	if (!ret)
		ret = take_names(options, args);
	poptFreeContext(con);
	if (ret)
		rngtest_options_free(options);
	return ret;
}

void rngtest_options_help(void)
{
	static const char *const argv[] = { "rngtest", NULL };
	poptContext con = context(1, (const char **)(uintptr_t)argv);

	if (!con)
		return;
	poptPrintHelp(con, stdout, 0);
	poptFreeContext(con);
	puts("\nTests FILEs (one after another, as if they were one; default, "
	     "and \"-\": stdin) in\nblocks of 20,000 bits with the FIPS 140-2 "
	     "tests; messages and statistics go to\nstderr. Exit status: 0 all "
	     "blocks passed, 1 a block failed (or there was none),\n10 usage, "
	     "11 input or output error, 12 system error.");
}

void rngtest_options_free(struct rngtest_options *options)
{
	size_t n;

	for (n = 0; options->names && options->names[n]; n++)
		free(options->names[n]);
	free(options->names);
	options->names = NULL;
	keep(&options->evidence, NULL);
	keep(&options->source, NULL);
	keep(&options->restart_matrix, NULL);
}
