// SPDX-License-Identifier: GPL-2.0-or-later
/* The part that all kinds of sources share: see vrng/source.h. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/base/array.h"
#include "rngd/sources/cpu.h"
#include "rngd/sources/entropy.h"
#include "rngd/sources/kind.h"

static const struct vrng_kind *const kinds[] = {
	&vrng_kind_getrandom,  &vrng_kind_file,	    &vrng_cpu_rdseed.kind,
	&vrng_cpu_rdrand.kind, &vrng_cpu_rndr.kind, &vrng_cpu_darn.kind,
	&vrng_kind_jitter,     &vrng_kind_tty,	    &vrng_kind_exec,
	&vrng_kind_egd,	       &vrng_kind_unix,	    &vrng_kind_tcp,
	&vrng_kind_drbg,
};

/* Keys of every kind. */
static const char *const common_keys[] = { "entropy", NULL };

static const struct vrng_kind *find_kind(const char *name)
{
	size_t i;

	for (i = 0; i < VRNG_LENGTH(kinds); i++)
		if (!strcmp(kinds[i]->name, name))
			return kinds[i];
	return NULL;
}

static int unknown_kind(const char *name, struct vrng_error *error)
{
	char list[200] = "";
	size_t used = 0;
	size_t i;

	for (i = 0; i < VRNG_LENGTH(kinds); i++) {
		const char *each = kinds[i]->name;

		if (used + strlen(each) + 3 > sizeof(list))
			break;
		if (i)
			used = (size_t)(stpcpy(list + used, ", ") - list);
		used = (size_t)(stpcpy(list + used, each) - list);
	}
	return vrng_fail(error, EINVAL,
			 "source \"%.32s\": no such kind%s; there are %s", name,
			 *name == '/' ? ", for a path write file:PATH" : "",
			 list);
}

/* True if @field begins with one of @keys and a '='. */
static bool key_is_known(const char *const *keys, const char *field)
{
	const char *equals = strchr(field, '=');
	size_t len;

	if (!keys || !equals)
		return false;
	len = (size_t)(equals - field);
	for (; *keys; keys++)
		if (strlen(*keys) == len && !strncmp(*keys, field, len))
			return true;
	return false;
}

/* True if a field from @first on, before field @n, has the same key. */
static bool key_is_repeated(const struct vrng_spec *spec, size_t first,
			    size_t n)
{
	size_t len = strcspn(spec->field[n], "=") + 1;
	size_t i;

	for (i = first; i < n; i++)
		if (!strncmp(spec->field[i], spec->field[n], len))
			return true;
	return false;
}

#define WORD_MAX 16

/*
 * "\"WORD\" is no key", or "field N is unknown". The value is not quoted: it may
 * be a secret with a misspelt key. Nor is a field that has no '=', or other
 * characters than letters before it: it may be a secret as a whole.
 */
static const char *unknown_field(const char *field, size_t n,
				 char text[WORD_MAX + 32])
{
	size_t len = strspn(field, "abcdefghijklmnopqrstuvwxyz_-");

	if (len && len <= WORD_MAX && field[len] == '=')
		(void)snprintf(text, WORD_MAX + 32, "\"%.*s\" is no key",
			       (int)len, field);
	else
		(void)snprintf(text, WORD_MAX + 32, "field %zu is unknown", n);
	return text;
}

/* The keys of @kind and of every kind, separated by commas. */
static const char *all_keys(const struct vrng_kind *kind, char list[64])
{
	const char *const *key;
	char *end = list;

	for (key = kind->keys; key && *key; key++)
		end = stpcpy(stpcpy(end, *key), ", ");
	(void)stpcpy(end, *common_keys);
	return list;
}

static int refuse_field(const struct vrng_kind *kind, const char *field,
			size_t n, struct vrng_error *error)
{
	char text[WORD_MAX + 32], keys[64];

	return vrng_fail(error, EINVAL,
			 "source \"%s\": %s; write %s; keys: %s (a comma "
			 "within a field is written twice)",
			 kind->name, unknown_field(field, n, text), kind->usage,
			 all_keys(kind, keys));
}

/* Check the fields of @spec against @kind. */
static int check_words(const struct vrng_kind *kind,
		       const struct vrng_spec *spec, struct vrng_error *error)
{
	size_t first = kind->takes_arg ? 1 : 0;
	size_t i;

	if (first && !(spec->has_colon && *spec->field[0]))
		return vrng_fail(error, EINVAL,
				 "source \"%s\": argument missing; write %s",
				 kind->name, kind->usage);

	for (i = first; i < spec->fields; i++) {
		if (!key_is_known(kind->keys, spec->field[i]) &&
		    !key_is_known(common_keys, spec->field[i]))
			return refuse_field(kind, spec->field[i], i + 1, error);
		if (key_is_repeated(spec, first, i))
			return vrng_fail(error, EINVAL,
					 "source \"%s\": field %zu repeats an "
					 "earlier key; write %s",
					 kind->name, i + 1, kind->usage);
	}
	return 0;
}

