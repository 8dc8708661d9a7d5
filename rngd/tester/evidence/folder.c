// SPDX-License-Identifier: GPL-2.0-or-later
/* The folder of a report: see folder.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "rngd/tester/evidence/folder.h"
#include "rngd/tester/evidence/names.h"
#include "rngd/tester/evidence/plot.h"
#include "rngd/tester/iid_report.h"
#include "rngd/tester/report.h"
#include "rngd/tester/restart_report.h"
#include "vrng/version.h"

/* What all pages are made of. */
struct content {
	const struct rngtest_evidence *evidence;
	const struct rngtest_matter *matter;
	const struct rngtest_options *options;
};

/* The claim is rounded down: more may not be claimed. */
static double rounded(double claim)
{
	return floor(claim * 1000) / 1000;
}

/* ---------------------------------------------------------------- report.md */

static void print_claim(FILE *file, const struct content *content)
{
	const struct rngtest_evidence *e = content->evidence;
	const struct vrng_assessment *a = &e->assessment;

	fputs("# Evidence by SP 800-90B\n\n## What may be claimed\n\n", file);
	if (a->samples < VRNG_ASSESS_SAMPLES)
		fprintf(file,
			"**Too few samples.** There are %zu; the standard asks "
			"for %u, and grants no claim from fewer. These would "
			"lead to\n\nentropy=%.3f: %.6f bits of min-entropy a "
			"sample.\n\n",
			a->samples, VRNG_ASSESS_SAMPLES, rounded(e->per_byte),
			e->per_sample);
	else
		fprintf(file,
			"**entropy=%.3f**: %.6f bits of min-entropy a "
			"sample.\n\n",
			rounded(e->per_byte), e->per_sample);
	fprintf(file, "- Estimators (6.3): %.6f bits a sample.\n", a->entropy);
	if (e->constant)
		fputs("- All samples are equal. There is no entropy.\n", file);
	else if (e->iid.passed)
		fprintf(file,
			"- IID (5): no test contradicts it. If the design of "
			"the source shows that its samples are IID, %.6f bits "
			"a sample may be claimed instead.\n",
			e->iid.entropy);
	else if (e->iid.failed)
		fputs("- IID (5): the samples are not IID.\n", file);
	else
		fputs("- IID (5): too few samples for a verdict.\n", file);
	if (e->restarted)
		fprintf(file, "- Restarts (3.1.4): %s.\n",
			e->restart.valid ? "the claim holds" :
					   "THE CLAIM DOES NOT HOLD");
	else
		fputs("- Restarts (3.1.4): not tested; the standard asks for "
		      "it.\n",
		      file);
	fputs("- The claim is worth nothing if the samples were conditioned, "
	      "or taken from another source than the one that is used.\n\n",
	      file);
}

static void print_samples(FILE *file, const struct content *content)
{
	const struct rngtest_evidence *e = content->evidence;
	const struct rngtest_options *options = content->options;

	fprintf(file,
		"## Samples\n\n| | |\n|---|---|\n"
		"| samples | %zu of %u bit%s, %s |\n"
		"| different values | %u |\n"
		"| bytes | %zu |\n| SHA-256 of the bytes | `%s` |\n"
		"| seed of the shuffles | %" PRIu64 " |\n",
		content->matter->count, options->width,
		options->width == 1 ? "" : "s",
		options->one_per_byte ? "one per byte" : "packed",
		e->assessment.symbols, content->matter->len, e->digest,
		options->seed);
	rngtest_names_markdown(options, file);
	if (e->restarted)
		fprintf(file, "| SHA-256 of the restart matrix | `%s` |\n",
			e->restart_digest);
	fputs("| program | rngtest " VRNG_VERSION " of vrng |\n\n", file);
}

static void print_alarm(FILE *file, const char *name,
			const struct rngtest_alarm *alarm)
{
	fprintf(file,
		"| %s | %.6f | %u | %.3g | %u of %u | %.3g | %" PRIu64 " |\n",
		name, alarm->entropy, alarm->limits.rct, alarm->rct_rate,
		alarm->limits.apt, alarm->limits.window, alarm->apt_rate,
		alarm->failures);
}

