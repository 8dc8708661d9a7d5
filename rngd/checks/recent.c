// SPDX-License-Identifier: GPL-2.0-or-later
/* Finds blocks that have come before: see recent.h. */
#include <errno.h>
#include <gcrypt.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "rngd/base/locked.h"
#include "rngd/checks/recent.h"

#ifndef GRND_INSECURE
#define GRND_INSECURE 0x0004 /* Linux 5.6 */
#endif

#define AES_KEY (VRNG_RECENT_KEY / 2)

/* Candidates are where the top bits of a product are 0: at 1 place of 64. */
#define CANDIDATE_SHIFT (64 - 6)

/* Of one block, at most: 39 on average of 2,500 bytes. */
#define CANDIDATES 128

_Static_assert(VRNG_RECENT_KEPT < UINT16_MAX, "an index fits, and NONE");

#define NONE 0 /* links are indexes from 1 on */

/* A ring of hashes, and lists of its entries by the hash. In locked memory. */
struct table {
	uint64_t hash[VRNG_RECENT_KEPT];
	uint16_t next[VRNG_RECENT_KEPT];
	uint16_t first[VRNG_RECENT_KEPT];
	uint64_t count; /* of hashes that were ever added */
	uint64_t place_factor, place_term; /* from the key */
};

struct vrng_recent {
	pthread_mutex_t lock; /* over all that follows */
	gcry_mac_hd_t mac;
	struct table *table;
};

/* -------------------------------------------------------------------- making */

/*
 * GRND_INSECURE does not wait at boot. A key that can be guessed then still finds
 * repeats: it serves against bytes that are made to avoid places or to collide.
 */
static void draw_key(uint8_t *key)
{
	if (getrandom(key, VRNG_RECENT_KEY, GRND_INSECURE) != VRNG_RECENT_KEY &&
	    getrandom(key, VRNG_RECENT_KEY, GRND_NONBLOCK) != VRNG_RECENT_KEY)
		memset(key, 0x5a, VRNG_RECENT_KEY);
}

static int set_key(struct vrng_recent *r, const uint8_t *given)
{
	uint8_t key[VRNG_RECENT_KEY];
	int ret = 0;

	if (given)
		memcpy(key, given, sizeof(key));
	else
		draw_key(key);
	if (gcry_mac_open(&r->mac, GCRY_MAC_CMAC_AES, GCRY_MAC_FLAG_SECURE,
			  NULL) ||
	    gcry_mac_setkey(r->mac, key, AES_KEY))
		ret = -EIO;
	memcpy(&r->table->place_factor, key + AES_KEY, sizeof(uint64_t));
	memcpy(&r->table->place_term, key + AES_KEY + sizeof(uint64_t),
	       sizeof(uint64_t));
	r->table->place_factor |= 1;
	explicit_bzero(key, sizeof(key));
	return ret;
}

int vrng_recent_make(struct vrng_recent **recent, const uint8_t *key,
		     struct vrng_log *log, struct vrng_error *error)
{
	struct vrng_recent *made = calloc(1, sizeof(*made));

	*recent = NULL;
	if (made) {
		pthread_mutex_init(&made->lock, NULL);
		made->table = vrng_locked_alloc(sizeof(*made->table), log);
	}
	if (!made || !made->table) {
		vrng_recent_free(made);
		return vrng_fail(error, ENOMEM, "cannot keep hashes: %m");
	}
	if (set_key(made, key)) {
		vrng_recent_free(made);
		return vrng_fail(error, EIO,
				 "libgcrypt: AES-CMAC cannot be set up; check "
				 "its installation");
	}
	*recent = made;
	return 0;
}

void vrng_recent_free(struct vrng_recent *recent)
{
	if (!recent)
		return;
	if (recent->mac)
		gcry_mac_close(recent->mac);
	vrng_locked_free(recent->table, sizeof(*recent->table));
	pthread_mutex_destroy(&recent->lock);
	free(recent);
}

/* ----------------------------------------------------------------- the table */

static uint16_t *list_of(struct table *t, uint64_t hash)
{
	return &t->first[hash % VRNG_RECENT_KEPT];
}

/* Take the entry at @slot out of its list. */
static void unlink_slot(struct table *t, unsigned int slot)
{
	uint16_t *at = list_of(t, t->hash[slot]);

	while (*at != slot + 1)
		at = &t->next[*at - 1];
	*at = t->next[slot];
}

