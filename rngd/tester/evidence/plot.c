// SPDX-License-Identifier: GPL-2.0-or-later
/* A plot as SVG: see plot.h. */
#include <math.h>

#include "rngd/tester/evidence/plot.h"

/* The area of the bars, in pixels, and what is around it. */
#define WIDTH  720.0
#define HEIGHT 240.0
#define LEFT   70.0
#define TOP    40.0

/* The lowest and highest value that is shown. */
struct range {
	double low;
	double high;
};

static void widen(struct range *range, double value)
{
	range->low = fmin(range->low, value);
	range->high = fmax(range->high, value);
}

/* All values, all bounds and 0. */
static struct range find_range(const struct rngtest_plot *plot)
{
	struct range range = { 0, 0 };
	size_t i;

	for (i = 0; i < plot->count; i++)
		widen(&range, plot->values[i]);
	for (i = 0; i < plot->bound_count; i++)
		widen(&range, plot->bounds[i]);
	if (!(range.high > range.low))
		range.high = range.low + 1;
	return range;
}

static double y_of(const struct range *range, double value)
{
	return TOP +
	       HEIGHT * (range->high - value) / (range->high - range->low);
}

static void draw_bars(const struct rngtest_plot *plot,
		      const struct range *range, FILE *file)
{
	const double width = WIDTH / (double)plot->count;
	const double zero = y_of(range, 0);
	double y;
	size_t i;

	for (i = 0; i < plot->count; i++) {
		y = y_of(range, plot->values[i]);
		fprintf(file,
			"<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" "
			"height=\"%.2f\"/>\n",
			LEFT + width * (double)i, fmin(y, zero), width * 0.8,
			fabs(y - zero));
	}
}

static void draw_lines(const struct rngtest_plot *plot,
		       const struct range *range, FILE *file)
{
	size_t i;

	for (i = 0; i < plot->bound_count; i++)
		fprintf(file,
			"<line x1=\"%.2f\" x2=\"%.2f\" y1=\"%.2f\" "
			"y2=\"%.2f\"/>\n",
			LEFT, LEFT + WIDTH, y_of(range, plot->bounds[i]),
			y_of(range, plot->bounds[i]));
}

static void draw_text(double x, double y, const char *anchor, const char *text,
		      FILE *file)
{
	fprintf(file,
		"<text x=\"%.2f\" y=\"%.2f\" text-anchor=\"%s\">%s</text>\n", x,
		y, anchor, text);
}

static void draw_number(double x, double y, const char *anchor, double number,
			FILE *file)
{
	char text[32];

	snprintf(text, sizeof(text), "%.6g", number);
	draw_text(x, y, anchor, text, file);
}

void rngtest_plot_draw(const struct rngtest_plot *plot, FILE *file)
{
	const struct range range = find_range(plot);
	const double bottom = TOP + HEIGHT;

	fprintf(file,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
		"height=\"%.0f\" font-family=\"sans-serif\" font-size=\"12\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
		"<g fill=\"steelblue\">\n",
		LEFT + WIDTH + 20, bottom + 40);
	draw_bars(plot, &range, file);
	fputs("</g>\n<g stroke=\"firebrick\" stroke-dasharray=\"6 4\">\n",
	      file);
	draw_lines(plot, &range, file);
	fputs("</g>\n", file);
	draw_text(LEFT, TOP - 16, "start", plot->title, file);
	draw_number(LEFT - 6, TOP + 10, "end", range.high, file);
	draw_number(LEFT - 6, bottom, "end", range.low, file);
	draw_number(LEFT, bottom + 16, "start", plot->x_first, file);
	draw_number(LEFT + WIDTH, bottom + 16, "end",
		    plot->x_first + plot->x_step * (double)(plot->count - 1),
		    file);
	draw_text(LEFT + WIDTH / 2, bottom + 30, "middle", plot->x_label, file);
	fputs("</svg>\n", file);
}