static void print_alarms(FILE *file, const struct content *content)
{
	static const char *const names[RNGTEST_ALARMS] = {
		"for the claim, 2^-20",
		"for the claim, 2^-30",
		"for the claim, 2^-40",
	};
	const struct rngtest_evidence *e = content->evidence;
	unsigned int i;

	fputs("## Health tests\n\nCut-offs (4.4), the rates of false alarms at "
	      "that entropy, and the failures on these samples. Driver and "
	      "daemon test the bytes as they are.\n\n"
	      "| | bits a sample | repetition count | rate a sample | adaptive "
	      "proportion | rate a window | failures |\n"
	      "|---|---:|---:|---:|---:|---:|---:|\n",
	      file);
	for (i = 0; i < e->alarm_count && i < RNGTEST_ALARMS; i++)
		print_alarm(file, names[i], &e->alarms[i]);
	print_alarm(file, "driver and daemon", &e->of_vrng);
	fputc('\n', file);
}

static void print_markdown(FILE *file, const struct content *content)
{
	const struct rngtest_evidence *e = content->evidence;

	print_claim(file, content);
	print_samples(file, content);
	fputs("## Estimators\n\n```\n", file);
	rngtest_report_estimate(&e->assessment, false, file);
	fputs("```\n\n![Estimates](estimates.svg)\n\n## IID track\n\n```\n",
	      file);
	if (e->constant)
		fputs("All samples are equal.\n", file);
	else
		rngtest_iid_print(&e->iid, false, file);
	fputs("```\n\n", file);
	if (e->restarted) {
		fputs("## Restarts\n\n```\n", file);
		rngtest_restart_print(&e->restart, false, file);
		fputs("```\n\n", file);
	}
	print_alarms(file, content);
	fputs("## Plots\n\n![Values](values.svg)\n\n"
	      "![Autocorrelation](autocorrelation.svg)\n\n"
	      "![Spectrum](spectrum.svg)\n",
	      file);
}

/* -------------------------------------------------------------- report.json */

static void json_alarm(FILE *file, const struct rngtest_alarm *alarm)
{
	fprintf(file,
		"{\"entropy\":%.6f,\"rct\":%u,\"rct_rate\":%.6g,\"apt\":%u,"
		"\"window\":%u,\"apt_rate\":%.6g,\"failures\":%" PRIu64 "}",
		alarm->entropy, alarm->limits.rct, alarm->rct_rate,
		alarm->limits.apt, alarm->limits.window, alarm->apt_rate,
		alarm->failures);
}

static void print_json(FILE *file, const struct content *content)
{
	const struct rngtest_evidence *e = content->evidence;
	unsigned int i;

	fprintf(file,
		"{\"rngtest\":\"" VRNG_VERSION "\",\"entropy\":%.3f,"
		"\"per_sample\":%.6f,\"too_few_samples\":%s,"
		"\"bytes\":%zu,\"sha256\":\"%s\","
		"\"one_per_byte\":%s,\"seed\":%" PRIu64 ",\"health\":[",
		rounded(e->per_byte), e->per_sample,
		e->assessment.samples < VRNG_ASSESS_SAMPLES ? "true" : "false",
		content->matter->len, e->digest,
		content->options->one_per_byte ? "true" : "false",
		content->options->seed);
	for (i = 0; i < e->alarm_count; i++) {
		json_alarm(file, &e->alarms[i]);
		fputc(',', file);
	}
	json_alarm(file, &e->of_vrng);
	fputs("],", file);
	rngtest_names_json(content->options, file);
	fputs(",\"reports\":[\n", file);
	rngtest_report_estimate(&e->assessment, true, file);
	if (!e->constant) {
		fputc(',', file);
		rngtest_iid_print(&e->iid, true, file);
	}
	if (e->restarted) {
		fputc(',', file);
		rngtest_restart_print(&e->restart, true, file);
	}
	fputs("]", file);
	if (e->restarted)
		fprintf(file, ",\"restart_sha256\":\"%s\"", e->restart_digest);
	fputs("}\n", file);
}

/* ------------------------------------------------------------------- plots */

static void plot_values(FILE *file, const struct content *content)
{
	const size_t values = (size_t)1 << content->options->width;
	const double mean = (double)content->matter->count / (double)values;
	const struct rngtest_plot plot = {
		.title = "Samples of each value; dashed: all equally likely",
		.x_label = "value",
		.x_step = 1,
		.values = content->evidence->counts,
		.count = values,
		.bounds = &mean,
		.bound_count = 1,
	};

	rngtest_plot_draw(&plot, file);
}

