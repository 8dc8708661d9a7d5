// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Privileged operations: done by this process, or by the helper once there is
 * one. A child stands for rngd with a helper; it may give up its user, but only
 * if root runs this.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rngd/base/crypto.h"
#include "rngd/process/privops.h"

/* How long a helper may take to end on the slowest machine, ms. */
#define END_MS 20000

#define NOBODY 65534

static char folder[] = "/tmp/vrng-privops-XXXXXX";
static char listed[64], other[64];

static void make_file(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_EXCL, 0600);

	assert_int_equal(write(fd, "abc", 3), 3);
	close(fd);
}

static int make_files(void **unused)
{
	(void)unused;
	make_file(listed);
	make_file(other);
	return 0;
}

static int remove_files(void **unused)
{
	(void)unused;
	(void)unlink(listed);
	(void)unlink(other);
	return 0;
}

/* ---------------------------------------------------------- a fake kernel */

/* Calls in this process: a helper counts its own. */
static unsigned int additions, reseeds;
static unsigned int stops_at; /* the helper stops at this addition; 0: never */
static bool refuses; /* without CAP_SYS_ADMIN */

static int fake_ioctl(int fd, unsigned long request, void *arg)
{
	(void)fd;
	(void)arg;
	if (refuses) {
		errno = EPERM;
		return -1;
	}
	additions += request == RNDADDENTROPY;
	reseeds += request == RNDRESEEDCRNG;
	if (stops_at && additions == stops_at)
		(void)raise(SIGSTOP);
	return 0;
}

static const struct vrng_kernel_pool_system fake = { .ioctl = fake_ioctl };

/* -------------------------------------------------------- without a helper */

static struct rngd_privops *make(void)
{
	struct rngd_privops *p;

	assert_int_equal(rngd_privops_make(&p, NULL), 0);
	return p;
}

static void without_a_helper_this_process_does_it(void **unused)
{
	struct vrng_kernel_pool *pool = vrng_kernel_pool_make(&fake, -1, 64);
	struct rngd_privops *p = make();
	const struct vrng_opener *opener = rngd_privops_opener(p);
	const struct vrng_kernel_pool_ops *ops = rngd_privops_pool_ops(p);
	int fd;

	(void)unused;
	assert_int_equal(rngd_privops_fd(p), -1);
	fd = vrng_open(opener, listed, O_RDONLY, 0);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(vrng_open(opener, "/no/such/path", O_RDONLY, 0),
			 -ENOENT);

	additions = 0;
	reseeds = 0;
	assert_int_equal(ops->credit(ops->opaque, pool, "abc", 3, 24, false),
			 0);
	assert_int_equal(additions, 1);
	assert_int_equal(reseeds, 0);
	assert_int_equal(ops->reseed(ops->opaque, pool), 0);
	assert_int_equal(reseeds, 1);
	assert_int_equal(ops->credit(ops->opaque, pool, "abc", 3, 25, false),
			 -EINVAL);
	assert_int_equal(additions, 1);
	vrng_kernel_pool_free(pool);
	rngd_privops_end(p, END_MS);
	rngd_privops_free(p);
}

static void files_that_are_still_ours_are_removed_at_the_end(void **unused)
{
	struct rngd_privops *p = make();
	struct vrng_ours file;

	(void)unused;
	assert_true(vrng_ours_note(&file, listed));
	rngd_privops_remove_at_end(p, &file);
	assert_true(vrng_ours_note(&file, other));
	file.ino++; /* another file has taken its place */
	rngd_privops_remove_at_end(p, &file);
	rngd_privops_end(p, END_MS);
	assert_int_equal(access(listed, F_OK), -1);
	assert_int_equal(access(other, F_OK), 0);
	rngd_privops_free(p);
}

/* ----------------------------------------------------------- with a helper */

/* In a child: what does not hold ends it with @line. */
static void must_at(int line, bool holds)
{
	if (!holds)
		_exit(line % 255 + 1);
}

#define must(holds) must_at(__LINE__, holds)

static void start_helper(struct rngd_privops *p, struct vrng_kernel_pool *pool)
{
	struct rngd_helper_setup setup = {
		.pool = pool,
		.pid_fd = -1,
		.log_fd = -1,
		.openable[0] = { strdup(listed), O_RDONLY | VRNG_OPEN_FLAGS,
				 false, false },
		.openables = 1,
	};
	struct vrng_ours file;

	must(vrng_ours_note(&file, other));
	rngd_privops_remove_at_end(p, &file);
	must(!rngd_privops_start(p, &setup, NULL));
	must(rngd_privops_fd(p) >= 0);
}

