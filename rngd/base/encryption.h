/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether this is a guest whose memory is encrypted against its host. */
#ifndef RNGD_BASE_ENCRYPTION_H
#define RNGD_BASE_ENCRYPTION_H

/*
 * The name of what encrypts or protects the memory of this guest: "TDX", "SEV-SNP",
 * "SEV-ES", "SEV", "CCA", "Secure Execution" (s390x) or "PEF" (POWER); NULL if
 * nothing does, as far as the kernel shows it. Looks below @root, "" for the real
 * one. In a guest that sees SEV in its processor without using it, the answer is
 * "SEV" all the same.
 */
const char *vrng_encryption(const char *root);

#endif
