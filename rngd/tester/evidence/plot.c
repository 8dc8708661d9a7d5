// SPDX-License-Identifier: GPL-2.0-or-later
/* A plot as SVG: see plot.h. */
#include <math.h>

#include "rngd/tester/evidence/plot.h"

/* The area of the bars, in pixels, and what is around it. */
#define WIDTH  720.0
#define HEIGHT 240.0
#define LEFT   70.0
#define TOP    40.0

#define TICKS 5 /* labels of an axis, about */
#define EACH  20 /* so many bars have a label each */

/* What an axis shows: from low to high, with a label at multiples of step. */
struct axis {
	double low;
	double high;
	double step;
};

/* The largest of 1, 2 and 5 times a power of ten that gives TICKS or more. */
static double round_step(double range)
{
	const double rough = range / TICKS;
	const double power = pow(10, floor(log10(rough)));

	return power * (rough >= 5 * power ? 5 : rough >= 2 * power ? 2 : 1);
}

static void widen(struct axis *axis, double value)
{
	axis->low = fmin(axis->low, value);
	axis->high = fmax(axis->high, value);
}

/* All values, all bounds and 0, out to the next labels. fmin() drops NAN. */
static struct axis find_y(const struct rngtest_plot *plot)
{
	struct axis y = { 0, 0, 0 };
	size_t i;

	for (i = 0; i < plot->count; i++)
		widen(&y, plot->values[i]);
	for (i = 0; i < plot->bound_count; i++)
		widen(&y, plot->bounds[i]);
	if (!(y.high > y.low))
		y.high = y.low + 1;
	y.step = round_step(y.high - y.low);
	y.low = floor(y.low / y.step) * y.step;
	y.high = ceil(y.high / y.step) * y.step;
	return y;
}

static double y_of(const struct axis *y, double value)
{
	return TOP + HEIGHT * (y->high - value) / (y->high - y->low);
}

static double bar_width(const struct rngtest_plot *plot)
{
	return WIDTH / (double)plot->count;
}

/* The middle of the bar that stands for @value. */
static double x_of(const struct rngtest_plot *plot, double value)
{
	return LEFT +
	       bar_width(plot) * ((value - plot->x_first) / plot->x_step + 0.5);
}

static void draw_line(double x1, double y1, double x2, double y2, FILE *file)
{
	fprintf(file,
		"<line x1=\"%.2f\" x2=\"%.2f\" y1=\"%.2f\" y2=\"%.2f\"/>\n", x1,
		x2, y1, y2);
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

/* Multiples of a step, counted, so that rounding errors do not add up. */
static long first_tick(double low, double step)
{
	return (long)ceil(low / step - 1e-9);
}

static long last_tick(double high, double step)
{
	return (long)floor(high / step + 1e-9);
}

static void draw_y(const struct axis *y, FILE *file)
{
	long n;

	fputs("<g stroke=\"gainsboro\">\n", file);
	for (n = first_tick(y->low, y->step); n <= last_tick(y->high, y->step);
	     n++)
		draw_line(LEFT, y_of(y, (double)n * y->step), LEFT + WIDTH,
			  y_of(y, (double)n * y->step), file);
	fputs("</g>\n", file);
	for (n = first_tick(y->low, y->step); n <= last_tick(y->high, y->step);
	     n++)
		draw_number(LEFT - 6, y_of(y, (double)n * y->step) + 4, "end",
			    (double)n * y->step, file);
}

static void draw_x(const struct rngtest_plot *plot, FILE *file)
{
	const double last =
		plot->x_first + plot->x_step * (double)(plot->count - 1);
	double step = plot->x_step;
	long n;

	if (plot->count > EACH)
		step = round_step(last - plot->x_first);
	for (n = first_tick(plot->x_first, step); n <= last_tick(last, step);
	     n++)
		draw_number(x_of(plot, (double)n * step), TOP + HEIGHT + 16,
			    "middle", (double)n * step, file);
}

static void draw_bars(const struct rngtest_plot *plot, const struct axis *y,
		      FILE *file)
{
	const double width = bar_width(plot);
	const double zero = y_of(y, 0);
	double top;
	size_t i;

	for (i = 0; i < plot->count; i++) {
		if (isnan(plot->values[i]))
			continue;
		top = y_of(y, plot->values[i]);
		fprintf(file,
			"<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" "
			"height=\"%.2f\"/>\n",
			LEFT + width * ((double)i + 0.1), fmin(top, zero),
			width * 0.8, fabs(top - zero));
	}
}

/* Say where there is no value, which a bar of 0 would not. */
static void draw_gaps(const struct rngtest_plot *plot, const struct axis *y,
		      FILE *file)
{
	const double width = bar_width(plot);
	size_t i;

	for (i = 0; i < plot->count; i++)
		if (isnan(plot->values[i]))
			draw_text(LEFT + width * ((double)i + 0.5),
				  y_of(y, 0) - 4, "middle", "none", file);
}

void rngtest_plot_draw(const struct rngtest_plot *plot, FILE *file)
{
	const struct axis y = find_y(plot);
	const double bottom = TOP + HEIGHT;
	size_t i;

	fprintf(file,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
		"height=\"%.0f\" font-family=\"sans-serif\" font-size=\"12\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
		LEFT + WIDTH + 20, bottom + 44);
	draw_y(&y, file);
	fputs("<g fill=\"steelblue\">\n", file);
	draw_bars(plot, &y, file);
	fputs("</g>\n<g stroke=\"dimgray\">\n", file);
	draw_line(LEFT, y_of(&y, 0), LEFT + WIDTH, y_of(&y, 0), file);
	fputs("</g>\n<g stroke=\"firebrick\" stroke-dasharray=\"6 4\">\n",
	      file);
	for (i = 0; i < plot->bound_count; i++)
		draw_line(LEFT, y_of(&y, plot->bounds[i]), LEFT + WIDTH,
			  y_of(&y, plot->bounds[i]), file);
	fputs("</g>\n", file);
	draw_gaps(plot, &y, file);
	draw_x(plot, file);
	draw_text(LEFT, TOP - 16, "start", plot->title, file);
	draw_text(LEFT + WIDTH / 2, bottom + 36, "middle", plot->x_label, file);
	fputs("</svg>\n", file);
}
