// SPDX-License-Identifier: GPL-2.0-only
/* 5.16: one question for all kinds of encrypted guests, 46b49b12f3fc. */
#include <linux/cc_platform.h>

bool probe(void);
bool probe(void)
{
	return cc_platform_has(CC_ATTR_GUEST_MEM_ENCRYPT);
}
