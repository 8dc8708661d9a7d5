// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <endian.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/front.h"

int front_init(struct front *f, uint16_t num)
{
	memset(f, 0, sizeof(*f));
	f->num = num;
	f->desc = FRONT_DESC;
	f->avail = FRONT_AVAIL;
	f->used = FRONT_USED;
	f->sock = -1;
	f->memfd = memfd_create("front", MFD_CLOEXEC);
	f->kick = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	f->call = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (f->memfd < 0 || f->kick < 0 || f->call < 0 ||
	    ftruncate(f->memfd, FRONT_FILE))
		return -errno;
	f->file = mmap(NULL, FRONT_FILE, PROT_READ | PROT_WRITE, MAP_SHARED,
		       f->memfd, 0);
	return f->file == MAP_FAILED ? -errno : 0;
}

void front_done(struct front *f)
{
	munmap(f->file, FRONT_FILE);
	close(f->memfd);
	close(f->kick);
	close(f->call);
	if (f->sock >= 0)
		close(f->sock);
}

void front_place(struct front *f, uint16_t num)
{
	f->num = num;
	f->desc = FRONT_GUEST1;
	f->avail = f->desc + 32768 * sizeof(struct vring_desc);
	f->used = f->avail + 0x20000;
	f->offered = f->taken = 0;
}

/* ---- the guest's side ---- */

void *front_mem(const struct front *f, uint64_t guest)
{
	if (guest < FRONT_GUEST1)
		return f->file + FRONT_OFF0 + (guest - FRONT_GUEST0);
	return f->file + FRONT_OFF1 + (guest - FRONT_GUEST1);
}

uint64_t front_addr(uint64_t guest)
{
	if (guest < FRONT_GUEST1)
		return FRONT_FRONT0 + (guest - FRONT_GUEST0);
	return FRONT_FRONT1 + (guest - FRONT_GUEST1);
}

struct vring_avail *front_avail(const struct front *f)
{
	return front_mem(f, f->avail);
}

struct vring_used *front_used(const struct front *f)
{
	return front_mem(f, f->used);
}

void front_begin_at(struct front *f, uint16_t idx)
{
	front_avail(f)->idx = htole16(idx);
	front_used(f)->idx = htole16(idx);
	f->offered = f->taken = idx;
}

void front_desc(struct front *f, uint16_t i, uint64_t addr, uint32_t len,
		uint16_t flags, uint16_t next)
{
	struct vring_desc *d = front_mem(f, f->desc);

	d[i].addr = htole64(addr);
	d[i].len = htole32(len);
	d[i].flags = htole16(flags);
	d[i].next = htole16(next);
}

void front_offer(struct front *f, uint16_t head)
{
	struct vring_avail *avail = front_avail(f);

	avail->ring[f->offered++ % f->num] = htole16(head);
	__atomic_store_n(&avail->idx, htole16(f->offered), __ATOMIC_RELEASE);
}

bool front_answer(struct front *f, uint32_t *id, uint32_t *len)
{
	struct vring_used *used = front_used(f);
	const struct vring_used_elem *elem = &used->ring[f->taken % f->num];

	if (f->taken == le16toh(__atomic_load_n(&used->idx, __ATOMIC_ACQUIRE)))
		return false;
	*id = le32toh(elem->id);
	*len = le32toh(elem->len);
	f->taken++;
	return true;
}

int front_kick(struct front *f)
{
	return eventfd_write(f->kick, 1) ? -errno : 0;
}

uint64_t front_interrupts(struct front *f)
{
	eventfd_t n;

	return eventfd_read(f->call, &n) ? 0 : n;
}

void front_set_used_event(struct front *f, uint16_t idx)
{
	front_avail(f)->ring[f->num] = htole16(idx);
}

uint16_t front_avail_event(const struct front *f)
{
	uint16_t event;

	memcpy(&event, &front_used(f)->ring[f->num], sizeof(event));
	return le16toh(event);
}

/* ---- the front end's side ---- */

