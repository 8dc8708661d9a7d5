// SPDX-License-Identifier: GPL-2.0-or-later
/* The generation page: see page.h. */
#include <endian.h>
#include <errno.h>
#include <gcrypt.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "rngd/fork/page.h"
#include "rngd/fork/state_file.h"
#include "rngd/signs/vmclock_page.h"
#include "vrng/source.h"

#define COUNTER_INVALID 0xff /* of counter_id: there is no clock */

/* -------------------------------------------------------------------- values */

/* What the value is a hash of. Bytes that there are not stay 0. */
struct mixed {
	uint64_t last;
	char clone_id[40];
	unsigned char kernel[32];
	unsigned char cpu[32];
	struct timespec clock[3];
};

static void mix_time(struct mixed *mixed)
{
	(void)clock_gettime(CLOCK_REALTIME, &mixed->clock[0]);
	(void)clock_gettime(CLOCK_MONOTONIC_RAW, &mixed->clock[1]);
	(void)clock_gettime(CLOCK_BOOTTIME, &mixed->clock[2]);
}

static uint64_t draw(const struct rngd_page *page, const char *clone_id)
{
	struct mixed mixed;
	unsigned char hash[32];
	uint64_t value;

	memset(&mixed, 0, sizeof(mixed));
	mixed.last = page->generation;
	memcpy(mixed.clone_id, clone_id,
	       strnlen(clone_id, sizeof(mixed.clone_id)));
	if (getrandom(mixed.kernel, sizeof(mixed.kernel), GRND_NONBLOCK) < 0)
		memset(mixed.kernel, 0, sizeof(mixed.kernel));
	if (page->cpu)
		(void)vrng_source_read(page->cpu, mixed.cpu, sizeof(mixed.cpu),
				       NULL);
	mix_time(&mixed);
	gcry_md_hash_buffer(GCRY_MD_SHA256, hash, &mixed, sizeof(mixed));
	memcpy(&value, hash, sizeof(value));
	explicit_bzero(&mixed, sizeof(mixed));
	explicit_bzero(hash, sizeof(hash));
	return value == page->generation ? value + 1 : value;
}

/* The first of these that the processor has. */
static struct vrng_source *open_cpu(void)
{
	static const char *const specs[] = { "rdseed", "rdrand", "rndr",
					     "darn" };
	struct vrng_source *cpu = NULL;
	size_t i;

	for (i = 0; i < VRNG_LENGTH(specs); i++) {
		if (!vrng_source_parse(&cpu, specs[i], &vrng_opener_plain,
				       NULL) &&
		    !vrng_source_open(cpu, NULL))
			return cpu;
		vrng_source_free(cpu);
		cpu = NULL;
	}
	return NULL;
}

/* ------------------------------------------------------------------- writing */

static bool put(const struct rngd_page *page, const void *value, size_t size,
		size_t offset)
{
	const bool done =
		pwrite(page->fd, value, size, (off_t)offset) == (ssize_t)size;

	atomic_thread_fence(memory_order_seq_cst);
	return done;
}

#define PUT(page, member, value)           \
	put(page, &(value), sizeof(value), \
	    offsetof(struct rngd_vmclock_page, member))

static void put_sequence(struct rngd_page *page)
{
	const uint32_t sequence = htole32(++page->sequence);

	(void)PUT(page, sequence, sequence);
}

/* The sequence is odd meanwhile. A fork disturbs clocks, too. */
void rngd_page_change(struct rngd_page *page, const char *clone_id)
{
	uint64_t generation;

	if (page->fd < 0)
		return;
	page->generation = draw(page, clone_id);
	generation = htole64(page->generation);
	put_sequence(page);
	(void)PUT(page, disruption_marker, generation);
	(void)PUT(page, generation, generation);
	put_sequence(page);
}

/* ------------------------------------------------------------------- opening */

static bool is_page(const struct rngd_vmclock_page *page)
{
	return le32toh(page->magic) == RNGD_VMCLOCK_MAGIC &&
	       le16toh(page->version) == RNGD_VMCLOCK_VERSION &&
	       le32toh(page->size) == RNGD_PAGE_SIZE;
}

/* The magic number comes last: before it there is no page. */
static int begin(struct rngd_page *page)
{
	const struct rngd_vmclock_page content = {
		.size = htole32(RNGD_PAGE_SIZE),
		.version = htole16(RNGD_VMCLOCK_VERSION),
		.counter_id = COUNTER_INVALID,
		.flags = htole64(RNGD_VMCLOCK_COUNTS_GENERATIONS),
	};
	const uint32_t magic = htole32(RNGD_VMCLOCK_MAGIC);

	if (ftruncate(page->fd, RNGD_PAGE_SIZE) ||
	    !put(page, &content, sizeof(content), 0))
		return -errno;
	page->generation = 0;
	page->sequence = 0;
	rngd_page_change(page, "");
	return PUT(page, magic, magic) ? 0 : -errno;
}

/* A page that an rngd was ended in the middle of gets a value of its own. */
static int go_on(struct rngd_page *page)
{
	struct rngd_vmclock_page content;
	struct stat st;

	if (fstat(page->fd, &st))
		return -errno;
	if (st.st_size != RNGD_PAGE_SIZE ||
	    pread(page->fd, &content, sizeof(content), 0) !=
		    (ssize_t)sizeof(content) ||
	    !is_page(&content))
		return begin(page);
	page->generation = le64toh(content.generation);
	page->sequence = le32toh(content.sequence);
	if (page->sequence % 2) {
		page->sequence--;
		rngd_page_change(page, "");
	}
	return 0;
}

int rngd_page_open(struct rngd_page *page, const char *path,
		   struct vrng_error *error)
{
	int ret;

	page->cpu = NULL;
	page->fd = rngd_state_file_open(path, 0644);
	ret = page->fd < 0 ? page->fd : 0;
	if (!ret) {
		page->cpu = open_cpu();
		ret = go_on(page);
	}
	if (!ret)
		return 0;
	rngd_page_close(page);
	return vrng_fail(error, -ret,
			 "--fork-page: %.100s: cannot maintain it: %m; it must "
			 "be a file that this rngd alone writes, or none",
			 path);
}

void rngd_page_close(struct rngd_page *page)
{
	vrng_source_free(page->cpu);
	page->cpu = NULL;
	if (page->fd >= 0)
		close(page->fd);
	page->fd = -1;
}
