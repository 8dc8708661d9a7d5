// SPDX-License-Identifier: GPL-2.0-or-later
/* The replies that a client of an EGD server is owed: see owed.h. */
#include "tests/device/egd-server/owed.h"

static size_t place(const struct egd_owed *owed, size_t i)
{
	return (owed->first + i) % EGD_OWED_RUNS;
}

/* Is the last run one of replies of @n bytes? */
static bool joins(const struct egd_owed *owed, uint8_t n)
{
	return owed->runs && owed->run[place(owed, owed->runs - 1)].n == n;
}

bool egd_owed_has_room(const struct egd_owed *owed, uint8_t n)
{
	return owed->replies < EGD_OWED_MAX &&
	       (joins(owed, n) || owed->runs < EGD_OWED_RUNS);
}

void egd_owed_add(struct egd_owed *owed, uint8_t n)
{
	if (!n)
		return;
	if (!joins(owed, n))
		owed->run[place(owed, owed->runs++)] = (struct egd_run){
			.n = n,
		};
	owed->run[place(owed, owed->runs - 1)].count++;
	owed->replies++;
}

size_t egd_owed_first(const struct egd_owed *owed)
{
	return owed->runs ? owed->run[owed->first].n - owed->sent : 0;
}

size_t egd_owed_bytes(const struct egd_owed *owed, size_t at_hand, size_t most,
		      bool may_cut)
{
	size_t sum = 0;

	for (size_t i = 0; i < owed->runs; i++) {
		const struct egd_run *run = &owed->run[place(owed, i)];

		for (size_t k = 0; k < run->count && sum < most; k++) {
			size_t n = sum ? run->n : egd_owed_first(owed);

			if (sum + n > at_hand)
				return !sum && may_cut ? at_hand : sum;
			sum += n;
		}
	}
	return sum;
}

static void end_first(struct egd_owed *owed)
{
	owed->sent = 0;
	owed->replies--;
	if (--owed->run[owed->first].count)
		return;
	owed->first = place(owed, 1);
	owed->runs--;
}

void egd_owed_give(struct egd_owed *owed, size_t n)
{
	while (n) {
		const size_t first = egd_owed_first(owed);

		if (n < first) {
			owed->sent += n;
			return;
		}
		n -= first;
		end_first(owed);
	}
}
