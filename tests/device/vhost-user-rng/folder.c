// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rngd/base/array.h"
#include "rngd/base/clock.h"
#include "rngd/base/log.h"
#include "rngd/base/passing.h"
#include "rngd/base/subprocess.h"
#include "tests/device/vhost-user-rng/folder.h"
#include "tests/device/vhost-user-rng/folder_sandbox.h"

#define SUFFIX ".conf"
#define SOCKET ".sock"
#define TOTAL  "total"
#define NAME   64 /* bytes of a guest's name, with the 0 */

/* A file that is written is read when it is closed. */
#define EVENTS                                                    \
	(IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | \
	 IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

/* ---- the helper: a file and its guest ---- */

/* Tells a file from an earlier one of that name. */
struct version {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed;
};

struct entry {
	struct entry *next;
	char name[NAME];
	char path[FOLDER_PATH];
	struct version version; /* of the file that was read */
	struct guest_options options;
	struct vrng_listener listener; /* @file only: the owner has the socket */
	bool listens;
	bool fails; /* it cannot listen, and that was logged */
	bool too_long; /* its path */
	bool found; /* by the current scan */
};

struct helper {
	const struct folder *folder;
	int sock; /* to the owner */
	int dir; /* of the options */
	int inotify; /* -1: nothing is watched any more */
	bool is_started; /* the first scan is over */
	struct entry *first;
};

static bool is_same(const struct version *a, const struct version *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec &&
	       a->changed.tv_nsec == b->changed.tv_nsec;
}

static void say(const struct helper *h, const char *text)
{
	vrng_log_line(h->folder->log, "%s", text);
}

/* 0; or a negative errno, and the owner has gone or did not get it. */
static int report(const struct helper *h, enum folder_change change,
		  const struct entry *entry, int fd)
{
	struct folder_news news = { .change = change };

	if (entry) {
		memcpy(news.path, entry->path, sizeof(news.path));
		news.max_bytes = entry->options.max_bytes;
		news.period_ms = entry->options.period_ms;
	}
	return vrng_passing_send(h->sock, &news, sizeof(news), fd, 0);
}

static bool is_total(const struct entry *entry)
{
	return !strcmp(entry->name, TOTAL);
}

/* The owner has the socket. */
static bool is_there(const struct helper *h, struct entry *entry)
{
	const struct folder *f = h->folder;

	return f->listens(f, entry->path) &&
	       vrng_listener_adopt(&entry->listener, -1, entry->path);
}

/* The caller tries it again. The log has one line about it. */
static void fail(const struct helper *h, struct entry *entry,
		 const struct vrng_error *error)
{
	if (!entry->fails)
		say(h, error->text);
	entry->fails = true;
}

/* Listen, and hand the socket over. */
static void begin(struct helper *h, struct entry *entry)
{
	const struct guest_options *o = &entry->options;
	struct vrng_error error;
	int err;

	if (!h->is_started && is_there(h, entry)) {
		entry->listens = true;
		(void)report(h, FOLDER_ADDED, entry, -1);
		if (o->has_as &&
		    vrng_listener_own(&entry->listener, &o->as, &error))
			say(h, error.text);
		return;
	}
	if (vrng_listener_open(&entry->listener, entry->path,
			       o->has_as ? &o->as : NULL, &error)) {
		fail(h, entry, &error);
		return;
	}
	err = report(h, FOLDER_ADDED, entry, entry->listener.fd);
	if (err) {
		(void)vrng_fail(&error, -err, "%s: cannot be served now: %s",
				entry->path, strerror(-err));
		fail(h, entry, &error);
		vrng_listener_remove(&entry->listener);
	}
	entry->listens = !err;
	entry->fails = err;
	vrng_listener_close(&entry->listener);
}

/* The file has gone. */
static void end(struct helper *h, struct entry *entry)
{
	if (is_total(entry)) {
		entry->options.max_bytes = 0;
		(void)report(h, FOLDER_TOTAL, entry, -1);
	}
	if (!entry->listens)
		return;
	vrng_listener_remove(&entry->listener);
	(void)report(h, FOLDER_REMOVED, entry, -1);
}

/* The new options hold. */
static void apply(struct helper *h, struct entry *entry,
		  const struct guest_options *before)
{
	const struct guest_options *o = &entry->options;
	struct vrng_error error;

	if (is_total(entry)) {
		(void)report(h, FOLDER_TOTAL, entry, -1);
		return;
	}
	if (!entry->listens) {
		begin(h, entry);
		return;
	}
	(void)report(h, FOLDER_CHANGED, entry, -1);
	if (o->has_as && memcmp(&o->as, &before->as, sizeof(o->as)) &&
	    vrng_listener_own(&entry->listener, &o->as, &error))
		say(h, error.text);
}

static void read_file(struct helper *h, struct entry *entry, const char *file)
{
	const struct guest_options before = entry->options;
	struct guest_options options = { 0 };
	struct guest_defaults plain = { .period_ms =
						h->folder->defaults.period_ms };
	struct vrng_error error, full;

	if (guest_file_read(h->dir, file, is_total(entry),
			    is_total(entry) ? &plain : &h->folder->defaults,
			    &options, &error)) {
		(void)vrng_fail(&full, EINVAL, "%s/%s; %s", h->folder->options,
				error.text,
				entry->listens ? "what it said before holds" :
						 "it is left out");
		say(h, full.text);
		return;
	}
	entry->options = options;
	apply(h, entry, &before);
}

/* ---- the helper: the folder ---- */

static struct entry *find(const struct helper *h, const char *name)
{
	for (struct entry *e = h->first; e; e = e->next)
		if (!strcmp(e->name, name))
			return e;
	return NULL;
}

/* Letters, digits, '.', '_', '-', and no '.' at the start. */
static bool is_name(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!(name[i] >= 'a' && name[i] <= 'z') &&
		    !(name[i] >= 'A' && name[i] <= 'Z') &&
		    !(name[i] >= '0' && name[i] <= '9') &&
		    !strchr(i ? "._-" : "_", name[i]))
			return false;
	return len && len < NAME;
}

