// SPDX-License-Identifier: GPL-2.0-or-later
/* Text that is written at once: see page.h. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "rngd/tester/page.h"

#define PATIENCE_MS 1000
#define WAITS	    10

int rngtest_page_begin(struct rngtest_page *page)
{
	page->text = NULL;
	page->len = 0;
	page->file = open_memstream(&page->text, &page->len);
	return page->file ? 0 : -ENOMEM;
}

static int write_text(const char *text, size_t len, int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	unsigned int waits = 0;
	ssize_t put;

	while (len) {
		put = write(fd, text, len);
		if (put > 0) {
			text += put;
			len -= (size_t)put;
		} else if (put < 0 && errno == EAGAIN) {
			if (waits++ == WAITS)
				return -EAGAIN;
			(void)poll(&pfd, 1, PATIENCE_MS);
		} else if (put < 0 && errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

int rngtest_page_end(struct rngtest_page *page, int fd)
{
	int ret = ferror(page->file) ? -ENOMEM : 0;

	if (fclose(page->file))
		ret = -ENOMEM;
	if (!ret)
		ret = write_text(page->text, page->len, fd);
	free(page->text);
	return ret;
}
