// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two tables: what can be said of a fault, a row a key, and what a fault does,
 * a row a kind.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "rngd/base/clock.h"
#include "rngd/base/array.h"
#include "rngd/base/number.h"
#include "tests/device/vhost-user-rng/fault.h"

#define BIT(n)	  (1u << (n))
#define MIX_LEN	  64 /* bound of what a mix draws for keys that are not given */
#define MIX_MS	  20
#define MIX_TIMES 8

enum key_name {
	KEY_AFTER,
	KEY_COUNT,
	KEY_EVERY,
	KEY_SEED,
	KEY_LEN,
	KEY_MS,
	KEY_TIMES,
	KEY_BYTE,
	KEY_FROM,
	KEY_TO,
	KEYS,
};

#define SCHEDULE \
	(BIT(KEY_AFTER) | BIT(KEY_COUNT) | BIT(KEY_EVERY) | BIT(KEY_SEED))
#define STREAM (BIT(KEY_BYTE) | BIT(KEY_FROM) | BIT(KEY_TO))

struct key {
	const char *name;
	size_t offset; /* of the value in struct fault */
	uint64_t min, max;
	uint64_t unset; /* the default */
};

struct fault_row {
	const char *name;
	unsigned int keys; /* that it takes, a bit each */
	unsigned int needs; /* keys that must be given */
	bool mixes; /* a mix may choose it */
	bool is_mix;
	enum fault_what what;
	/* Each may be NULL, if the fault does not change that. */
	void (*give)(const struct fault *fault, uint64_t at, unsigned char *buf,
		     size_t len);
	/* False: this request cannot get the fault. */
	bool (*answer)(const struct fault *fault,
		       const struct fault_request *req,
		       struct fault_answer *answer);
};

static const struct key keys[KEYS] = {
	[KEY_AFTER] = { "after", offsetof(struct fault, after), 0, UINT64_MAX,
			0 },
	[KEY_COUNT] = { "count", offsetof(struct fault, count), 1, UINT64_MAX,
			UINT64_MAX },
	[KEY_EVERY] = { "every", offsetof(struct fault, every), 1, UINT32_MAX,
			1 },
	[KEY_SEED] = { "seed", offsetof(struct fault, random), 0, UINT64_MAX,
		       0 },
	[KEY_LEN] = { "len", offsetof(struct fault, len), 1, UINT32_MAX, 1 },
	[KEY_MS] = { "ms", offsetof(struct fault, ms), 1, 86400000, 0 },
	[KEY_TIMES] = { "times", offsetof(struct fault, times), 1, 100000, 1 },
	[KEY_BYTE] = { "byte", offsetof(struct fault, byte), 0, 255, 0 },
	[KEY_FROM] = { "from", offsetof(struct fault, from), 0, UINT64_MAX, 0 },
	[KEY_TO] = { "to", offsetof(struct fault, to), 0, UINT64_MAX,
		     UINT64_MAX },
};

/* ---- the kinds ---- */

static bool answer_short(const struct fault *fault,
			 const struct fault_request *req,
			 struct fault_answer *answer)
{
	(void)req;
	if (answer->len <= fault->len)
		return false;
	answer->len = (uint32_t)fault->len;
	return true;
}

static bool answer_zero(const struct fault *fault,
			const struct fault_request *req,
			struct fault_answer *answer)
{
	(void)fault;
	(void)req;
	answer->len = 0;
	return true;
}

static bool answer_overlong(const struct fault *fault,
			    const struct fault_request *req,
			    struct fault_answer *answer)
{
	(void)fault;
	answer->len = (uint32_t)req->asked + 1;
	return true;
}

static bool answer_huge(const struct fault *fault,
			const struct fault_request *req,
			struct fault_answer *answer)
{
	(void)fault;
	(void)req;
	answer->len = UINT32_MAX;
	return true;
}

static bool answer_wrong_id(const struct fault *fault,
			    const struct fault_request *req,
			    struct fault_answer *answer)
{
	(void)fault;
	if (req->idle == req->num)
		return false;
	answer->id = req->idle;
	return true;
}

static bool answer_repeat_id(const struct fault *fault,
			     const struct fault_request *req,
			     struct fault_answer *answer)
{
	(void)fault;
	(void)req;
	answer->times++;
	return true;
}

static bool answer_range_id(const struct fault *fault,
			    const struct fault_request *req,
			    struct fault_answer *answer)
{
	(void)fault;
	answer->id = req->num;
	return true;
}

static bool answer_spurious(const struct fault *fault,
			    const struct fault_request *req,
			    struct fault_answer *answer)
{
	(void)req;
	answer->interrupts += (unsigned int)fault->times;
	return true;
}

/* How many of @len bytes at @at lie before @end? */
static size_t bytes_before(uint64_t end, uint64_t at, size_t len)
{
	if (end <= at)
		return 0;
	return end - at < len ? (size_t)(end - at) : len;
}

