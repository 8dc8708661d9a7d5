// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The first process of a test guest: mounts the usual file systems, loads the
 * modules that the host listed, runs one command and sends its exit status to
 * the host.
 *
 * The host's side is tests/guest/guest. Input from it:
 *   - the environment, which the kernel makes of its command line:
 *     GUEST_OUT     terminal for the command's output
 *     GUEST_STATUS  terminal for init's lines to the host
 *     GUEST_TTY     ROWSxCOLUMNS: GUEST_OUT is interactive, run a prompt
 *     GUEST_LEAKS   1: scan for leaked kernel memory after the command
 *   - /etc/guest/channels: modules that the terminals need, one a line
 *   - /etc/guest/modules: modules to load, a path and parameters a line
 *   - /etc/guest/command: the shell script to run
 * Output to GUEST_STATUS:
 *   started     the command is about to run
 *   error TEXT  it cannot be run
 *   exit N      it ended with status N, or 128 plus the number of a signal
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define CHANNELS "/etc/guest/channels"
#define MODULES	 "/etc/guest/modules"
#define COMMAND	 "/etc/guest/command"
#define KMEMLEAK "/sys/kernel/debug/kmemleak"

/* kmemleak ignores younger objects (MSECS_MIN_AGE in mm/kmemleak.c). */
#define KMEMLEAK_MIN_AGE_S 5

/* Attempts to open a terminal, 10 ms apart. */
#define TERMINAL_TRIES 1000

struct mount_point {
	const char *type;
	const char *path;
	bool needed;
};

struct setting {
	const char *path;
	const char *value;
};

static const struct mount_point mount_points[] = {
	{ "proc", "/proc", true },
	{ "sysfs", "/sys", true },
	{ "devtmpfs", "/dev", true },
	{ "devpts", "/dev/pts", false },
	{ "tmpfs", "/dev/shm", false },
	{ "tmpfs", "/tmp", true },
	{ "tmpfs", "/run", true },
	{ "debugfs", "/sys/kernel/debug", false },
	{ "tracefs", "/sys/kernel/tracing", false },
};

/* A hung guest panics, and the console shows where it hung. */
static const struct setting settings[] = {
	{ "/proc/sys/kernel/hung_task_timeout_secs", "20" },
	{ "/proc/sys/kernel/hung_task_panic", "1" },
	{ "/proc/sys/kernel/softlockup_panic", "1" },
	{ "/proc/sys/kernel/panic_on_rcu_stall", "1" },
};

static int status_fd = -1;

/* Sends a line to the host, or to the console before GUEST_STATUS is open. */
__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vdprintf(status_fd < 0 ? STDERR_FILENO : status_fd, format, args);
	va_end(args);
}

static _Noreturn void power_off(void)
{
	if (status_fd >= 0)
		tcdrain(status_fd);
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

__attribute__((format(printf, 1, 2))) static _Noreturn void
give_up(const char *format, ...)
{
	char error[256];
	va_list args;

	va_start(args, format);
	vsnprintf(error, sizeof(error), format, args);
	va_end(args);
	tell("error %s\n", error);
	power_off();
}

static void mount_all(void)
{
	const struct mount_point *m = mount_points;
	const struct mount_point *end = m + sizeof(mount_points) / sizeof(*m);

	for (; m < end; m++) {
		mkdir(m->path, 0755);
		if (mount(m->type, m->path, m->type, 0, NULL) && m->needed)
			give_up("mount %s: %s", m->path, strerror(errno));
	}
}

/* Returns false if it cannot be written: not every kernel has every file. */
static bool write_file(const char *path, const char *value)
{
	ssize_t n;
	int fd;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = write(fd, value, strlen(value));
	close(fd);
	return n >= 0;
}

static void apply_settings(void)
{
	size_t i;

	for (i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		write_file(settings[i].path, settings[i].value);
}

static void bring_loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
}

static void set_raw(int fd)
{
	struct termios t;

	if (tcgetattr(fd, &t))
		return;
	cfmakeraw(&t);
	tcsetattr(fd, TCSANOW, &t);
}

static void set_size(int fd, const char *size)
{
	struct winsize w = { 0 };

	if (sscanf(size, "%hux%hu", &w.ws_row, &w.ws_col) == 2)
		ioctl(fd, TIOCSWINSZ, &w);
}

/*
 * Opens a terminal whose device may be found late: until then the path does not
 * exist, or has no device.
 */
static int open_late(const char *path, int flags)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
	int fd, tries;

	for (tries = 0; tries < TERMINAL_TRIES; tries++) {
		fd = open(path, flags);
		if (fd >= 0 || (errno != ENOENT && errno != ENODEV))
			return fd;
		nanosleep(&pause, NULL);
	}
	return -1;
}

