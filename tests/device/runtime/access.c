// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rngd/base/user.h"
#include "tests/device/runtime/access.h"

bool access_is_given(const struct access_options *options)
{
	return options->owner || options->group || options->mode;
}

static int parse_owner(const char *text, struct vrng_listener_as *as,
		       struct vrng_error *error)
{
	const size_t len = strcspn(text, ":");
	const char *group = text[len] ? text + len + 1 : NULL;
	char *user = strndup(text, len);
	bool ok = user && (*user || group);

	if (ok && *user)
		ok = vrng_user_find(user, &as->uid, NULL);
	if (ok && group)
		ok = vrng_group_find(group, &as->gid);
	free(user);
	return ok ? 0 :
		    vrng_fail(error, EINVAL,
			      "--owner: \"%.64s\" is no user or group; write "
			      "USER, USER:GROUP or :GROUP",
			      text);
}

static int parse_group(const char *text, struct vrng_listener_as *as,
		       struct vrng_error *error)
{
	if (vrng_group_find(text, &as->gid))
		return 0;
	return vrng_fail(error, EINVAL,
			 "--group: \"%.64s\" is no group; write its name or "
			 "number",
			 text);
}

/* Octal, as for chmod(1). */
static int parse_mode(const char *text, struct vrng_listener_as *as,
		      struct vrng_error *error)
{
	unsigned long mode;
	char *end;

	mode = strtoul(text, &end, 8);
	if (*text < '0' || *text > '7' || *end || mode > 0777)
		return vrng_fail(error, EINVAL,
				 "--mode: not an octal number up to 0777");
	as->mode = (mode_t)mode;
	return 0;
}

int access_parse(const struct access_options *options,
		 struct vrng_listener_as *as, struct vrng_error *error)
{
	int err = 0;

	*as = (struct vrng_listener_as){ .mode = ACCESS_MODE,
					 .uid = (uid_t)-1,
					 .gid = (gid_t)-1 };
	if (options->owner)
		err = parse_owner(options->owner, as, error);
	if (!err && options->group)
		err = parse_group(options->group, as, error);
	if (!err && options->mode)
		err = parse_mode(options->mode, as, error);
	return err;
}

void access_free(struct access_options *options)
{
	free(options->owner);
	free(options->group);
	free(options->mode);
}