static void give_stuck(const struct fault *fault, uint64_t at,
		       unsigned char *buf, size_t len)
{
	size_t i = bytes_before(fault->from, at, len);
	size_t end = bytes_before(fault->to, at, len);

	for (; i < end; i++)
		buf[i] = (unsigned char)fault->byte;
}

/* Two bytes of three are equal: too often, but never often in a row. */
static void give_biased(const struct fault *fault, uint64_t at,
			unsigned char *buf, size_t len)
{
	size_t i = bytes_before(fault->from, at, len);
	size_t end = bytes_before(fault->to, at, len);

	for (; i < end; i++)
		if ((at + i) % 3)
			buf[i] = (unsigned char)fault->byte;
}

/* clang-format off */
static const struct fault_row rows[] = {
	{ .name = "short", .keys = SCHEDULE | BIT(KEY_LEN), .mixes = true,
	  .answer = answer_short },
	{ .name = "zero", .keys = SCHEDULE, .mixes = true,
	  .answer = answer_zero },
	{ .name = "overlong", .keys = SCHEDULE, .mixes = true,
	  .answer = answer_overlong },
	{ .name = "huge", .keys = SCHEDULE, .mixes = true,
	  .answer = answer_huge },
	{ .name = "wrong-id", .keys = SCHEDULE, .mixes = true,
	  .answer = answer_wrong_id },
	{ .name = "repeat-id", .keys = SCHEDULE, .mixes = true,
	  .answer = answer_repeat_id },
	{ .name = "range-id", .keys = SCHEDULE, .mixes = true,
	  .answer = answer_range_id },
	{ .name = "spurious", .keys = SCHEDULE | BIT(KEY_TIMES), .mixes = true,
	  .answer = answer_spurious },
	{ .name = "delay", .keys = SCHEDULE | BIT(KEY_MS), .mixes = true,
	  .needs = BIT(KEY_MS), .what = FAULT_HOLD },
	{ .name = "silence", .keys = BIT(KEY_AFTER), .what = FAULT_HOLD },
	{ .name = "drop", .keys = SCHEDULE, .what = FAULT_DROP },
	{ .name = "stuck", .keys = STREAM, .give = give_stuck },
	{ .name = "biased", .keys = STREAM, .give = give_biased },
	{ .name = "mix", .keys = SCHEDULE, .needs = BIT(KEY_SEED),
	  .is_mix = true },
};
/* clang-format on */

#define ROWS VRNG_LENGTH(rows)

void faults_list(char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < ROWS; i++) {
		const char *parts[] = { i ? ", " : "", rows[i].name };

		for (size_t k = 0; k < 2; k++) {
			size_t len = strlen(parts[k]);

			if (len >= size - used)
				return;
			memcpy(text + used, parts[k], len + 1);
			used += len;
		}
	}
}

/* ---- SPECs ---- */

static bool is_word(const char *word, const char *text, size_t len)
{
	return strlen(word) == len && !memcmp(word, text, len);
}

static const struct fault_row *find_row(const char *text, size_t len)
{
	for (size_t i = 0; i < ROWS; i++)
		if (is_word(rows[i].name, text, len))
			return &rows[i];
	return NULL;
}

static uint64_t *value_of(struct fault *fault, const struct key *key)
{
	return (uint64_t *)(void *)((char *)fault + key->offset);
}

/* The @len bytes of @text as a number. */
static bool parse_number(const char *text, size_t len, uint64_t *value)
{
	char copy[32];

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return !vrng_number(value, "", copy, 0, UINT64_MAX, NULL);
}

static int refuse_key(const struct fault_row *row, const char *text, size_t len,
		      struct vrng_error *error)
{
	char list[64], *end = list;

	for (unsigned int k = 0; k < KEYS; k++)
		if (row->keys & BIT(k))
			end = stpcpy(stpcpy(end, end == list ? "" : ", "),
				     keys[k].name);
	return vrng_fail(error, EINVAL,
			 "%s: \"%.*s\" is none of its keys; they are %s",
			 row->name, len < 32 ? (int)len : 32, text, list);
}

/* One KEY=VALUE, @len long. @seen has a bit for each key there was before. */
static int parse_pair(struct fault *fault, const char *text, size_t len,
		      unsigned int *seen, struct vrng_error *error)
{
	const char *equals = memchr(text, '=', len);
	const size_t name = equals ? (size_t)(equals - text) : len;
	const char *kind = fault->row->name;
	uint64_t value;
	unsigned int k = 0;

	while (k < KEYS && !is_word(keys[k].name, text, name))
		k++;
	if (k == KEYS || !(fault->row->keys & BIT(k)))
		return refuse_key(fault->row, text, name, error);
	if (*seen & BIT(k))
		return vrng_fail(error, EINVAL, "%s: %s: given twice", kind,
				 keys[k].name);
	if (!equals || !parse_number(equals + 1, len - name - 1, &value) ||
	    value < keys[k].min || value > keys[k].max)
		return vrng_fail(error, EINVAL,
				 "%s: %s: not a number from %" PRIu64
				 " to %" PRIu64,
				 kind, keys[k].name, keys[k].min, keys[k].max);
	*value_of(fault, &keys[k]) = value;
	*seen |= BIT(k);
	return 0;
}

