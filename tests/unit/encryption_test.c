// SPDX-License-Identifier: GPL-2.0-or-later
/* Signs of an encrypted guest, in a folder that stands for the root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rngd/base/encryption.h"

static char root[] = "/tmp/encryption.XXXXXX";

static int begin(void **unused)
{
	(void)unused;
	memset(root + strlen(root) - 6, 'X', 6);
	return mkdtemp(root) ? 0 : -1;
}

static int end(void **unused)
{
	char command[64];

	(void)unused;
	(void)snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command); /* NOLINT: a path of our own */
}

/* A file with @text at @path below the root; its folders are made. */
static void put(const char *path, const char *text)
{
	char full[256], *slash;
	FILE *file;

	(void)snprintf(full, sizeof(full), "%s%s", root, path);
	for (slash = full + strlen(root) + 1; (slash = strchr(slash, '/'));
	     slash++) {
		*slash = '\0';
		(void)mkdir(full, 0700);
		*slash = '/';
	}
	file = fopen(full, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void finds(const char *name)
{
	assert_non_null(vrng_encryption(root));
	assert_string_equal(vrng_encryption(root), name);
}

static void nothing_there_is_no_encryption(void **unused)
{
	(void)unused;
	assert_null(vrng_encryption(root));
	put("/sys/firmware/uv/prot_virt_guest", "0\n");
	put("/sys/devices/system/cpu/svm", "0\n");
	assert_null(vrng_encryption(root));
}

static void a_device_for_attestation_tells_the_kind(void **unused)
{
	(void)unused;
	put("/dev/sev-guest", "");
	finds("SEV-SNP");
	put("/dev/tdx_guest", "");
	finds("TDX");
}

static void a_protected_guest_of_s390x_says_so(void **unused)
{
	(void)unused;
	put("/sys/firmware/uv/prot_virt_guest", "1\n");
	finds("Secure Execution");
}

static void the_flags_of_a_guest_tell_the_kind(void **unused)
{
	(void)unused;
	put("/proc/cpuinfo", "processor\t: 0\n"
			     "flags\t\t: fpu hypervisor rdrand sev\n"
			     "processor\t: 1\n");
	finds("SEV");
	put("/proc/cpuinfo", "flags\t\t: hypervisor sev sev_es\n");
	finds("SEV-ES");
	put("/proc/cpuinfo", "flags\t\t: sev sev_es sev_snp hypervisor\n");
	finds("SEV-SNP");
	put("/proc/cpuinfo", "flags\t\t: hypervisor tdx_guest\n");
	finds("TDX");
}

static void a_host_that_could_encrypt_its_guests_is_none(void **unused)
{
	(void)unused;
	put("/proc/cpuinfo", "flags\t\t: fpu rdrand sme sev sev_es sev_snp\n");
	assert_null(vrng_encryption(root));
	put("/proc/cpuinfo", "flags\t\t: hypervisor sevx xsev debug_sev\n");
	assert_null(vrng_encryption(root));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_there_is_no_encryption,
						begin, end),
		cmocka_unit_test_setup_teardown(
			a_device_for_attestation_tells_the_kind, begin, end),
		cmocka_unit_test_setup_teardown(
			a_protected_guest_of_s390x_says_so, begin, end),
		cmocka_unit_test_setup_teardown(
			the_flags_of_a_guest_tell_the_kind, begin, end),
		cmocka_unit_test_setup_teardown(
			a_host_that_could_encrypt_its_guests_is_none, begin,
			end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("encryption", tests, NULL, NULL);
}