/* NULL: no memory. */
static struct entry *add(struct helper *h, const char *file, size_t len)
{
	struct entry *entry = calloc(1, sizeof(*entry)), **end = &h->first;
	struct vrng_error error;
	int size;

	if (!entry)
		return NULL;
	memcpy(entry->name, file, len);
	entry->listener.fd = -1;
	size = snprintf(entry->path, sizeof(entry->path), "%s/%s" SOCKET,
			h->folder->sockets, entry->name);
	if (size >= (int)sizeof(entry->path)) {
		(void)vrng_fail(&error, EINVAL,
				"%s: the path of its socket has %d characters; "
				"107 are allowed",
				file, size);
		say(h, error.text);
		entry->too_long = true;
	}
	while (*end)
		end = &(*end)->next;
	return *end = entry;
}

static void look_at(struct helper *h, const char *file)
{
	const size_t len = strlen(file), suffix = strlen(SUFFIX);
	struct version version;
	struct entry *entry;
	char name[NAME];
	struct stat st;

	if (len <= suffix || strcmp(file + len - suffix, SUFFIX) ||
	    !is_name(file, len - suffix) || fstatat(h->dir, file, &st, 0))
		return;
	snprintf(name, sizeof(name), "%.*s", (int)(len - suffix), file);
	entry = find(h, name);
	if (!entry)
		entry = add(h, file, len - suffix);
	if (!entry)
		return;
	entry->found = true;
	version = (struct version){ st.st_dev, st.st_ino, st.st_size,
				    st.st_ctim };
	if (is_same(&version, &entry->version) || entry->too_long)
		return;
	entry->version = version;
	read_file(h, entry, file);
}

static void remove_missing(struct helper *h)
{
	struct entry **at = &h->first, *entry;

	while ((entry = *at)) {
		if (entry->found) {
			entry->found = false;
			at = &entry->next;
			continue;
		}
		*at = entry->next;
		end(h, entry);
		free(entry);
	}
}