static int parse_pairs(struct fault *fault, const char *text,
		       struct vrng_error *error)
{
	unsigned int seen = 0;
	int err = 0;

	while (text && !err) {
		size_t len = strcspn(text, ",");

		err = parse_pair(fault, text, len, &seen, error);
		text = text[len] ? text + len + 1 : NULL;
	}
	if (err)
		return err;
	fault->seeded = seen & BIT(KEY_SEED);
	for (unsigned int k = 0; k < KEYS; k++)
		if (fault->row->needs & ~seen & BIT(k))
			return vrng_fail(error, EINVAL,
					 "%s: needs %s=", fault->row->name,
					 keys[k].name);
	return 0;
}

int faults_add(struct faults *f, const char *spec, struct vrng_error *error)
{
	const size_t len = strcspn(spec, ":");
	struct fault fault = { .row = find_row(spec, len) };
	int err;

	if (f->n == FAULTS_MAX)
		return vrng_fail(error, EINVAL, "more than %d faults",
				 FAULTS_MAX);
	if (!fault.row) {
		char list[256];

		faults_list(list, sizeof(list));
		return vrng_fail(error, EINVAL, "no such kind; there are %s",
				 list);
	}
	fault.acts = fault.row;
	for (unsigned int k = 0; k < KEYS; k++)
		*value_of(&fault, &keys[k]) = keys[k].unset;
	err = parse_pairs(&fault, spec[len] ? spec + len + 1 : NULL, error);
	if (err)
		return err;
	f->fault[f->n++] = fault;
	return 0;
}

/* ---- which fault strikes which request ---- */

/* SplitMix64: takes any seed, and gives the same numbers everywhere. */
static uint64_t next_random(struct fault *fault)
{
	uint64_t z = fault->random += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* A mix chooses a kind for each request, and draws the keys that it needs. */
static void mix(struct fault *fault)
{
	do {
		fault->acts = &rows[next_random(fault) % ROWS];
	} while (!fault->acts->mixes);
	fault->len = 1 + next_random(fault) % MIX_LEN;
	fault->ms = 1 + next_random(fault) % MIX_MS;
	fault->times = 1 + next_random(fault) % MIX_TIMES;
}

static bool is_due(struct fault *fault, uint64_t request)
{
	if (fault->row->give || request < fault->after || !fault->count)
		return false;
	if (fault->seeded)
		return next_random(fault) % fault->every == 0;
	return (request - fault->after) % fault->every == 0;
}

static void choose(struct faults *f, uint64_t now)
{
	f->release = now;
	for (unsigned int i = 0; i < f->n; i++) {
		struct fault *fault = &f->fault[i];

		fault->strikes = is_due(fault, f->request);
		if (!fault->strikes)
			continue;
		if (fault->row->is_mix)
			mix(fault);
		if (fault->acts->what == FAULT_HOLD && f->release)
			f->release =
				fault->ms ? f->release +
						    fault->ms * VRNG_NS_PER_MS :
					    0;
	}
	f->chosen = true;
}

enum fault_what faults_ask(struct faults *f, uint64_t now)
{
	if (!f->chosen)
		choose(f, now);
	for (unsigned int i = 0; i < f->n; i++)
		if (f->fault[i].strikes && f->fault[i].acts->what == FAULT_DROP)
			return FAULT_DROP;
	return f->release && now >= f->release ? FAULT_NOT : FAULT_HOLD;
}

void faults_give(struct faults *f, unsigned char *buf, size_t len)
{
	for (unsigned int i = 0; i < f->n; i++)
		if (f->fault[i].row->give)
			f->fault[i].row->give(&f->fault[i], f->given, buf, len);
	f->given += len;
}

void faults_answer(struct faults *f, const struct fault_request *req,
		   struct fault_answer *answer)
{
	for (unsigned int i = 0; i < f->n; i++) {
		struct fault *fault = &f->fault[i];

		if (fault->strikes && fault->acts->answer)
			fault->strikes =
				fault->acts->answer(fault, req, answer);
	}
}

const char *faults_done(struct faults *f)
{
	const char *first = NULL;

	for (unsigned int i = 0; i < f->n; i++) {
		struct fault *fault = &f->fault[i];

		if (!fault->strikes)
			continue;
		fault->count--;
		if (!fault->struck)
			first = fault->row->name;
		fault->struck = true;
		fault->strikes = false;
	}
	f->request++;
	f->chosen = false;
	return first;
}
