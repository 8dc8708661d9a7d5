// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Builds filters. A program is a chain of links in the order of the calls'
 * numbers. Neighbours that get the same answer share a link of two
 * instructions:
 *
 *	if (nr >= end) goto the next link
 *	return the answer
 *
 * A call whose arguments matter has a link of its own, with a block of
 * instructions in place of the return.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "rngd/base/seccomp.h"
#include "rngd/base/seccomp_arch.h"
#include "rngd/base/seccomp_calls.h"

#define ALLOW	     SECCOMP_RET_ALLOW
#define KILL	     SECCOMP_RET_KILL_PROCESS
#define ERROR(error) (SECCOMP_RET_ERRNO | (error))

struct builder {
	struct vrng_seccomp_program *program;
	const struct vrng_seccomp_rules *rules;
	uint32_t arch;
};

/* A link of the chain: @block, or the answer if @block is NULL. */
struct link {
	void (*block)(const struct builder *b);
	uint32_t answer;
};

/* ---- instructions ---- */

static void put(const struct builder *b, uint16_t code, uint8_t if_so,
		uint8_t if_not, uint32_t operand)
{
	struct vrng_seccomp_program *p = b->program;

	if (p->count < VRNG_SECCOMP_INSNS)
		p->insn[p->count] =
			(struct sock_filter){ code, if_so, if_not, operand };
	p->count++;
}