/* The status of a child that does @what. */
static void in_child(void (*what)(void))
{
	pid_t child = fork();
	int status;

	if (!child) {
		alarm(60);
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status))
		fail_msg("line %d (modulo 255)", WEXITSTATUS(status) - 1);
}

static void become_nobody(void)
{
	must(!setgid(NOBODY) && !setuid(NOBODY));
}

static bool holds_abc(int fd)
{
	char got[4] = "";

	return read(fd, got, 3) == 3 && !strcmp(got, "abc");
}

static void open_by_helper(void)
{
	struct vrng_kernel_pool *pool = vrng_kernel_pool_make(&fake, -1, 64);
	struct rngd_privops *p = make();
	const struct vrng_opener *opener = rngd_privops_opener(p);
	int fd;

	start_helper(p, pool);
	must(!chmod(folder, 0755));
	become_nobody();
	must(open(listed, O_RDONLY) == -1 && errno == EACCES);
	fd = vrng_open(opener, listed, O_RDONLY | VRNG_OPEN_FLAGS, 0);
	must(fd >= 0 && holds_abc(fd));
	must(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	must(vrng_open(opener, listed, O_RDWR | VRNG_OPEN_FLAGS, 0) == -EACCES);
	must(vrng_open(opener, other, O_RDONLY | VRNG_OPEN_FLAGS, 0) ==
	     -EACCES);
	must(vrng_open(opener, "/no/such/path", O_RDONLY, 0) == -ENOENT);
	fd = vrng_open(opener, "/dev/zero", O_RDONLY, 0);
	must(fd >= 0);

	must(!access(other, F_OK));
	rngd_privops_end(p, END_MS);
	must(access(other, F_OK) && !access(listed, F_OK));
	must(vrng_open(opener, listed, O_RDONLY | VRNG_OPEN_FLAGS, 0) ==
	     -EPIPE);
	rngd_privops_free(p);
}

static void the_openers_open_the_files_of_the_list(void **unused)
{
	(void)unused;
	if (geteuid())
		skip();
	in_child(open_by_helper);
}

/* ------------------------------------------------- what openers refuse */

/* The folder is root's: another user's open of anything in it fails. */
static struct rngd_privops *start_openers(size_t n,
					  const struct rngd_opener_file *files)
{
	struct rngd_helper_setup setup = { .pool = NULL,
					   .pid_fd = -1,
					   .log_fd = -1 };
	struct rngd_privops *p = make();
	size_t i;

	for (i = 0; i < n; i++) {
		setup.openable[i] = files[i];
		setup.openable[i].path = strdup(files[i].path);
	}
	setup.openables = n;
	must(!chmod(folder, 0700));
	must(!rngd_privops_start(p, &setup, NULL));
	return p;
}

#define FLAGS (O_RDONLY | VRNG_OPEN_FLAGS)

static int open_listed(struct rngd_privops *p)
{
	return vrng_open(rngd_privops_opener(p), listed, FLAGS, 0);
}

/* The first open proves that the opener has noted what the file is. */
static void opens(struct rngd_privops *p)
{
	int fd = open_listed(p);

	must(fd >= 0);
	close(fd);
}

static void point_to(const char *target)
{
	must(!unlink(listed) && !symlink(target, listed));
}

static void open_changed_device(void)
{
	const struct rngd_opener_file file = { listed, FLAGS, false, false };
	struct rngd_privops *p;

	point_to("/dev/zero");
	p = start_openers(1, &file);
	must(!seteuid(NOBODY));
	opens(p);
	must(!seteuid(0));
	point_to("/dev/null");
	must(!seteuid(NOBODY));
	must(open_listed(p) == -ESTALE);
	must(!seteuid(0));
	point_to(other);
	must(!seteuid(NOBODY));
	must(open_listed(p) == -ESTALE);
	must(!seteuid(0));
	must(!unlink(listed));
	must(!seteuid(NOBODY));
	must(open_listed(p) == -ENOENT || open_listed(p) == -EACCES);
	must(!seteuid(0));
	must(!symlink("/dev/zero", listed));
	must(!seteuid(NOBODY));
	opens(p);
	must(!seteuid(0));
	rngd_privops_end(p, END_MS);
	rngd_privops_free(p);
}

static void a_path_that_names_another_device_is_refused(void **unused)
{
	(void)unused;
	if (geteuid())
		skip();
	in_child(open_changed_device);
}

/* As udev's links: the generator comes back as another device. */
static char safe[] = "/run/vrng-privops-XXXXXX";
static char by_id[64];

static void point_by_id_to(const char *target)
{
	(void)unlink(by_id);
	must(!symlink(target, by_id));
}

static void open_by_id_must(struct rngd_privops *p, int wanted)
{
	int fd;

	must(!chmod(safe, 0711) && !seteuid(NOBODY));
	/* O_RDWR: this user may not open the target itself. */
	fd = vrng_open(rngd_privops_opener(p), by_id, O_RDWR | VRNG_OPEN_FLAGS,
		       0);
	must(wanted ? fd == wanted : fd >= 0);
	if (fd >= 0)
		close(fd);
	must(!seteuid(0));
}

static void open_by_id(void)
{
	const struct rngd_opener_file file = { by_id, O_RDWR | VRNG_OPEN_FLAGS,
					       false, false };
	char device[2][80], elsewhere[64];
	struct rngd_privops *p;
	int i;

	for (i = 0; i < 2; i++) {
		snprintf(device[i], sizeof(device[i]), "%s/tty%d", safe, i);
		if (mknod(device[i], S_IFCHR | 0600,
			  makedev(1, i ? 3 : 5))) /* null, zero */
			_exit(0);
	}
	snprintf(elsewhere, sizeof(elsewhere), "%s/null", folder);
	must(!mknod(elsewhere, S_IFCHR | 0600, makedev(1, 3)));
	point_by_id_to(device[0]);
	p = start_openers(1, &file);
	open_by_id_must(p, 0);
	point_by_id_to(device[1]);
	open_by_id_must(p, 0);
	point_by_id_to(device[0]);
	open_by_id_must(p, 0);
	/* Others may write to the folder of this target. */
	point_by_id_to(elsewhere);
	open_by_id_must(p, -ESTALE);
	point_by_id_to("/bin/sh");
	open_by_id_must(p, -ESTALE);
	rngd_privops_end(p, END_MS);
	rngd_privops_free(p);
	(void)unlink(elsewhere);
}

static bool is_roots(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !st.st_uid && !(st.st_mode & 022);
}

static void a_link_may_lead_to_another_device(void **unused)
{
	char node[64];

	(void)unused;
	if (geteuid() || !is_roots("/") || !is_roots("/run") || !mkdtemp(safe))
		skip();
	snprintf(by_id, sizeof(by_id), "%s/by-id", safe);
	in_child(open_by_id);
	snprintf(node, sizeof(node), "%s/tty0", safe);
	(void)unlink(node);
	snprintf(node, sizeof(node), "%s/tty1", safe);
	(void)unlink(node);
	(void)unlink(by_id);
	assert_int_equal(rmdir(safe), 0);
}

/* The temporary folder's parent may be written to by anybody. */
static void open_replaced_file(void)
{
	const struct rngd_opener_file file = { listed, FLAGS, false, false };
	struct rngd_privops *p = start_openers(1, &file);

	must(!seteuid(NOBODY));
	opens(p);
	must(!seteuid(0));
	must(!rename(other, listed));
	must(!seteuid(NOBODY));
	must(open_listed(p) == -ESTALE);
	must(!seteuid(0));
	rngd_privops_end(p, END_MS);
	rngd_privops_free(p);
}

static void a_file_that_was_replaced_is_refused(void **unused)
{
	(void)unused;
	if (geteuid())
		skip();
	in_child(open_replaced_file);
}

static struct stat stat_of(mode_t mode, unsigned int minor_number, ino_t ino)
{
	return (struct stat){ .st_mode = mode,
			      .st_rdev = makedev(4, minor_number),
			      .st_dev = makedev(0, 5),
			      .st_ino = ino };
}

/* devtmpfs makes a new inode for a device that comes back. */
static void what_a_file_was_decides_whether_it_is_opened(void **unused)
{
	char path[] = "/tmp/a";
	const struct rngd_opener_file tty = { path, 0, true, false };
	const struct rngd_opener_file file = { path, 0, false, false };
	const struct stat line = stat_of(S_IFCHR | 0600, 64, 10);
	const struct stat again = stat_of(S_IFCHR | 0660, 64, 11);
	const struct stat another = stat_of(S_IFCHR | 0600, 65, 10);
	const struct stat disk = stat_of(S_IFBLK | 0600, 64, 10);
	const struct stat plain = stat_of(S_IFREG | 0600, 0, 10);
	const struct stat replaced = stat_of(S_IFREG | 0600, 0, 11);
	const struct stat folder_st = stat_of(S_IFDIR | 0700, 0, 10);
	struct rngd_identity was = { true, S_IFCHR, makedev(4, 64), 0 };
	struct rngd_identity text = { true, S_IFREG, makedev(0, 5), 10 };
	struct rngd_identity nothing = { .is_known = false };

	(void)unused;
	assert_int_equal(rngd_identity_accept(&was, &tty, &line), 0);
	assert_int_equal(rngd_identity_accept(&was, &tty, &again), 0);
	assert_int_equal(rngd_identity_accept(&was, &tty, &another), -ESTALE);
	assert_int_equal(rngd_identity_accept(&was, &tty, &disk), -ENOTTY);
	assert_int_equal(rngd_identity_accept(&was, &tty, &plain), -ENOTTY);
	assert_int_equal(rngd_identity_accept(&was, &file, &disk), -ESTALE);
	assert_int_equal(rngd_identity_accept(&was, &file, &plain), -ESTALE);
	assert_int_equal(rngd_identity_accept(&text, &file, &plain), 0);
	assert_int_equal(rngd_identity_accept(&text, &file, &replaced),
			 -ESTALE);
	assert_int_equal(rngd_identity_accept(&text, &file, &line), -ESTALE);
	assert_int_equal(rngd_identity_accept(&text, &file, &folder_st),
			 -EISDIR);
	assert_int_equal(rngd_identity_accept(&nothing, &file, &plain),
			 -ESTALE);
	assert_int_equal(rngd_identity_accept(&nothing, &tty, &line), -ESTALE);
}

/* / and /dev are root's alone on any machine; elsewhere this is left out. */
static void what_root_alone_can_have_put_there_counts(void **unused)
{
	char path[] = "/dev/ttyNONE";
	const struct rngd_opener_file tty = { path, 0, true, false };
	const struct rngd_opener_file file = { path, 0, false, false };
	const struct stat line = stat_of(S_IFCHR | 0600, 64, 10);
	const struct stat another = stat_of(S_IFCHR | 0600, 65, 10);
	const struct stat replaced = stat_of(S_IFIFO | 0600, 0, 11);
	struct rngd_identity nothing = { .is_known = false };
	struct rngd_identity fifo = { true, S_IFIFO, makedev(0, 5), 10 };
	struct stat root, dev;

	(void)unused;
	if (stat("/", &root) || stat("/dev", &dev) || root.st_uid ||
	    dev.st_uid || ((root.st_mode | dev.st_mode) & 022))
		skip();
	assert_int_equal(rngd_identity_accept(&nothing, &tty, &line), 0);
	assert_true(nothing.is_known);
	assert_int_equal(rngd_identity_accept(&nothing, &tty, &another),
			 -ESTALE);
	assert_int_equal(rngd_identity_accept(&fifo, &file, &replaced), 0);
}

/* ------------------------------------------------------ an open that hangs */

/* As root: give the FIFO a writer when told to. */
static _Noreturn void write_when_told(const int told[2])
{
	char byte;

	close(told[1]);
	must(read(told[0], &byte, 1) == 1);
	must(open(listed, O_WRONLY) >= 0);
	_exit(read(told[0], &byte, 1) != 0);
}

/* Without O_NONBLOCK opening a FIFO waits for a writer. */
static void open_what_hangs(void)
{
	const struct rngd_opener_file files[] = {
		{ listed, O_RDONLY | O_CLOEXEC, false, false },
		{ other, FLAGS, false, false },
	};
	struct rngd_helper_setup setup = {
		.pool = vrng_kernel_pool_make(&fake, -1, 64),
		.pid_fd = -1,
		.log_fd = -1,
		.openables = 2,
	};
	struct rngd_privops *p = make();
	const struct vrng_opener *opener = rngd_privops_opener(p);
	const struct vrng_kernel_pool_ops *ops = rngd_privops_pool_ops(p);
	int tell[2], fd, i;
	pid_t writer;

	must(!unlink(listed) && !mkfifo(listed, 0600) && !pipe(tell));
	writer = fork();
	if (!writer)
		write_when_told(tell);
	for (i = 0; i < 2; i++) {
		setup.openable[i] = files[i];
		setup.openable[i].path = strdup(files[i].path);
	}
	must(!rngd_privops_start(p, &setup, NULL));
	become_nobody();

	must(vrng_open(opener, listed, files[0].flags, 0) == -ETIMEDOUT);
	must(!ops->credit(ops->opaque, setup.pool, "abc", 3, 24, true));
	must(!ops->reseed(ops->opaque, setup.pool));
	fd = vrng_open(opener, other, FLAGS, 0);
	must(fd >= 0 && holds_abc(fd));

	must(write(tell[1], "", 1) == 1);
	do
		fd = vrng_open(opener, listed, files[0].flags, 0);
	while (fd == -ETIMEDOUT);
	must(fd >= 0 && fcntl(fd, F_GETFD) & FD_CLOEXEC);
	rngd_privops_end(p, END_MS);
}

static void an_open_that_hangs_holds_up_nothing(void **unused)
{
	(void)unused;
	if (geteuid())
		skip();
	in_child(open_what_hangs);
}

/* The openers and the helper are this child's children: all must end. */
static void end_what_hangs(void)
{
	const struct rngd_opener_file file = { listed, O_RDONLY | O_CLOEXEC,
					       false, false };
	struct rngd_privops *p;

	must(!unlink(listed) && !mkfifo(listed, 0600));
	p = start_openers(1, &file);
	become_nobody();
	must(vrng_open(rngd_privops_opener(p), listed, file.flags, 0) ==
	     -ETIMEDOUT);
	rngd_privops_end(p, END_MS);
	while (wait(NULL) > 0)
		;
	rngd_privops_free(p);
}

static void an_open_that_hangs_is_ended_with_rngd(void **unused)
{
	(void)unused;
	if (geteuid())
		skip();
	in_child(end_what_hangs);
}

static void credit_by_helper(void)
{
	struct vrng_kernel_pool *pool = vrng_kernel_pool_make(&fake, -1, 64);
	struct rngd_privops *p = make();
	const struct vrng_kernel_pool_ops *ops = rngd_privops_pool_ops(p);
	int i;

	start_helper(p, pool);
	additions = 0;
	reseeds = 0;
	for (i = 0; i < 3; i++)
		must(!ops->credit(ops->opaque, pool, "abc", 3, 24, true));
	must(!ops->reseed(ops->opaque, pool));
	must(!additions && !reseeds);

	/* A failed credit is reported by the next operation. */
	must(!ops->credit(ops->opaque, pool, "abc", 3, 25, false));
	must(ops->reseed(ops->opaque, pool) == -EINVAL);

	rngd_privops_end(p, END_MS);
	must(ops->credit(ops->opaque, pool, "abc", 3, 24, false) == -EPIPE);
	must(ops->reseed(ops->opaque, pool) == -EPIPE);
	/* What root may open needs no helper. */
	must(vrng_open(rngd_privops_opener(p), listed,
		       O_RDONLY | VRNG_OPEN_FLAGS, 0) >= 0);
}

static void the_helper_credits_and_reseeds(void **unused)
{
	(void)unused;
	if (geteuid())
		skip();
	in_child(credit_by_helper);
}

static void ask_helper_without_rights(void)
{
	struct vrng_kernel_pool *pool = vrng_kernel_pool_make(&fake, -1, 64);
	struct rngd_privops *p = make();
	const struct vrng_kernel_pool_ops *ops = rngd_privops_pool_ops(p);

	if (!geteuid())
		become_nobody();
	refuses = true; /* in the helper, too */
	start_helper(p, pool);
	must(ops->credit(ops->opaque, pool, "abc", 3, 24, false) == -EPERM);
	rngd_privops_end(p, END_MS);
}

static void a_helper_without_rights_reports_it(void **unused)
{
	(void)unused;
	assert_int_equal(chmod(folder, 0755), 0);
	in_child(ask_helper_without_rights);
}

/* Each read is of one record of the log, as each packet is. */
static void read_log_by_helper(void)
{
	static const char record[] =
		"5,9,9,-;random: crng reseeded due to virtual machine fork\n";
	struct rngd_helper_setup setup = {
		.pool = vrng_kernel_pool_make(&fake, -1, 64),
		.pid_fd = -1,
		.filter = true,
	};
	struct rngd_privops *p = make();
	struct pollfd pfd = { .events = POLLIN };
	uint64_t forks = 0, all = 0;
	int end[2];

	must(rngd_privops_forks_fd(p) == -1);
	must(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, end));
	setup.log_fd = end[0];
	must(!rngd_privops_start(p, &setup, NULL));
	pfd.fd = rngd_privops_forks_fd(p);
	must(pfd.fd >= 0);
	must(send(end[1], "6,8,8,-;usb 1-1\n", 16, 0) == 16);
	must(send(end[1], record, sizeof(record) - 1, 0) > 0);
	must(send(end[1], record, sizeof(record) - 1, 0) > 0);
	while (all < 2) {
		must(poll(&pfd, 1, END_MS) == 1);
		must(read(pfd.fd, &forks, sizeof(forks)) == sizeof(forks));
		all += forks;
	}
	must(all == 2);
	/* The log ends: the helper serves on. */
	close(end[1]);
	must(!rngd_privops_pool_ops(p)->reseed(rngd_privops_pool_ops(p)->opaque,
					       setup.pool));
	rngd_privops_end(p, END_MS);
	rngd_privops_free(p);
}