/* The size in @header may differ from the @len bytes that follow it. */
static int send_raw(struct front *f, struct vu_header header,
		    const void *payload, size_t len, const int *fds,
		    unsigned int nfds)
{
	struct iovec part[] = { { &header, sizeof(header) },
				{ (void *)(uintptr_t)payload, len } };
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int) * 32)];
	} control = { 0 };
	struct msghdr hdr = { .msg_iov = part, .msg_iovlen = 2 };
	ssize_t n;

	if (nfds) {
		struct cmsghdr *c;

		hdr.msg_control = &control;
		hdr.msg_controllen = (socklen_t)CMSG_SPACE(sizeof(int) * nfds);
		c = CMSG_FIRSTHDR(&hdr);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = (socklen_t)CMSG_LEN(sizeof(int) * nfds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * nfds);
	}
	n = sendmsg(f->sock, &hdr, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0)
		return -errno;
	return n == (ssize_t)(sizeof(header) + len) ? 0 : -EIO;
}

int front_send(struct front *f, uint32_t request, uint32_t flags,
	       const void *payload, size_t size, const int *fds,
	       unsigned int nfds)
{
	struct vu_header header = { request, flags, (uint32_t)size };

	return send_raw(f, header, payload, size, fds, nfds);
}

int front_send_part(struct front *f, uint32_t request, uint32_t size, int fd)
{
	struct vu_header header = { request, VU_VERSION, size };

	return send_raw(f, header, NULL, 0, &fd, 1);
}

int front_send_u64(struct front *f, uint32_t request, uint64_t value)
{
	return front_send(f, request, VU_VERSION, &value, sizeof(value), NULL,
			  0);
}

int front_send_state(struct front *f, uint32_t request, uint32_t index,
		     uint32_t num)
{
	struct vu_state state = { index, num };

	return front_send(f, request, VU_VERSION, &state, sizeof(state), NULL,
			  0);
}

int front_send_fd(struct front *f, uint32_t request, int fd)
{
	uint64_t ring = 0;

	return front_send(f, request, VU_VERSION, &ring, sizeof(ring), &fd, 1);
}

int front_send_addr(struct front *f)
{
	struct vu_addr addr = { .desc = front_addr(f->desc),
				.avail = front_addr(f->avail),
				.used = front_addr(f->used) };

	return front_send(f, VU_SET_VRING_ADDR, VU_VERSION, &addr, sizeof(addr),
			  NULL, 0);
}

struct vu_region front_region(int i)
{
	static const struct vu_region regions[] = {
		{ FRONT_GUEST0, FRONT_REGION, FRONT_FRONT0, FRONT_OFF0 },
		{ FRONT_GUEST1, FRONT_REGION, FRONT_FRONT1, FRONT_OFF1 },
	};

	return regions[i];
}

int front_send_mem_table(struct front *f)
{
	struct vu_mem_table table = {
		.n = 2, .region = { front_region(0), front_region(1) }
	};
	int fds[] = { f->memfd, f->memfd };

	return front_send(f, VU_SET_MEM_TABLE, VU_VERSION, &table,
			  offsetof(struct vu_mem_table, region) +
				  2 * sizeof(struct vu_region),
			  fds, 2);
}

int front_reply(struct front *f, struct vu_message *msg)
{
	ssize_t n =
		recv(f->sock, &msg->header, sizeof(msg->header), MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	if (n != sizeof(msg->header))
		return -ECONNRESET;
	if (msg->header.size > sizeof(msg->payload))
		return -EPROTO;
	n = recv(f->sock, &msg->payload, msg->header.size, MSG_DONTWAIT);
	return n == (ssize_t)msg->header.size ? (int)n : -EPROTO;
}

int front_send_ring(struct front *f, uint64_t features, uint16_t base)
{
	int err = front_send(f, VU_SET_OWNER, VU_VERSION, NULL, 0, NULL, 0);

	if (!err)
		err = front_send_u64(f, VU_SET_FEATURES, features);
	if (!err)
		err = front_send_mem_table(f);
	if (!err)
		err = front_send_state(f, VU_SET_VRING_NUM, 0, f->num);
	if (!err)
		err = front_send_state(f, VU_SET_VRING_BASE, 0, base);
	if (!err)
		err = front_send_addr(f);
	if (!err)
		err = front_send_fd(f, VU_SET_VRING_KICK, f->kick);
	if (!err)
		err = front_send_fd(f, VU_SET_VRING_CALL, f->call);
	return err;
}

int front_connect(struct front *f, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	strncpy(addr.sun_path, path, sizeof(addr.sun_path) - 1);
	f->sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(f->sock, (const struct sockaddr *)&addr, sizeof(addr)))
		return -errno;
	return 0;
}

int front_start(struct front *f, uint64_t features)
{
	const int err = front_send_ring(f, features, 0);

	return err ? err : front_send_state(f, VU_SET_VRING_ENABLE, 0, 1);
}