static void put_load(const struct builder *b, size_t offset)
{
	put(b, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

static void put_return(const struct builder *b, uint32_t answer)
{
	put(b, BPF_RET | BPF_K, 0, 0, answer);
}

static void put_return_if(const struct builder *b, uint32_t value,
			  uint32_t answer)
{
	put(b, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, value);
	put_return(b, answer);
}

static void put_return_unless(const struct builder *b, uint32_t value,
			      uint32_t answer)
{
	put(b, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, value);
	put_return(b, answer);
}

static void put_and(const struct builder *b, uint32_t mask)
{
	put(b, BPF_ALU | BPF_AND | BPF_K, 0, 0, mask);
}

static size_t argument(const struct builder *b, unsigned int n, bool high)
{
	const bool first = high != !!(b->arch & __AUDIT_ARCH_LE);

	return offsetof(struct seccomp_data, args) + n * sizeof(uint64_t) +
	       (first ? 0 : sizeof(uint32_t));
}

/* The lower half, which is all that the kernel uses of an int. */
static void put_load_argument(const struct builder *b, unsigned int n)
{
	put_load(b, argument(b, n, false));
}

static void put_load_high(const struct builder *b, unsigned int n)
{
	put_load(b, argument(b, n, true));
}

/* ---- names ---- */

static bool is_listed(const struct vrng_seccomp_rules *rules, const char *call)
{
	const char *const *name;
	size_t i;

	for (i = 0; i < VRNG_SECCOMP_LISTS; i++)
		for (name = rules->calls[i]; name && *name; name++)
			if (!strcmp(*name, call))
				return true;
	return false;
}

/* ---- arguments that matter ---- */

#define NAMESPACES                                                     \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
	 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

static void put_clone(const struct builder *b)
{
	const bool forks = b->rules->forks || b->rules->programs;

	put_load_argument(b, vrng_seccomp_is_s390(b->arch) ? 1 : 0);
	if (forks) {
		put_and(b, NAMESPACES);
		put_return_unless(b, 0,
				  b->rules->programs ? ERROR(EPERM) : KILL);
		put_return(b, ALLOW);
		return;
	}
	put_and(b, CLONE_THREAD);
	put_return_unless(b, CLONE_THREAD, KILL);
	put_return(b, ALLOW);
}

static void put_memory(const struct builder *b)
{
	put_load_argument(b, 2);
	put_and(b, PROT_EXEC);
	put_return_unless(b, 0, KILL);
	put_return(b, ALLOW);
}

/* The process id stays the same: the filter allows no fork. */
static void put_tgkill(const struct builder *b)
{
	put_load_argument(b, 0);
	put_return_unless(b, (uint32_t)getpid(), KILL);
	put_return(b, ALLOW);
}

/*
 * The owner of a descriptor gets a signal, of any number, when it is readable.
 * The owner may be another process; for root, even without capabilities, any
 * process.
 */
static void put_fcntl(const struct builder *b)
{
	put_load_argument(b, 1);
	put_return_if(b, F_SETOWN, KILL);
	put_return_if(b, F_SETOWN_EX, KILL);
	put_return_if(b, F_SETSIG, KILL);
	put_return(b, ALLOW);
}

/*
 * Most calls of prctl() are the C library's: PR_SET_VMA names memory, for
 * example.
 */
static void put_prctl(const struct builder *b)
{
	if (is_listed(b->rules, "prctl")) {
		put_load_argument(b, 0);
		put_return_if(b, PR_SET_NAME, ALLOW);
	}
	put_return(b, ERROR(EINVAL));
}

static void put_prlimit(const struct builder *b)
{
	put_load_argument(b, 0);
	put_return_unless(b, 0, KILL);
	put_load_high(b, 2);
	put_return_unless(b, 0, KILL);
	put_load_argument(b, 2);
	put_return_unless(b, 0, KILL);
	put_return(b, is_listed(b->rules, "prlimit64") ? ALLOW : ERROR(ENOSYS));
}

static void put_set(const struct builder *b, const struct vrng_seccomp_set *set)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		put_return_if(b, (uint32_t)set->values[i], ALLOW);
}

static void put_ioctl(const struct builder *b)
{
	size_t i;

	put_load_argument(b, 1);
	put_set(b, &b->rules->ioctls);
	for (i = 0; i < vrng_seccomp_terminal_queries.count; i++)
		put_return_if(b,
			      (uint32_t)vrng_seccomp_terminal_queries.values[i],
			      ERROR(ENOTTY));
	put_return(b, KILL);
}

/* Both put text into a terminal as if it had been typed there. */
static void put_programs_ioctl(const struct builder *b)
{
	put_load_argument(b, 1);
	put_return_if(b, TIOCSTI, ERROR(EPERM));
	put_return_if(b, TIOCLINUX, ERROR(EPERM));
	put_return(b, ALLOW);
}

static void put_socket(const struct builder *b)
{
	put_load_argument(b, 0);
	put_set(b, &b->rules->families);
	put_return(b, KILL);
}

static void put_socketcall(const struct builder *b)
{
	const struct vrng_seccomp_subcall *subcall;

	put_load_argument(b, 0);
	if (b->rules->libc_sockets && vrng_seccomp_libc_multiplexes(b->arch))
		put_return_if(b, SYS_SOCKET, ALLOW);
	for (subcall = vrng_seccomp_subcalls; subcall->name; subcall++)
		if (is_listed(b->rules, subcall->name))
			put_return_if(b, subcall->number, ALLOW);
	put_return(b, KILL);
}

static struct link mmap_link(const struct builder *b, const char *name)
{
	if (vrng_seccomp_is_s390(b->arch))
		return (struct link){ .answer = ALLOW };
	if (!strcmp(name, "mmap") &&
	    vrng_seccomp_has_mmap2_beside_pointers(b->arch))
		return (struct link){ .answer = KILL };
	return (struct link){ .block = put_memory };
}

struct guarded {
	const char *call;
	void (*block)(const struct builder *b);
};

static const struct guarded always[] = {
	{ "ioctl", put_ioctl },		  { "prctl", put_prctl },
	{ "prlimit64", put_prlimit },	  { "socket", put_socket },
	{ "socketcall", put_socketcall },
};

static const struct guarded if_listed[] = {
	{ "clone", put_clone },
	{ "fcntl", put_fcntl },
	{ "tgkill", put_tgkill },
};

/* ---- chain ---- */

static struct link listed_link(const struct builder *b, const char *name)
{
	const char *call = vrng_seccomp_call_of(name);
	size_t i;

	for (i = 0; i < VRNG_LENGTH(if_listed); i++)
		if (!strcmp(if_listed[i].call, call))
			return (struct link){ .block = if_listed[i].block };
	if (!strcmp(call, "mmap") && !b->rules->code)
		return mmap_link(b, name);
	if (!strcmp(call, "mprotect") && !b->rules->code)
		return (struct link){ .block = put_memory };
	return (struct link){ .answer = ALLOW };
}

/* clone3() gets ENOSYS: its flags lie in memory. */
static struct link programs_link(const char *name)
{
	if (!strcmp(name, "clone"))
		return (struct link){ .block = put_clone };
	if (!strcmp(name, "ioctl"))
		return (struct link){ .block = put_programs_ioctl };
	if (!strcmp(name, "clone3"))
		return (struct link){ .answer = ERROR(ENOSYS) };
	if (vrng_seccomp_is_beyond_programs(name))
		return (struct link){ .answer = ERROR(EPERM) };
	return (struct link){ .answer = ALLOW };
}

static struct link named_link(const struct builder *b, const char *name)
{
	size_t i;

	if (b->rules->programs)
		return programs_link(name);
	for (i = 0; i < VRNG_LENGTH(always); i++)
		if (!strcmp(always[i].call, name))
			return (struct link){ .block = always[i].block };
	if (is_listed(b->rules, vrng_seccomp_call_of(name)))
		return listed_link(b, name);
	return (struct link){
		.answer = vrng_seccomp_is_harmless(name) ? ERROR(ENOSYS) : KILL,
	};
}

/* A number without a name is no call, or newer than libseccomp. */
static struct link link_of(const struct builder *b, uint32_t number)
{
	char *name = seccomp_syscall_resolve_num_arch(b->arch, (int)number);
	struct link link = { .answer = ERROR(ENOSYS) };

	if (name)
		link = named_link(b, name);
	free(name);
	return link;
}

/* Put the answer for all numbers below @end that have none yet. */
static void put_link(const struct builder *b, struct link link, uint32_t end)
{
	struct vrng_seccomp_program *p = b->program;
	const size_t jump = p->count;

	put(b, BPF_JMP | BPF_JGE | BPF_K, 0, 0, end);
	if (link.block)
		link.block(b);
	else
		put_return(b, link.answer);
	if (p->count - jump - 1 > UINT8_MAX)
		p->count = VRNG_SECCOMP_INSNS + 1;
	if (p->count <= VRNG_SECCOMP_INSNS)
		p->insn[jump].jt = (uint8_t)(p->count - jump - 1);
}

static bool same(struct link a, struct link b)
{
	return !a.block && !b.block && a.answer == b.answer;
}

static void put_chain(const struct builder *b, uint32_t first, uint32_t end)
{
	struct link next, link = link_of(b, first);
	uint32_t nr;

	for (nr = first + 1; nr < end; nr++) {
		next = link_of(b, nr);
		if (!same(link, next))
			put_link(b, link, nr);
		link = next;
	}
	put_link(b, link, end);
}

/* Calls of another architecture or ABI kill. */
static void put_entry(const struct builder *b, uint32_t first)
{
	const struct link other = { .answer = KILL };

	put_load(b, offsetof(struct seccomp_data, arch));
	put_return_unless(b, vrng_seccomp_audit_arch(b->arch), KILL);
	put_load(b, offsetof(struct seccomp_data, nr));
	if (first)
		put_link(b, other, first);
	if (b->arch == SCMP_ARCH_X86_64) {
		put(b, BPF_JMP | BPF_JGE | BPF_K, 0, 1, VRNG_SECCOMP_X32);
		put_return(b, KILL);
	}
}

int vrng_seccomp_build(struct vrng_seccomp_program *program,
		       const struct vrng_seccomp_rules *rules, uint32_t arch)
{
	const struct builder b = { program, rules, arch };
	const uint32_t first = vrng_seccomp_first_number(arch);

	program->count = 0;
	put_entry(&b, first);
	put_chain(&b, first, vrng_seccomp_end_of_numbers(arch));
	put_return(&b, ERROR(ENOSYS));
	return program->count > VRNG_SECCOMP_INSNS ? -E2BIG : 0;
}

int vrng_seccomp_build_native(struct vrng_seccomp_program *program,
			      const struct vrng_seccomp_rules *rules)
{
	return vrng_seccomp_build(program, rules, seccomp_arch_native());
}

int vrng_seccomp_load(const struct vrng_seccomp_rules *rules)
{
	struct vrng_seccomp_program program = { .count = 0 };
	int err = vrng_seccomp_build_native(&program, rules);

	return err ? err : vrng_seccomp_load_built(&program);
}

int vrng_seccomp_load_built(struct vrng_seccomp_program *program)
{
	const struct sock_fprog fprog = {
		.len = (unsigned short)program->count,
		.filter = program->insn,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &fprog))
		return -errno;
	return 0;
}
