// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests where a plot has its bars, lines and labels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/tester/evidence/plot.h"

#define NEAR 0.011 /* coordinates have two digits */

struct bar {
	double x, y, width, height;
};

static char *draw(const struct rngtest_plot *plot)
{
	char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	assert_non_null(file);
	rngtest_plot_draw(plot, file);
	assert_int_equal(fclose(file), 0);
	return text;
}

/* A plot of @count values for 1, 2 and so on. */
static struct rngtest_plot plot_of(const double *values, size_t count)
{
	return (struct rngtest_plot){
		.title = "a title",
		.x_label = "a label",
		.x_first = 1,
		.x_step = 1,
		.values = values,
		.count = count,
	};
}

/* Returns the number of bars, of which the first @room are in @bars. */
static size_t find_bars(const char *text, struct bar *bars, size_t room)
{
	size_t count = 0;
	struct bar bar;

	for (; (text = strstr(text, "<rect ")); text++)
		if (sscanf(text,
			   "<rect x=\"%lf\" y=\"%lf\" width=\"%lf\" "
			   "height=\"%lf\"/>",
			   &bar.x, &bar.y, &bar.width, &bar.height) == 4 &&
		    count++ < room)
			bars[count - 1] = bar;
	return count;
}

/* Find the label @want: the y axis has its anchors at the "end", x in the "middle". */
static void find_label(const char *text, const char *anchor, const char *want,
		       double *x, double *y)
{
	char end[16], label[64];

	*x = 0;
	*y = 0;
	for (; (text = strstr(text, "<text ")); text++)
		if (sscanf(text,
			   "<text x=\"%lf\" y=\"%lf\" "
			   "text-anchor=\"%15[a-z]\">%63[^<]<",
			   x, y, end, label) == 4 &&
		    !strcmp(end, anchor) && !strcmp(label, want))
			return;
	fail_msg("no label %s", want);
}

/* Where the y axis has @label, whose text is 4 lower than its line. */
static double height_of(const char *text, const char *label)
{
	double x, y;

	find_label(text, "end", label, &x, &y);
	return y - 4;
}

static void expect_near(double is, double should)
{
	if (fabs(is - should) > NEAR)
		fail_msg("%g is not %g", is, should);
}

static void bars_reach_from_zero_to_their_values(void **state)
{
	static const double values[] = { 1, -2, 0.5, 0 };
	const struct rngtest_plot plot = plot_of(values, 4);
	char *text = draw(&plot);
	double zero, unit;
	struct bar bars[4] = { { 0 } };

	(void)state;
	zero = height_of(text, "0");
	unit = zero - height_of(text, "1");
	assert_int_equal(find_bars(text, bars, 4), 4);
	expect_near(bars[0].y, zero - unit);
	expect_near(bars[0].height, unit);
	expect_near(bars[1].y, zero);
	expect_near(bars[1].height, 2 * unit);
	expect_near(bars[2].y, zero - unit / 2);
	expect_near(bars[2].height, unit / 2);
	expect_near(bars[3].height, 0);
	free(text);
}

static void a_value_that_is_none_has_a_word_and_no_bar(void **state)
{
	static const double values[] = { 3, NAN, 4 };
	const struct rngtest_plot plot = plot_of(values, 3);
	char *text = draw(&plot);
	struct bar bars[2] = { { 0 } };
	double x, y;

	(void)state;
	assert_int_equal(find_bars(text, bars, 2), 2);
	find_label(text, "middle", "none", &x, &y);
	expect_near(x, (bars[0].x + bars[1].x + bars[1].width) / 2);
	free(text);
}

static void a_label_is_below_the_middle_of_its_bar(void **state)
{
	static const double values[] = { 3, 1, 4 };
	const struct rngtest_plot plot = plot_of(values, 3);
	char *text = draw(&plot);
	struct bar bars[3] = { { 0 } };
	double x, y;

	(void)state;
	assert_int_equal(find_bars(text, bars, 3), 3);
	find_label(text, "middle", "3", &x, &y);
	expect_near(x, bars[2].x + bars[2].width / 2);
	assert_true(y > bars[2].y + bars[2].height);
	free(text);
}

static void a_bound_beyond_the_values_is_in_the_picture(void **state)
{
	static const double values[] = { 3, 1, 4 }, bounds[] = { 8, -1 };
	struct rngtest_plot plot = plot_of(values, 3);
	const char *line;
	double y[2] = { 0 };
	char *text;

	(void)state;
	plot.bounds = bounds;
	plot.bound_count = 2;
	text = draw(&plot);
	line = strstr(text, "firebrick");
	assert_non_null(line);
	assert_int_equal(sscanf(line,
				"firebrick\" stroke-dasharray=\"6 4\">\n"
				"<line x1=\"%*f\" x2=\"%*f\" y1=\"%lf\" "
				"y2=\"%*f\"/>\n"
				"<line x1=\"%*f\" x2=\"%*f\" y1=\"%lf\"",
				&y[0], &y[1]),
			 2);
	expect_near(y[0], height_of(text, "8"));
	expect_near(y[1],
		    height_of(text, "0") +
			    (height_of(text, "0") - height_of(text, "8")) / 8);
	free(text);
}

/* Labels of the y axis, from the lowest up. Returns their number. */
static size_t find_numbers(const char *text, double *numbers, size_t room)
{
	size_t count = 0;
	double number;

	for (; (text = strstr(text, "\"end\">")) && count < room; text++)
		if (sscanf(text, "\"end\">%lf<", &number) == 1)
			numbers[count++] = number;
	return count;
}

static void labels_are_a_few_round_numbers(void **state)
{
	static const double most[] = { 0.0031, 0.9, 1, 7.8, 70, 99999, 3e9 };
	double numbers[32] = { 0 }, digits;
	size_t count, i;
	unsigned int m;

	(void)state;
	for (m = 0; m < sizeof(most) / sizeof(most[0]); m++) {
		const struct rngtest_plot plot = plot_of(&most[m], 1);
		char *text = draw(&plot);

		count = find_numbers(text, numbers, 32);
		assert_true(count >= 5 && count <= 12);
		expect_near(numbers[0], 0);
		assert_true(numbers[count - 1] >= most[m]);
		digits = numbers[1] / pow(10, floor(log10(numbers[1]) + 1e-9));
		assert_true(fabs(digits - 1) < 1e-6 ||
			    fabs(digits - 2) < 1e-6 || fabs(digits - 5) < 1e-6);
		for (i = 1; i < count; i++)
			assert_true(fabs(numbers[i] / numbers[1] - (double)i) <
				    1e-4);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bars_reach_from_zero_to_their_values),
		cmocka_unit_test(a_value_that_is_none_has_a_word_and_no_bar),
		cmocka_unit_test(a_label_is_below_the_middle_of_its_bar),
		cmocka_unit_test(a_bound_beyond_the_values_is_in_the_picture),
		cmocka_unit_test(labels_are_a_few_round_numbers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("plot", tests, NULL, NULL);
}