static void the_helper_tells_how_many_forks_the_log_shows(void **unused)
{
	(void)unused;
	in_child(read_log_by_helper);
}

/* More credits than a socket can hold. */
#define MANY 10000

static _Noreturn void outlive_helper_that_stops(unsigned int at)
{
	struct vrng_kernel_pool *pool = vrng_kernel_pool_make(&fake, -1, 64);
	struct rngd_helper_setup setup = { .pool = pool,
					   .pid_fd = -1,
					   .log_fd = -1 };
	struct rngd_privops *p = make();
	const struct vrng_kernel_pool_ops *ops = rngd_privops_pool_ops(p);
	int i, ret = 0, status;
	pid_t helper;

	alarm(60);
	additions = 0;
	stops_at = at;
	must(!rngd_privops_start(p, &setup, NULL));
	for (i = 0; i < MANY && !ret; i++)
		ret = ops->credit(ops->opaque, pool, "abc", 3, 24, true);
	must(ret == -ETIMEDOUT);
	helper = waitpid(-1, &status, WUNTRACED);
	must(helper > 0 && WIFSTOPPED(status));
	/* Nothing more is asked of it: this does not wait. */
	for (i = 0; i < MANY; i++)
		must(ops->reseed(ops->opaque, pool) == -ETIMEDOUT);
	rngd_privops_end(p, 1);
	must(!kill(helper, SIGKILL));
	_exit(0);
}

