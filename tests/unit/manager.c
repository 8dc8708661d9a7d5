// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * manager SOCKET COMMAND...: runs COMMAND as a service manager does that keeps
 * descriptors, systemd with FileDescriptorStoreMax=: sd_notify(3), sd_listen_fds(3).
 *
 * SIGHUP restarts the service: SIGTERM, then COMMAND anew with what is kept. SIGTERM
 * stops it, and drops what is kept. Listens for notices at SOCKET. Descriptors 3 and
 * up, as many as LISTEN_FDS says, are passed as sockets.
 *
 * Prints "ready N gap_ms=MS kept=K" when the service says so for the Nth time: MS
 * since it was told to end, K descriptors that it was passed. Status: that of the
 * service; 1 with a line if it ends by itself or does not end in 60 s.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rngd/base/clock.h"
#include "rngd/base/passing.h"

#define FIRST	 3 /* sd_listen_fds(3) */
#define KEPT_MAX 1024
#define NAME	 64
#define HIGH	 100 /* sockets are moved here, out of the way */
#define END_NS	 (60 * VRNG_NS_PER_S)

struct kept {
	int fd;
	char name[NAME];
};

struct manager {
	char **command;
	const char *path;
	int notices, signals;
	int sockets; /* that are passed, from HIGH on */
	struct kept kept[KEPT_MAX];
	unsigned int n;
	pid_t pid; /* of the service */
	uint64_t told; /* when it was told to end; 0: it was not */
	bool restarts, reported;
	unsigned int starts, passed;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "manager: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int listen_for_notices(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)))
		die(path);
	return fd;
}

static int catch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* ---- the service ---- */

static void set_number(const char *name, long value)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld", value);
	setenv(name, text, 1);
}

/* Runs in the child. Kept descriptors are above FIRST + KEPT_MAX: see keep(). */
static _Noreturn void become_service(const struct manager *m)
{
	const int n = m->sockets + (int)m->n;
	char *names = calloc((size_t)n + 1, NAME + 1);
	sigset_t none;

	if (!names)
		_exit(1);
	for (int i = 0; i < n; i++) {
		const struct kept *k =
			i < m->sockets ? NULL : &m->kept[i - m->sockets];

		if (dup2(k ? k->fd : HIGH + i, FIRST + i) < 0)
			_exit(1);
		strcat(names, i ? ":" : "");
		strcat(names, k ? k->name : "sockets");
	}
	if (n)
		set_number("LISTEN_FDS", n);
	else
		unsetenv("LISTEN_FDS");
	setenv("LISTEN_FDNAMES", names, 1);
	set_number("LISTEN_PID", getpid());
	setenv("NOTIFY_SOCKET", m->path, 1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(m->command[0], m->command);
	_exit(127);
}

static void start(struct manager *m)
{
	m->starts++;
	m->reported = m->restarts = false;
	m->passed = m->n;
	m->pid = fork();
	if (m->pid < 0)
		die("fork");
	if (!m->pid)
		become_service(m);
}

static void tell_to_end(struct manager *m, bool restarts)
{
	m->restarts = restarts;
	m->told = vrng_now();
	kill(m->pid, SIGTERM);
}

/* ---- notices ---- */

static bool says(const char *text, const char *line)
{
	const char *at = strstr(text, line);

	return at && (at == text || at[-1] == '\n');
}

static void name_of(const char *text, char name[NAME])
{
	const char *at = strstr(text, "FDNAME=");

	snprintf(name, NAME, "%.*s", at ? (int)strcspn(at + 7, "\n") : 6,
		 at ? at + 7 : "stored");
}

/* Out of the way of what the service is passed. */
static void keep(struct manager *m, int fd, const char *text)
{
	struct kept *k = &m->kept[m->n];

	if (m->n == KEPT_MAX) {
		fputs("manager: too much is to be kept\n", stderr);
		return;
	}
	k->fd = fcntl(fd, F_DUPFD_CLOEXEC, HIGH + KEPT_MAX);
	if (k->fd < 0)
		die("keep");
	name_of(text, k->name);
	m->n++;
}

static void drop(struct manager *m, const char *text)
{
	char name[NAME];
	unsigned int left = 0;

	name_of(text, name);
	for (unsigned int i = 0; i < m->n; i++) {
		if (strcmp(m->kept[i].name, name))
			m->kept[left++] = m->kept[i];
		else
			close(m->kept[i].fd);
	}
	m->n = left;
}

static void report(struct manager *m)
{
	const uint64_t ms =
		m->told ? (vrng_now() - m->told) / VRNG_NS_PER_MS : 0;

	if (m->reported)
		return;
	m->reported = true;
	m->told = 0;
	printf("ready %u gap_ms=%llu kept=%u\n", m->starts,
	       (unsigned long long)ms, m->passed);
	fflush(stdout);
}

/* False: there is none. */
static bool take_notice(struct manager *m)
{
	char text[512];
	int fd;
	ssize_t n = vrng_passing_receive(m->notices, text, sizeof(text) - 1,
					 &fd, MSG_DONTWAIT);

	if (n < 0)
		return false;
	text[n] = '\0';
	if (says(text, "FDSTOREREMOVE=1"))
		drop(m, text);
	else if (says(text, "FDSTORE=1") && fd >= 0)
		keep(m, fd, text);
	if (says(text, "READY=1"))
		report(m);
	if (fd >= 0)
		close(fd);
	return true;
}

/* ---- its end ---- */

/* As systemd: notices first, which the service may have sent before it ended. */
static void take_end(struct manager *m)
{
	int status;

	if (waitpid(m->pid, &status, WNOHANG) != m->pid)
		return;
	while (take_notice(m))
		;
	if (m->restarts && WIFEXITED(status) && !WEXITSTATUS(status)) {
		start(m);
		return;
	}
	if (m->told && !m->restarts && WIFEXITED(status))
		exit(WEXITSTATUS(status));
	fprintf(stderr, "manager: the service has ended, status 0x%x\n",
		(unsigned int)status);
	exit(1);
}

static void take_signal(struct manager *m)
{
	struct signalfd_siginfo info;

	if (read(m->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGCHLD)
		take_end(m);
	else
		tell_to_end(m, info.ssi_signo == SIGHUP);
}

static void run(struct manager *m)
{
	struct pollfd fds[2] = { { .fd = m->notices, .events = POLLIN },
				 { .fd = m->signals, .events = POLLIN } };

	for (;;) {
		if (poll(fds, 2, 1000) < 0)
			continue;
		if (fds[0].revents)
			take_notice(m);
		else if (fds[1].revents)
			take_signal(m);
		if (m->told && m->pid && vrng_now() - m->told > END_NS) {
			kill(m->pid, SIGKILL);
			errno = ETIMEDOUT;
			die("the service");
		}
	}
}

/* Kept descriptors have high numbers. */
static void allow_many_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		die("limit");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("limit");
}

int main(int argc, char **argv)
{
	static struct manager m;
	const char *sockets = getenv("LISTEN_FDS");

	if (argc < 3) {
		fputs("usage: manager SOCKET COMMAND...\n", stderr);
		return 64;
	}
	allow_many_files();
	m.path = argv[1];
	m.command = argv + 2;
	m.sockets = sockets ? (int)strtol(sockets, NULL, 10) : 0;
	for (int i = 0; i < m.sockets; i++)
		if (dup2(FIRST + i, HIGH + i) < 0 ||
		    fcntl(HIGH + i, F_SETFD, FD_CLOEXEC))
			die("sockets");
	m.notices = listen_for_notices(m.path);
	m.signals = catch_signals();
	start(&m);
	run(&m);
	return 1;
}