/* All of it: an event may have been lost, and files change in the meantime. */
static void scan(struct helper *h)
{
	int fd = openat(h->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *file;

	if (!dir) {
		vrng_log_line(h->folder->log, "%s: %s", h->folder->options,
			      strerror(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((file = readdir(dir)))
		look_at(h, file->d_name);
	closedir(dir);
	remove_missing(h);
}

/* Does an event say that the folder itself has gone? Takes all events. */
static bool take_events(int inotify)
{
	union {
		struct inotify_event first;
		char bytes[4096];
	} buf;
	const struct inotify_event *event;
	bool gone = false;
	ssize_t n;

	while ((n = read(inotify, &buf, sizeof(buf))) > 0)
		for (ssize_t at = 0; at < n;
		     at += (ssize_t)(sizeof(*event) + event->len)) {
			event = (const void *)(buf.bytes + at);
			gone |= (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF |
						IN_UNMOUNT | IN_IGNORED)) != 0;
		}
	return gone;
}

static void stop_watching(struct helper *h)
{
	vrng_log_line(h->folder->log,
		      "%s: has gone; guests stay as they are until the program "
		      "is started again",
		      h->folder->options);
	close(h->inotify);
	h->inotify = -1;
}

static bool try_again(struct helper *h)
{
	bool fails = false;

	for (struct entry *e = h->first; e; e = e->next) {
		if (e->fails)
			begin(h, e);
		fails |= e->fails;
	}
	return fails;
}

/* True if the owner has gone within @ms. */
static bool is_alone(const struct helper *h, int ms)
{
	struct pollfd owner = { .fd = h->sock, .events = POLLIN };

	return poll(&owner, 1, ms) == 1;
}

static void watch(struct helper *h)
{
	struct pollfd fds[2] = { { .fd = h->sock, .events = POLLIN },
				 { .fd = h->inotify, .events = POLLIN } };

	while (!fds[0].revents) {
		const bool fails = try_again(h);

		if (poll(fds, 2, fails ? FOLDER_AGAIN_MS : -1) <= 0 ||
		    !fds[1].revents)
			continue;
		if (is_alone(h, FOLDER_SETTLE_MS))
			break;
		if (take_events(h->inotify)) {
			stop_watching(h);
			fds[1].fd = -1;
			fds[1].revents = 0;
			continue;
		}
		scan(h);
	}
}

static void remove_sockets(struct helper *h)
{
	for (struct entry *e = h->first; e; e = e->next)
		if (e->listens)
			vrng_listener_remove(&e->listener);
}

/* The owner's only message. */
static bool is_told_to_keep(const struct helper *h)
{
	char keep;

	return recv(h->sock, &keep, sizeof(keep), MSG_DONTWAIT) == sizeof(keep);
}

/* It ends when the owner does, not by a terminal's ^C. */
static _Noreturn void helper_run(struct helper *h)
{
	struct vrng_error error;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	if (folder_sandbox_enter(h->folder->sockets, &error)) {
		say(h, error.text);
		_exit(EXIT_FAILURE);
	}
	scan(h);
	h->is_started = true;
	if (!report(h, FOLDER_READ, NULL, -1))
		watch(h);
	if (!is_told_to_keep(h))
		remove_sockets(h);
	_exit(EXIT_SUCCESS);
}

/* ---- the owner ---- */

static void on_news(struct loop_watch *watch)
{
	struct folder *f = VRNG_CONTAINER_OF(watch, struct folder, watch);
	struct folder_news news = { 0 };
	int fd = -1;
	ssize_t n = vrng_passing_receive(watch->fd, &news, sizeof(news), &fd,
					 MSG_DONTWAIT);

	if (n == sizeof(news)) {
		news.path[sizeof(news.path) - 1] = '\0';
		f->news(f, &news, fd);
		return;
	}
	if (fd >= 0)
		close(fd);
	if (n == -EAGAIN || n == -EINTR)
		return;
	loop_unwatch(f->loop, watch);
	vrng_log_line(f->log,
		      "the process that watches %s has ended; guests stay as "
		      "they are until the program is started again",
		      f->options);
}

static int open_folder(const char *path, struct vrng_error *error)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? vrng_fail(error, errno, "%s: %m; make this folder",
				  path) :
			fd;
}

static int start_watching(const char *path, struct vrng_error *error)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd >= 0 && inotify_add_watch(fd, path, EVENTS) >= 0)
		return fd;
	(void)vrng_fail(error, errno,
			"%s: cannot watch it: %m; see the limits of inotify(7)",
			path);
	if (fd >= 0)
		close(fd);
	return -EIO;
}

static int fork_helper(struct folder *f, struct helper *h,
		       struct vrng_error *error)
{
	const struct vrng_subprocess child = { .name = "folder",
					       .type = SOCK_SEQPACKET,
					       .keep = { h->dir, h->inotify },
					       .keeps = 2 };

	f->pid = vrng_subprocess_fork(&child, &f->sock, error);
	if (!f->pid) {
		h->sock = f->sock;
		helper_run(h);
	}
	return f->pid < 0 ? (int)f->pid : 0;
}

int folder_start(struct folder *f, struct vrng_error *error)
{
	struct helper helper = { .folder = f, .dir = -1, .inotify = -1 };
	int err, sockets = open_folder(f->sockets, error);

	if (sockets < 0)
		return sockets;
	close(sockets);
	err = helper.dir = open_folder(f->options, error);
	if (err < 0)
		return err;
	err = helper.inotify = start_watching(f->options, error);
	if (err >= 0)
		err = fork_helper(f, &helper, error);
	close(helper.dir);
	if (helper.inotify >= 0)
		close(helper.inotify);
	if (err)
		return err;
	f->watch = (struct loop_watch)LOOP_WATCH(on_news);
	err = loop_watch(f->loop, &f->watch, f->sock);
	return err ? vrng_fail(error, -err, "folder: %m") : 0;
}

/* It may still report: what it sends is dropped. */
void folder_stop(struct folder *f, bool keep)
{
	const uint64_t until = vrng_now() + FOLDER_END_MS * VRNG_NS_PER_MS;
	struct pollfd gone = { .fd = f->sock, .events = POLLIN };
	struct folder_news news;
	int fd;

	if (f->sock < 0)
		return;
	loop_unwatch(f->loop, &f->watch);
	if (keep)
		(void)send(f->sock, "k", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(f->sock, SHUT_WR);
	while (poll(&gone, 1, vrng_timeout_ns(until, vrng_now())) == 1) {
		if (vrng_passing_receive(f->sock, &news, sizeof(news), &fd,
					 MSG_DONTWAIT) <= 0)
			break;
		if (fd >= 0)
			close(fd);
	}
	close(f->sock);
	f->sock = -1;
	waitpid(f->pid, NULL, WNOHANG);
}