static void plot_lags(FILE *file, const struct content *content)
{
	const double bound =
		2.5758293035489008 / sqrt((double)content->matter->count);
	const double bounds[] = { bound, -bound };
	const struct rngtest_plot plot = {
		.title = "Autocorrelation; dashed: 99 % of independent samples",
		.x_label = "lag, samples",
		.x_first = 1,
		.x_step = 1,
		.values = content->evidence->lags,
		.count = RNGTEST_LAGS,
		.bounds = bounds,
		.bound_count = 2,
	};

	rngtest_plot_draw(&plot, file);
}

/* A band's power has an exponential distribution; its mean is near normal. */
static void plot_bands(FILE *file, const struct content *content)
{
	const double pieces = fmax(1, (double)content->evidence->pieces);
	const double bound = 2.5758293035489008 / sqrt(pieces);
	const double bounds[] = { 1 + bound, fmax(0, 1 - bound) };
	const struct rngtest_plot plot = {
		.title = "Power by frequency over its mean; dashed: 99 % of "
			 "independent samples",
		.x_label = "periods in 512 samples",
		.x_first = 1,
		.x_step = 1,
		.values = content->evidence->bands,
		.count = RNGTEST_BANDS,
		.bounds = bounds,
		.bound_count = 2,
	};

	rngtest_plot_draw(&plot, file);
}

/* All estimates, in bits a sample. */
static void plot_estimates(FILE *file, const struct content *content)
{
	const struct vrng_assessment *a = &content->evidence->assessment;
	double values[2 * VRNG_ESTIMATORS];
	const double bounds[] = { a->width, content->evidence->per_sample };
	const struct rngtest_plot plot = {
		.title = "Estimates of samples (1 to 10) and of bits (11 to "
			 "20), bits a sample; dashed: full, and the claim",
		.x_label = "section 6.3.n, and 6.3.(n - 10) of the bits",
		.x_first = 1,
		.x_step = 1,
		.values = values,
		.count = VRNG_LENGTH(values),
		.bounds = bounds,
		.bound_count = 2,
	};
	unsigned int i;

	for (i = 0; i < VRNG_ESTIMATORS; i++) {
		values[i] = a->original[i].done ? a->original[i].entropy : NAN;
		values[VRNG_ESTIMATORS + i] =
			a->bits[i].done ? a->bits[i].entropy * a->width : NAN;
	}
	rngtest_plot_draw(&plot, file);
}

/* ------------------------------------------------------------------- files */

static const struct {
	const char *name;
	void (*print)(FILE *file, const struct content *content);
} files[] = {
	{ "report.md", print_markdown }, { "report.json", print_json },
	{ "values.svg", plot_values },	 { "autocorrelation.svg", plot_lags },
	{ "spectrum.svg", plot_bands },	 { "estimates.svg", plot_estimates },
};

int rngtest_folder_make(const char *path, struct vrng_error *error)
{
	struct stat st;

	if (mkdir(path, 0777) && errno != EEXIST)
		return vrng_fail(error, errno,
				 "--evidence: %.128s: cannot make the folder: "
				 "%m; nothing was tested",
				 path);
	if (stat(path, &st) || !S_ISDIR(st.st_mode) || access(path, W_OK))
		return vrng_fail(error, errno ? errno : ENOTDIR,
				 "--evidence: %.128s: is no folder that can be "
				 "written to; nothing was tested",
				 path);
	return 0;
}

static int write_file(int folder, const char *name,
		      void (*print)(FILE *file, const struct content *content),
		      const struct content *content)
{
	int fd = openat(folder, name,
			O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
			0666);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	int ret = 0;

	if (!file) {
		ret = -errno;
		if (fd >= 0)
			close(fd);
		return ret;
	}
	print(file, content);
	if (ferror(file))
		ret = -EIO;
	if (fclose(file))
		ret = -errno;
	return ret;
}

int rngtest_folder_write(const char *path,
			 const struct rngtest_evidence *evidence,
			 const struct rngtest_matter *matter,
			 const struct rngtest_options *options,
			 struct vrng_error *error)
{
	const struct content content = { evidence, matter, options };
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = folder < 0 ? -errno : 0;
	size_t i;

	for (i = 0; i < VRNG_LENGTH(files) && !ret; i++)
		ret = write_file(folder, files[i].name, files[i].print,
				 &content);
	if (folder >= 0)
		close(folder);
	if (!ret)
		return 0;
	return vrng_fail(error, -ret,
			 "--evidence: %.128s: error writing the report: %m; it "
			 "is incomplete",
			 path);
}