static int claim(struct vrng_source *src, const struct vrng_spec *spec,
		 struct vrng_error *error)
{
	const char *text =
		vrng_spec_value(spec, src->kind->takes_arg ? 1 : 0, "entropy");

	return text ? vrng_entropy(&src->entropy, src->kind->name, text,
				   error) :
		      0;
}

static int fill(struct vrng_source *src, const char *text,
		const struct vrng_spec *spec, struct vrng_error *error)
{
	int ret = check_words(src->kind, spec, error);

	if (!ret)
		ret = claim(src, spec, error);
	if (ret)
		return ret;
	if (src->kind->takes_arg)
		src->arg = strdup(spec->field[0]);
	src->name = strdup(text);
	if (!src->name || (src->kind->takes_arg && !src->arg))
		return vrng_fail(error, ENOMEM, "source: %m");
	vrng_spec_leave_out_claim(src->name);
	if (src->kind->parse)
		return src->kind->parse(src, spec, error);
	return 0;
}

int vrng_source_parse(struct vrng_source **src, const char *text,
		      const struct vrng_opener *opener,
		      struct vrng_error *error)
{
	struct vrng_source *made = NULL;
	struct vrng_spec spec;
	int ret;

	*src = NULL;
	ret = vrng_spec_split(&spec, text, error);
	if (ret)
		return ret;

	if (!find_kind(spec.kind)) {
		ret = unknown_kind(spec.kind, error);
		goto out;
	}
	made = calloc(1, sizeof(*made));
	if (!made) {
		ret = vrng_fail(error, ENOMEM, "source: %m");
		goto out;
	}
	made->kind = find_kind(spec.kind);
	made->opener = opener;
	made->fd = -1;
	made->poll_fd = -1;
	ret = fill(made, text, &spec, error);
	if (!ret) {
		*src = made;
		made = NULL;
	}
out:
	vrng_source_free(made);
	vrng_spec_free(&spec);
	return ret;
}

int vrng_source_check(struct vrng_source *src, struct vrng_error *error)
{
	return src->kind->check ? src->kind->check(src, error) : 0;
}

int vrng_source_open(struct vrng_source *src, struct vrng_error *error)
{
	int ret = 0;

	if (src->is_open)
		return vrng_fail(error, EBUSY, "%s: is open already",
				 src->name);
	if (src->kind->open)
		ret = src->kind->open(src, error);
	src->is_open = !ret;
	return ret;
}

ssize_t vrng_source_read(struct vrng_source *src, void *buf, size_t len,
			 struct vrng_error *error)
{
	if (!src->is_open)
		return vrng_fail(error, EBADF, "%s: is not open", src->name);
	if (!len)
		return vrng_fail(error, EINVAL, "%s: read of no bytes",
				 src->name);
	if (len > SSIZE_MAX)
		len = SSIZE_MAX;
	return src->kind->read(src, buf, len, error);
}

int vrng_source_fd(const struct vrng_source *src)
{
	return src->poll_fd;
}

void vrng_source_close(struct vrng_source *src)
{
	if (src->is_open && src->kind->close)
		src->kind->close(src);
	src->is_open = false;
}

void vrng_source_free(struct vrng_source *src)
{
	if (!src)
		return;
	vrng_source_close(src);
	if (src->kind->free)
		src->kind->free(src);
	free(src->name);
	free(src->arg);
	free(src);
}

const char *vrng_source_name(const struct vrng_source *src)
{
	return src->name;
}

int vrng_source_changed(const struct vrng_source *src, struct vrng_error *error)
{
	return vrng_fail(error, ESTALE,
			 "%s: cannot open: it is another file or device than "
			 "at the start: %m; start rngd again if it shall be "
			 "used",
			 src->name);
}

bool vrng_source_is_deterministic(const struct vrng_source *src)
{
	return src->kind->deterministic;
}

enum vrng_origin vrng_source_origin(const struct vrng_source *src)
{
	return src->kind->origin ? src->kind->origin(src) : VRNG_ORIGIN_OTHER;
}

unsigned int vrng_source_entropy(const struct vrng_source *src)
{
	return src->entropy;
}

bool vrng_source_revives(const struct vrng_source *src)
{
	return src->kind->revives;
}

unsigned int vrng_source_reseeded(const struct vrng_source *src)
{
	return src->kind->reseeded;
}

bool vrng_source_stays(const struct vrng_source *src)
{
	return src->is_open && src->stays;
}

bool vrng_source_holds_nothing(const struct vrng_source *src)
{
	return src->is_open && src->holds_nothing;
}
