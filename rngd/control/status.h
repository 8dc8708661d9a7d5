/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot as text: the answer to the request "status". Each line is "name
 * value"; the lines of source N begin with "source.N.". A newline in a value is
 * written as "\n", and a backslash as "\\". rngctl(8) lists the names.
 */
#ifndef RNGD_CONTROL_STATUS_H
#define RNGD_CONTROL_STATUS_H

#include <stddef.h>

#include "rngd/control/client.h"
#include "rngd/control/snapshot.h"

/*
 * Write @snapshot to @text of @size bytes. Returns the length, without a final
 * zero. What does not fit is left out from a line's beginning.
 */
size_t rngd_status_write(const struct rngd_snapshot *snapshot, char *text,
			 size_t size);

/*
 * The reverse, in rngctl. Strings of @snapshot point into @answer, which has been
 * split. A missing number is RNGD_SNAPSHOT_NONE for entropy_avail and 0 elsewhere,
 * a missing string is NULL. Sources beyond RNGD_SOURCES_MAX are left out.
 */
void rngd_status_read(const struct rngd_client_answer *answer,
		      struct rngd_snapshot *snapshot);

#endif
