// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rngd/signs/vmclock_page.h"
#include "rngd/signs/vmfork.h"
#include "tests/device/runtime/fork_signs.h"

/* ---- the list ---- */

static unsigned int length(const struct fork_signs *signs)
{
	return signs ? __atomic_load_n(&signs->n, __ATOMIC_ACQUIRE) : 0;
}

/* Partner of length(): who sees the number sees the sign. */
static const struct fork_sign *append(struct fork_signs *signs,
				      const struct fork_sign *sign)
{
	const unsigned int n = signs->n;

	if (n == FORK_SIGNS_MAX) {
		close(sign->fd);
		return NULL;
	}
	signs->sign[n] = *sign;
	__atomic_store_n(&signs->n, n + 1, __ATOMIC_RELEASE);
	return &signs->sign[n];
}

/* A device that is bound anew has another file of the same name. */
static bool is_known(const struct fork_signs *signs, const struct stat *st)
{
	for (unsigned int i = 0; i < signs->n; i++)
		if (signs->sign[i].device == st->st_dev &&
		    signs->sign[i].inode == st->st_ino)
			return true;
	return false;
}

/* ---- looking for signs ---- */

/* Not O_CREAT: the page is rngd's. */
static const struct fork_sign *
find_at(struct fork_signs *signs, enum fork_sign_kind kind, const char *path)
{
	struct fork_sign sign = { .kind = kind };
	struct stat st;

	if (stat(path, &st) || is_known(signs, &st) ||
	    !(S_ISREG(st.st_mode) || S_ISCHR(st.st_mode)))
		return NULL;
	sign.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (sign.fd < 0)
		return NULL;
	if (fstat(sign.fd, &st) || is_known(signs, &st)) {
		close(sign.fd);
		return NULL;
	}
	sign.device = st.st_dev;
	sign.inode = st.st_ino;
	return append(signs, &sign);
}

static const struct fork_sign *
find_by(struct fork_signs *signs, enum fork_sign_kind kind, const char *pattern)
{
	const struct fork_sign *sign = NULL;
	glob_t found;

	if (!glob(pattern, 0, NULL, &found))
		for (size_t i = 0; i < found.gl_pathc && !sign; i++)
			sign = find_at(signs, kind, found.gl_pathv[i]);
	globfree(&found);
	return sign;
}

const struct fork_sign *fork_signs_find(struct fork_signs *signs)
{
	const char *page =
		signs->page_path ? signs->page_path : FORK_SIGNS_PAGE;
	const struct fork_sign *sign = NULL;

	if (strcmp(page, "none") != 0)
		sign = find_at(signs, FORK_SIGN_PAGE, page);
	if (!sign)
		sign = find_by(signs, FORK_SIGN_COUNT,
			       signs->counts ? signs->counts :
					       RNGD_VMFORK_PATTERN);
	if (!sign)
		sign = find_by(signs, FORK_SIGN_ID,
			       signs->ids ? signs->ids :
					    RNGD_VMFORK_ID_PATTERN);
	return sign;
}

static void find_all(struct fork_signs *signs)
{
	while (fork_signs_find(signs))
		;
}

/* Without memory for @added, other processes do not follow, and drop what they get. */
void fork_signs_open(struct fork_signs *signs)
{
	void *shared = mmap(NULL, sizeof(*signs->added), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	signs->n = 0;
	signs->followed = 0;
	signs->added = shared == MAP_FAILED ? NULL : shared;
	find_all(signs);
}

void fork_signs_reopen(struct fork_signs *signs)
{
	signs->n = 0;
	if (signs->added)
		signs->followed =
			__atomic_load_n(signs->added, __ATOMIC_ACQUIRE);
	find_all(signs);
}

void fork_signs_close(struct fork_signs *signs)
{
	while (signs->n)
		close(signs->sign[--signs->n].fd);
	if (signs->added)
		munmap(signs->added, sizeof(*signs->added));
	signs->added = NULL;
}

void fork_signs_add(struct fork_signs *signs, const struct fork_sign *sign)
{
	if (append(signs, sign) && signs->added)
		__atomic_fetch_add(signs->added, 1, __ATOMIC_RELEASE);
}

void fork_signs_follow(struct fork_signs *signs)
{
	unsigned int added;

	if (!signs || !signs->added)
		return;
	added = __atomic_load_n(signs->added, __ATOMIC_ACQUIRE);
	if (added == signs->followed)
		return;
	signs->followed = added;
	find_all(signs);
}

/* ---- reading them ---- */

const char *fork_sign_name(enum fork_sign_kind kind)
{
	switch (kind) {
	case FORK_SIGN_COUNT:
		return "clone_generation";
	case FORK_SIGN_ID:
		return "clone_id";
	case FORK_SIGN_PAGE:
	default:
		return "page";
	}
}

unsigned int fork_signs_count(const struct fork_signs *signs)
{
	const unsigned int n = length(signs);
	unsigned int count = 0;

	for (unsigned int i = 0; i < n; i++)
		count += signs->sign[i].kind != FORK_SIGN_ID;
	return count;
}

/* The sequence counts, too: a page that is being changed is another one. */
static uint64_t page_now(int fd)
{
	struct rngd_vmclock_page page;

	if (pread(fd, &page, sizeof(page), 0) != (ssize_t)sizeof(page))
		return 0;
	return page.generation + page.sequence;
}

/* 0 if the driver was unbound. */
static uint64_t count_now(int fd)
{
	char text[32];
	const ssize_t got = pread(fd, text, sizeof(text) - 1, 0);

	if (got <= 0)
		return 0;
	text[got] = '\0';
	return strtoull(text, NULL, 10);
}

uint64_t fork_signs_now(const struct fork_signs *signs)
{
	const unsigned int n = length(signs);
	uint64_t now = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (signs->sign[i].kind == FORK_SIGN_PAGE)
			now += page_now(signs->sign[i].fd);
		else if (signs->sign[i].kind == FORK_SIGN_COUNT)
			now += count_now(signs->sign[i].fd);
	}
	return now;
}

/* The line is empty until the driver draws the ID, after the kernel has reseeded. */
bool fork_signs_settled(const struct fork_signs *signs)
{
	const unsigned int n = length(signs);
	char first;

	for (unsigned int i = 0; i < n; i++)
		if (signs->sign[i].kind == FORK_SIGN_ID &&
		    pread(signs->sign[i].fd, &first, 1, 0) == 1 &&
		    first == '\n')
			return false;
	return true;
}
