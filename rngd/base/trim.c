// SPDX-License-Identifier: GPL-2.0-or-later
/* Gives memory back after the start: see trim.h. */
#include <elf.h>
#include <link.h>
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rngd/base/trim.h"

/*
 * Relocations in code make copies of its pages, which must stay. Only some libraries
 * of 32 bits have them.
 */
static bool has_changed_code(const struct dl_phdr_info *info)
{
	const ElfW(Phdr) *phdr = info->dlpi_phdr;
	const ElfW(Dyn) *dyn = NULL;
	int i;

	for (i = 0; i < info->dlpi_phnum; i++)
		if (phdr[i].p_type == PT_DYNAMIC)
			dyn = (const void *)(uintptr_t)(info->dlpi_addr +
							phdr[i].p_vaddr);
	for (; dyn && dyn->d_tag != DT_NULL; dyn++)
		if (dyn->d_tag == DT_TEXTREL ||
		    (dyn->d_tag == DT_FLAGS && dyn->d_un.d_val & DF_TEXTREL))
			return true;
	return false;
}

/* More of them stay mapped: rngd has 15 libraries with up to 3 each. */
#define SEGMENTS 96

/* Segments that are not written to: what they hold is in their files. */
struct segments {
	struct {
		uintptr_t begin, end;
	} at[SEGMENTS];
	size_t n;
};

static int note_segments(struct dl_phdr_info *info, size_t size, void *opaque)
{
	const ElfW(Phdr) *phdr = info->dlpi_phdr;
	struct segments *segments = opaque;
	uintptr_t begin;
	int i;

	(void)size;
	if (has_changed_code(info))
		return 0;
	for (i = 0; i < info->dlpi_phnum; i++) {
		if (phdr[i].p_type != PT_LOAD || phdr[i].p_flags & PF_W ||
		    segments->n == SEGMENTS)
			continue;
		begin = (uintptr_t)(info->dlpi_addr + phdr[i].p_vaddr);
		segments->at[segments->n].begin = begin;
		segments->at[segments->n++].end = begin + phdr[i].p_memsz;
	}
	return 0;
}

/* An error changes nothing: the pages stay mapped. */
static void unmap(uintptr_t begin, uintptr_t end, uintptr_t page)
{
	void *at = (void *)(begin & -page); // NOLINT(performance-no-int-to-ptr)
	const size_t len = ((end + page - 1) & -page) - (begin & -page);

	(void)munlock(at, len);
	(void)madvise(at, len, MADV_DONTNEED);
}

/* All are noted first, because the headers that tell them are in the segments. */
void vrng_trim_code(void)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	struct segments segments = { .n = 0 };

	(void)dl_iterate_phdr(note_segments, &segments);
	while (segments.n--)
		unmap(segments.at[segments.n].begin,
		      segments.at[segments.n].end, page);
}

void vrng_trim_heap(void)
{
#ifdef __GLIBC__
	(void)malloc_trim(0);
#endif
}
