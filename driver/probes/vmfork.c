// SPDX-License-Identifier: GPL-2.0-only
/* 5.18: drivers can be told of a VM fork, f3c2682bad7b. */
#include <linux/notifier.h>
#include <linux/random.h>

int probe(struct notifier_block *nb);
int probe(struct notifier_block *nb)
{
	return register_random_vmfork_notifier(nb);
}
