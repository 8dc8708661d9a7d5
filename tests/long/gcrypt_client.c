// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gcrypt_client SOCKET BYTES...: lets libgcrypt make very strong random bytes,
 * BYTES at a time, from the EGD server at SOCKET. Prints "modules=NAME...", the
 * entropy modules of libgcrypt, and then "asked=BYTES" after each request.
 */
#include <gcrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int die(const char *what, const char *error)
{
	fprintf(stderr, "gcrypt_client: %s: %s\n", what, error);
	exit(1);
}

/* The socket's name must be set before libgcrypt gathers entropy. */
static void begin(const char *socket)
{
	if (gcry_control(GCRYCTL_SET_RNDEGD_SOCKET, socket))
		die(socket, "this libgcrypt has no EGD");
	if (!gcry_check_version(NULL))
		die("libgcrypt", "cannot be initialized");
	gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
}

/* Print NAME:...: of the line "rnd-mod:NAME:...:". */
static void show_modules(void)
{
	char *text = gcry_get_config(0, "rnd-mod");
	const char *names = text ? strchr(text, ':') : NULL;

	if (!names)
		die("libgcrypt", "does not say what it gathers from");
	printf("modules=%.*s\n", (int)strcspn(names + 1, "\n"), names + 1);
	gcry_free(text);
}

static void ask(const char *text)
{
	const size_t len = strtoul(text, NULL, 10);
	void *bytes = malloc(len ? len : 1);

	if (!bytes)
		die(text, "no memory");
	gcry_randomize(bytes, len, GCRY_VERY_STRONG_RANDOM);
	free(bytes);
	printf("asked=%zu\n", len);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fputs("usage: gcrypt_client SOCKET BYTES...\n", stderr);
		return 64;
	}
	begin(argv[1]);
	show_modules();
	for (int i = 2; i < argc; i++)
		ask(argv[i]);
	return 0;
}