static int open_terminal(const char *variable, int flags)
{
	const char *path = getenv(variable);
	int fd;

	if (!path)
		give_up("%s: not set", variable);
	fd = open_late(path, flags | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		give_up("%s: %s", path, strerror(errno));
	return fd;
}

static void load_module(const char *path, const char *parameters)
{
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		give_up("module %s: %s", path, strerror(errno));
	if (syscall(SYS_finit_module, fd, parameters, 0) && errno != EEXIST)
		give_up("module %s: %s", path, strerror(errno));
	close(fd);
}

static void load_modules(const char *path)
{
	char line[512], *parameters;
	FILE *list;

	list = fopen(path, "re");
	if (!list)
		return;
	while (fgets(line, sizeof(line), list)) {
		line[strcspn(line, "\n")] = '\0';
		parameters = line + strcspn(line, " ");
		if (*parameters)
			*parameters++ = '\0';
		if (*line)
			load_module(line, parameters);
	}
	fclose(list);
}

static _Noreturn void run_command(int out, bool prompt)
{
	int in = prompt ? out : open("/dev/null", O_RDONLY);

	setsid();
	if (prompt)
		ioctl(out, TIOCSCTTY, 0);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	if (prompt)
		execl("/bin/sh", "-sh", NULL);
	else
		execl("/bin/sh", "sh", COMMAND, NULL);
	dprintf(STDERR_FILENO, "/bin/sh: %s\n", strerror(errno));
	_exit(127);
}

/* Reaps orphans, too: they become children of the first process. */
static int wait_for(pid_t command)
{
	int status = 0;
	pid_t pid;

	do {
		pid = wait(&status);
		if (pid < 0 && errno != EINTR)
			give_up("wait: %s", strerror(errno));
	} while (pid != command);
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}

static int run_and_wait(int out)
{
	const char *size = getenv("GUEST_TTY");
	pid_t pid;

	if (size)
		set_size(out, size);
	else
		set_raw(out);
	tell("started\n");
	pid = fork();
	if (pid < 0)
		give_up("fork: %s", strerror(errno));
	if (pid == 0)
		run_command(out, size);
	return wait_for(pid);
}

/*
 * Prints kmemleak's reports to the console, where the host looks for them. An
 * object is reported if it has not changed between two scans.
 */
static void look_for_leaks(void)
{
	char report[4096];
	ssize_t n;
	int fd, i;

	if (!getenv("GUEST_LEAKS"))
		return;
	sleep(KMEMLEAK_MIN_AGE_S + 1);
	for (i = 0; i < 2; i++)
		if (!write_file(KMEMLEAK, "scan"))
			give_up("%s: %s", KMEMLEAK, strerror(errno));
	fd = open(KMEMLEAK, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (n = read(fd, report, sizeof(report))) > 0)
		if (write(STDERR_FILENO, report, (size_t)n) < 0)
			break;
	close(fd);
}

int main(void)
{
	int out, status;

	mount_all();
	load_modules(CHANNELS);
	status_fd = open_terminal("GUEST_STATUS", O_WRONLY);
	set_raw(status_fd);
	out = open_terminal("GUEST_OUT", O_RDWR);
	apply_settings();
	bring_loopback_up();
	load_modules(MODULES);
	setenv("PATH",
	       "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
	       "/sbin:/bin",
	       1);
	setenv("HOME", "/root", 1);
	status = run_and_wait(out);
	look_for_leaks();
	tcdrain(out);
	tell("exit %d\n", status);
	power_off();
}
