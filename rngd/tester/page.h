/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page: text that is gathered in memory and then written with one write(2),
 * so that other writers to the same terminal or log cannot come in between.
 */
#ifndef RNGD_TESTER_PAGE_H
#define RNGD_TESTER_PAGE_H

#include <stddef.h>
#include <stdio.h>

/* Used by one thread at a time. */
struct rngtest_page {
	FILE *file; /* what is printed here is gathered */
	char *text;
	size_t len;
};

/* Returns 0 or -ENOMEM. */
int rngtest_page_begin(struct rngtest_page *page);

/*
 * Write the page to @fd and free it. Only if @fd takes a part of it do more
 * writes follow. A nonblocking @fd that takes nothing is waited for, up to 10
 * seconds. Returns 0 or a negative errno.
 */
int rngtest_page_end(struct rngtest_page *page, int fd);

#endif
