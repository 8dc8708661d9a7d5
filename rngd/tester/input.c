// SPDX-License-Identifier: GPL-2.0-or-later
/* Files as one input, in chunks: see input.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rngd/tester/input.h"
#include "rngd/base/clock.h"
#include "rngd/tester/stop.h"

#define WORD  VRNG_FIPS_WORD_BYTES
#define BLOCK VRNG_FIPS_BLOCK_BYTES

static bool is_stdin(const char *name)
{
	return !strcmp(name, "-");
}

/* ------------------------------------------------------------------ chunks */

int rngtest_chunk_init(struct rngtest_chunk *chunk)
{
	memset(chunk, 0, sizeof(*chunk));
	chunk->bytes = malloc(WORD + RNGTEST_CHUNK_BYTES);
	return chunk->bytes ? 0 : -ENOMEM;
}

void rngtest_chunk_free(struct rngtest_chunk *chunk)
{
	if (chunk->bytes)
		explicit_bzero(chunk->bytes, WORD + RNGTEST_CHUNK_BYTES);
	free(chunk->bytes);
	chunk->bytes = NULL;
}

/* ------------------------------------------------------------------- files */

int rngtest_input_check(char *const *names, struct vrng_error *error)
{
	struct stat st;

	for (; *names; names++) {
		int err = 0;

		if (is_stdin(*names))
			continue;
		if (stat(*names, &st) || access(*names, R_OK))
			err = errno;
		else if (S_ISDIR(st.st_mode))
			err = EISDIR;
		if (err)
			return vrng_fail(error, err,
					 "%.128s: cannot read: %m; nothing was "
					 "tested",
					 *names);
	}
	return 0;
}

uint64_t rngtest_input_size(char *const *names)
{
	uint64_t size = 0;
	struct stat st;
	off_t at;

	for (; *names; names++) {
		int err = is_stdin(*names) ? fstat(STDIN_FILENO, &st) :
					     stat(*names, &st);

		if (err || !S_ISREG(st.st_mode))
			return 0;
		at = is_stdin(*names) ? lseek(STDIN_FILENO, 0, SEEK_CUR) : 0;
		if (at >= 0 && st.st_size > at)
			size += (uint64_t)(st.st_size - at);
	}
	return size;
}

static int failed(const struct rngtest_input *input,
		  struct rngtest_chunk *chunk, int err, const char *advice)
{
	if (is_stdin(input->name))
		return vrng_fail(&chunk->error, err,
				 "error reading input: %m; %s", advice);
	return vrng_fail(&chunk->error, err,
			 "%.128s: error reading input: %m; %s", input->name,
			 advice);
}

