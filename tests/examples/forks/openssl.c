/* SPDX-License-Identifier: MIT */
/*
 * OpenSSL's generator in a program that survives a snapshot of the virtual machine.
 *
 *	cc openssl.c -o openssl -lcrypto
 *
 * vrng/generation.h is in the package vrng-dev (vrng-devel); without it give the folder
 * include/ of vrng's source with -I.
 *
 * OpenSSL keeps generators in memory, which two clones of one snapshot have in common.
 * random_bytes() compares the generation of this machine, which rngd maintains in
 * /run/vrng/vmclock, and has OpenSSL reseed if it is another one than before. The
 * generation is mixed in, so that clones differ even if the kernel has not reseeded.
 */
#include <fcntl.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "vrng/generation.h"

#define PAGE "/run/vrng/vmclock"

static const void *page;
static uint64_t seen;

static int watch_generation(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (page == MAP_FAILED)
		return -1;
	seen = vrng_generation(page);
	return 0;
}

static int reseed(uint64_t generation)
{
	unsigned char seed[32 + sizeof(generation)];

	if (getrandom(seed, 32, 0) != 32)
		return -1;
	memcpy(seed + 32, &generation, sizeof(generation));
	RAND_add(seed, sizeof(seed), 32);
	return 0;
}

static int random_bytes(unsigned char *bytes, int n)
{
	uint64_t now = vrng_generation(page);

	if (now != seen && reseed(now))
		return -1;
	seen = now;
	return RAND_bytes(bytes, n) == 1 ? 0 : -1;
}

/* Prints 16 bytes for each line of input. */
int main(int argc, char **argv)
{
	unsigned char bytes[16];
	char line[80];
	size_t i;

	if (watch_generation(argc > 1 ? argv[1] : PAGE)) {
		perror("openssl: the generation page");
		return EXIT_FAILURE;
	}
	if (random_bytes(bytes, sizeof(bytes)))
		return EXIT_FAILURE;
	while (fgets(line, sizeof(line), stdin)) {
		if (random_bytes(bytes, sizeof(bytes)))
			return EXIT_FAILURE;
		for (i = 0; i < sizeof(bytes); i++)
			printf("%02x", bytes[i]);
		putchar('\n');
		fflush(stdout);
	}
	return EXIT_SUCCESS;
}
