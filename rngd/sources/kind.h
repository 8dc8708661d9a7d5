/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kind of source is a struct vrng_kind in the table of source.c. source.c
 * checks the fields of a SPEC against its kind before it calls parse. It calls
 * read and close only after a successful open.
 */
#ifndef RNGD_SOURCES_KIND_H
#define RNGD_SOURCES_KIND_H

#include "vrng/source.h"
#include "rngd/sources/spec.h"

struct vrng_source {
	const struct vrng_kind *kind;
	char *name; /* for messages; parse replaces it if it holds a secret */
	char *arg; /* the plain argument, NULL for kinds without one */
	const struct vrng_opener *opener; /* of all its files */
	void *state; /* the kind's own, from parse to free */
	int fd; /* the kind's own, -1 while closed */
	int poll_fd; /* vrng_source_fd() */
	unsigned int entropy; /* vrng_source_entropy() */
	bool is_open;
	bool stays; /* vrng_source_stays(), while open */
	bool holds_nothing; /* vrng_source_holds_nothing(), while open */
};

/* What a source is identified by. */
enum vrng_place {
	VRNG_PLACE_KIND, /* its kind and its argument, if any: place is NULL */
	VRNG_PLACE_PATH,
	VRNG_PLACE_ADDRESS /* HOST:PORT */
};

struct vrng_kind {
	const char *name;
	const char *usage; /* how to write the SPEC, for messages */
	/* Keys besides entropy=, NULL at the end. NULL: there are none. */
	const char *const *keys;
	bool takes_arg; /* the first field is no key=value, and required */
	unsigned int reseeded; /* vrng_source_reseeded() */
	bool deterministic; /* vrng_source_is_deterministic() */
	bool revives; /* vrng_source_revives() */
	/* vrng_source_origin(). NULL: VRNG_ORIGIN_OTHER. */
	enum vrng_origin (*origin)(const struct vrng_source *src);

	/* Whether the argument is a path, an address or another text. */
	enum vrng_place (*place)(const struct vrng_source *src,
				 const char **text);

	/* As the functions of vrng/source.h. All but read may be NULL. */
	int (*parse)(struct vrng_source *src, const struct vrng_spec *spec,
		     struct vrng_error *error);
	int (*check)(struct vrng_source *src, struct vrng_error *error);
	int (*open)(struct vrng_source *src, struct vrng_error *error);
	ssize_t (*read)(struct vrng_source *src, void *buf, size_t len,
			struct vrng_error *error);
	void (*close)(struct vrng_source *src);
	void (*free)(struct vrng_source *src); /* also after a failed parse */
};

/* For read at the end of a source: fill @error and return 0. */
#define vrng_source_end(error, ...) ((void)vrng_fail(error, 0, __VA_ARGS__), 0)

/* An opener returned -ESTALE. Fill @error and return -ESTALE. */
int vrng_source_changed(const struct vrng_source *src,
			struct vrng_error *error);

extern const struct vrng_kind vrng_kind_getrandom;
extern const struct vrng_kind vrng_kind_file;
extern const struct vrng_kind vrng_kind_jitter;
extern const struct vrng_kind vrng_kind_tty;
extern const struct vrng_kind vrng_kind_exec;
extern const struct vrng_kind vrng_kind_egd;
extern const struct vrng_kind vrng_kind_unix;
extern const struct vrng_kind vrng_kind_tcp;
extern const struct vrng_kind vrng_kind_drbg;

#endif