/* In the place of the oldest one. */
static void add(struct table *t, uint64_t hash)
{
	unsigned int slot = (unsigned int)(t->count % VRNG_RECENT_KEPT);
	uint16_t *first = list_of(t, hash);

	if (t->count >= VRNG_RECENT_KEPT)
		unlink_slot(t, slot);
	t->hash[slot] = hash;
	t->next[slot] = *first;
	*first = (uint16_t)(slot + 1);
	t->count++;
}

/*
 * How many hashes were added since @hash, or UINT64_MAX if it is not kept. The
 * newest of equal ones is the first in the list.
 */
static uint64_t age(struct table *t, uint64_t hash)
{
	unsigned int at = *list_of(t, hash);

	while (at != NONE && t->hash[at - 1] != hash)
		at = t->next[at - 1];
	if (at == NONE)
		return UINT64_MAX;
	return (t->count - at) % VRNG_RECENT_KEPT;
}

/* What is seen again counts as recent, but does not fill the table with itself. */
static bool look_up(struct table *t, uint64_t hash)
{
	const uint64_t since = age(t, hash);

	if (since > VRNG_RECENT_KEPT / 2)
		add(t, hash);
	return since != UINT64_MAX;
}

/* ------------------------------------------------------------------- windows */

size_t vrng_recent_window(size_t len, unsigned int entropy)
{
	size_t window = VRNG_RECENT_SHORTEST;

	if (!entropy)
		entropy = 8000;
	while (window * entropy < VRNG_RECENT_BITS * 1000ul && window < len)
		window *= 2;
	return window < len ? window : len;
}

struct candidate {
	uint64_t value;
	size_t at;
	size_t after; /* the last place before it with a lower value, plus one */
};

/* Candidates whose values rise, and the places that were chosen. */
struct choice {
	struct candidate rising[CANDIDATES];
	unsigned int n;
	size_t span; /* VRNG_RECENT_SPAN, or all places if there are fewer */
	size_t place[VRNG_RECENT_WINDOWS];
	unsigned int places;
};

/*
 * The values of the last candidates, down to those below @value, have a lower one
 * at @before. A place is chosen if its value is the lowest of @span in a row.
 */
static void end_candidates(struct choice *c, uint64_t value, size_t before)
{
	const struct candidate *last;

	while (c->n && c->rising[c->n - 1].value > value) {
		last = &c->rising[--c->n];
		if (before - last->after >= c->span && last->at &&
		    c->places < VRNG_RECENT_WINDOWS)
			c->place[c->places++] = last->at;
	}
}

static void take_candidate(struct choice *c, uint64_t value, size_t at)
{
	end_candidates(c, value, at);
	if (c->n == CANDIDATES)
		return;
	c->rising[c->n] = (struct candidate){
		.value = value,
		.at = at,
		.after = c->n ? c->rising[c->n - 1].at + 1 : 0,
	};
	c->n++;
}

/*
 * Choose from places 0 to @end - 1; 0 is always one. Needs no lock: the key does
 * not change.
 */
static void choose(struct choice *c, const struct table *t,
		   const uint8_t *block, size_t end)
{
	uint64_t value;
	size_t i;

	c->n = 0;
	c->span = end < VRNG_RECENT_SPAN ? end : VRNG_RECENT_SPAN;
	c->place[0] = 0;
	c->places = 1;
	for (i = 0; i < end; i++) {
		memcpy(&value, block + i, sizeof(value));
		value = (value + t->place_term) * t->place_factor;
		if (!(value >> CANDIDATE_SHIFT))
			take_candidate(c, value, i);
	}
	end_candidates(c, 0, end);
}

/* If libgcrypt fails, the window counts as new. */
static bool see(struct vrng_recent *r, const uint8_t *window, size_t len)
{
	uint64_t hash;
	size_t size = sizeof(hash);

	if (gcry_mac_reset(r->mac) || gcry_mac_write(r->mac, window, len) ||
	    gcry_mac_read(r->mac, &hash, &size))
		return false;
	return look_up(r->table, hash);
}

bool vrng_recent_seen(struct vrng_recent *recent, const uint8_t *block,
		      size_t len, size_t window)
{
	struct choice choice;
	bool seen = false;

	choose(&choice, recent->table, block, len - window + 1);
	pthread_mutex_lock(&recent->lock);
	while (choice.places--)
		seen = see(recent, block + choice.place[choice.places],
			   window) ||
		       seen;
	pthread_mutex_unlock(&recent->lock);
	return seen;
}