static int open_next(struct rngtest_input *input, struct rngtest_chunk *chunk)
{
	struct stat st;

	if (!*input->names)
		return -ENODATA;
	input->name = *input->names;
	if (is_stdin(input->name))
		input->fd = STDIN_FILENO;
	else
		input->fd = open(input->name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (input->fd < 0 && errno == EINTR)
		return -EINTR;
	if (input->fd < 0 || fstat(input->fd, &st))
		return failed(input, chunk, errno, "name what can be read");
	input->names++;
	input->size = st.st_size;
	input->offset = lseek(input->fd, 0, SEEK_CUR);
	input->regular = S_ISREG(st.st_mode) && input->offset >= 0;
	return 0;
}

static void close_file(struct rngtest_input *input)
{
	if (input->fd < 0)
		return;
	if (input->fd != STDIN_FILENO)
		close(input->fd);
	else if (input->regular)
		(void)lseek(input->fd, input->offset, SEEK_SET);
	input->fd = -1;
}

/* ------------------------------------------------------------------ reading */

/* Wait for input. Returns 1 when there is some, or a negative errno. */
static int wait_for(struct rngtest_input *input)
{
	int ret;

	do {
		ret = vrng_stop_poll(input->fd, POLLIN,
				     input->idle_ms(input->arg));
		if (!ret)
			input->idle(input->arg);
	} while (!ret);
	return ret;
}

static int unreadable(struct rngtest_input *input, struct rngtest_chunk *chunk,
		      int err)
{
	return failed(input, chunk, err,
		      err == EIO ? "check the device" :
				   "redirect it from a file, device or pipe");
}

/*
 * Read what there is, up to @len bytes, from this file or the next. Returns the
 * number of bytes, never 0, or a negative errno; -ENODATA after the last file.
 */
static ssize_t read_some(struct rngtest_input *input,
			 struct rngtest_chunk *chunk, uint8_t *buf, size_t len)
{
	ssize_t got;
	int ret;

	for (;;) {
		ret = input->fd < 0 ? open_next(input, chunk) : 0;
		if (ret)
			return ret;
		ret = wait_for(input);
		if (ret == -EINTR)
			return ret;
		if (ret < 0)
			return unreadable(input, chunk, -ret);
		got = input->regular ?
			      pread(input->fd, buf, len, input->offset) :
			      read(input->fd, buf, len);
		if (got > 0) {
			input->offset += got;
			chunk->received += (uint64_t)got;
			return got;
		}
		if (got == 0)
			close_file(input);
		else if (errno != EAGAIN && errno != EINTR)
			return unreadable(input, chunk, errno);
	}
}

static int read_all(struct rngtest_input *input, struct rngtest_chunk *chunk,
		    uint8_t *buf, size_t len)
{
	ssize_t got;

	for (; len; buf += got, len -= (size_t)got) {
		got = read_some(input, chunk, buf, len);
		if (got < 0)
			return (int)got;
	}
	return 0;
}

/*
 * As rng-tools does: skip a word in pipe mode. The next word precedes the first
 * block, for the continuous run test.
 */
static int read_first_word(struct rngtest_input *input,
			   struct rngtest_chunk *chunk)
{
	uint8_t junk[WORD];
	int ret;

	ret = read_all(input, chunk, junk, input->skip);
	explicit_bzero(junk, sizeof(junk));
	if (!ret)
		ret = read_all(input, chunk, input->last, WORD);
	input->begun = !ret;
	chunk->first = !ret;
	return ret;
}

/*
 * Returns whether more can be read without waiting. A pipe gives small pieces.
 */
static bool more_at_once(const struct rngtest_input *input)
{
	return input->fd >= 0 && !input->regular &&
	       vrng_stop_poll(input->fd, POLLIN, 0) == 1;
}

/*
 * A planned chunk is read by its own thread. Its last word is read here,
 * because the next block is compared with it.
 */
static int read_last_word(struct rngtest_input *input,
			  struct rngtest_chunk *chunk)
{
	ssize_t got = pread(input->fd, input->last, WORD, input->offset - WORD);

	input->planned = false;
	if (got == WORD)
		return 0;
	return failed(input, chunk, got < 0 ? errno : EIO,
		      "what was read before it was tested");
}

/*
 * Read at least one block, and up to @want bytes while they are there at once.
 * Bytes after the last whole block are carried over to the next chunk.
 */
static int read_blocks(struct rngtest_input *input, struct rngtest_chunk *chunk,
		       size_t want)
{
	uint8_t *blocks = chunk->bytes + WORD;
	size_t have = input->carried;
	ssize_t got = 0;

	if (input->planned)
		got = read_last_word(input, chunk);
	if (got < 0)
		return (int)got;
	memcpy(chunk->bytes, input->last, WORD);
	memcpy(blocks, input->carry, have);
	input->carried = 0;
	while (have < BLOCK || (have < want && more_at_once(input))) {
		got = read_some(input, chunk, blocks + have, want - have);
		if (got < 0)
			break;
		have += (size_t)got;
	}
	chunk->blocks = (unsigned int)(have / BLOCK);
	if (got < 0) {
		chunk->rest = have % BLOCK;
	} else {
		input->carried = have % BLOCK;
		memcpy(input->carry, blocks + have - input->carried,
		       input->carried);
	}
	memcpy(input->last, chunk->bytes + (size_t)chunk->blocks * BLOCK, WORD);
	return got < 0 ? (int)got : 0;
}

/* ------------------------------------------------------------------ claims */

/*
 * Let @chunk name whole blocks of a regular file, for rngtest_input_fetch() to
 * read. Returns false if the chunk has to be read here.
 */
static bool plan(struct rngtest_input *input, struct rngtest_chunk *chunk,
		 size_t want)
{
	uint64_t left;

	if (input->fd < 0 || !input->regular || input->carried ||
	    input->offset < WORD || input->offset >= input->size)
		return false;
	left = (uint64_t)(input->size - input->offset);
	if (left > want)
		left = want;
	chunk->blocks = (unsigned int)(left / BLOCK);
	if (!chunk->blocks)
		return false;
	/* A duplicate: the file may be closed before the fetch. */
	chunk->fd = fcntl(input->fd, F_DUPFD_CLOEXEC, 3);
	if (chunk->fd < 0)
		return false;
	chunk->offset = input->offset - WORD;
	input->offset += (off_t)chunk->blocks * BLOCK;
	input->planned = true;
	return true;
}

static int fill(struct rngtest_input *input, struct rngtest_chunk *chunk)
{
	uint64_t blocks = input->blocks;
	size_t want;
	int ret;

	if (!input->begun) {
		ret = read_first_word(input, chunk);
		if (ret)
			return ret;
	}
	if (vrng_stop_poll(-1, 0, 0) == -EINTR)
		return -EINTR;
	if (blocks > RNGTEST_CHUNK_BLOCKS)
		blocks = RNGTEST_CHUNK_BLOCKS;
	want = (size_t)blocks * BLOCK;
	return plan(input, chunk, want) ? 0 : read_blocks(input, chunk, want);
}

void rngtest_input_begin(struct rngtest_input *input)
{
	input->fd = -1;
	input->name = "-";
}

bool rngtest_input_claim(struct rngtest_input *input,
			 struct rngtest_chunk *chunk)
{
	uint64_t start = vrng_now();

	if (input->ended || !input->blocks)
		return false;
	chunk->number = input->claimed++;
	chunk->blocks = 0;
	chunk->rest = 0;
	chunk->first = false;
	chunk->received = 0;
	chunk->fd = -1;
	chunk->end = fill(input, chunk);
	chunk->ns = vrng_now() - start;
	input->ended = chunk->end != 0;
	if (input->blocks != UINT64_MAX)
		input->blocks -= chunk->blocks;
	return true;
}

void rngtest_input_fetch(struct rngtest_chunk *chunk)
{
	size_t len = WORD + (size_t)chunk->blocks * BLOCK;
	uint64_t start = vrng_now();
	size_t have = 0;
	ssize_t got = 1;

	if (chunk->fd < 0)
		return;
	while (have < len) {
		got = pread(chunk->fd, chunk->bytes + have, len - have,
			    chunk->offset + (off_t)have);
		if (got == 0 || (got < 0 && errno != EINTR))
			break;
		if (got > 0)
			have += (size_t)got;
	}
	if (got < 0)
		chunk->end = vrng_fail(&chunk->error, errno,
				       "error reading input: %m; what was read "
				       "before it was tested");
	else if (!got)
		chunk->end = vrng_fail(&chunk->error, ENODATA,
				       "error reading input: it became shorter "
				       "while it was read; test it again");
	if (chunk->end == -ENODATA)
		chunk->end = -EIO;
	close(chunk->fd);
	chunk->fd = -1;
	have = have > WORD ? have - WORD : 0;
	chunk->received += have;
	chunk->blocks = (unsigned int)(have / BLOCK);
	chunk->ns += vrng_now() - start;
}

void rngtest_input_close(struct rngtest_input *input)
{
	close_file(input);
	explicit_bzero(input->last, sizeof(input->last));
	explicit_bzero(input->carry, sizeof(input->carry));
}