/* The first credit waits for an answer, a later one for room in the socket. */
static void a_helper_that_is_stopped_is_given_up(void **unused)
{
	pid_t child[2];
	unsigned int i;
	int status;

	(void)unused;
	if (geteuid())
		skip();
	for (i = 0; i < 2; i++) {
		child[i] = fork();
		if (!child[i])
			outlive_helper_that_stops(i + 1);
	}
	for (i = 0; i < 2; i++) {
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_true(WIFEXITED(status));
		if (WEXITSTATUS(status))
			fail_msg("line %d (modulo 255)",
				 WEXITSTATUS(status) - 1);
	}
}

static int make_folder(void **unused)
{
	(void)unused;
	if (!mkdtemp(folder))
		return -1;
	snprintf(listed, sizeof(listed), "%s/listed", folder);
	snprintf(other, sizeof(other), "%s/other", folder);
	return vrng_crypto_init(NULL);
}

static int remove_folder(void **unused)
{
	(void)unused;
	return rmdir(folder);
}

#define with_files(test) \
	cmocka_unit_test_setup_teardown(test, make_files, remove_files)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_files(without_a_helper_this_process_does_it),
		with_files(files_that_are_still_ours_are_removed_at_the_end),
		with_files(the_openers_open_the_files_of_the_list),
		with_files(a_path_that_names_another_device_is_refused),
		with_files(a_file_that_was_replaced_is_refused),
		with_files(a_link_may_lead_to_another_device),
		cmocka_unit_test(what_a_file_was_decides_whether_it_is_opened),
		cmocka_unit_test(what_root_alone_can_have_put_there_counts),
		with_files(an_open_that_hangs_holds_up_nothing),
		with_files(an_open_that_hangs_is_ended_with_rngd),
		with_files(the_helper_credits_and_reseeds),
		with_files(a_helper_without_rights_reports_it),
		cmocka_unit_test(the_helper_tells_how_many_forks_the_log_shows),
		cmocka_unit_test(a_helper_that_is_stopped_is_given_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("privops", tests, make_folder,
					   remove_folder);
}
