/* SPDX-License-Identifier: GPL-2.0-only */
/* The tracepoints, events/vrng in tracefs. vrng(4) describes the fields. */
/* clang-format off: the macros have a layout of their own */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vrng

#if !defined(VRNG_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define VRNG_TRACE_H

#include <linux/tracepoint.h>
#include <linux/virtio.h>

DECLARE_EVENT_CLASS(vrng_bytes,
		    TP_PROTO(const struct virtio_device *vdev, u32 bytes,
			     u32 generation),
		    TP_ARGS(vdev, bytes, generation),
		    TP_STRUCT__entry(__field(int, index) __field(u32, bytes)
					     __field(u32, generation)),
		    TP_fast_assign(__entry->index = vdev->index;
				   __entry->bytes = bytes;
				   __entry->generation = generation;),
		    TP_printk("virtio%d bytes=%u generation=%u", __entry->index,
			      __entry->bytes, __entry->generation));

/* A buffer was posted; bytes: its size. */
DEFINE_EVENT(vrng_bytes, vrng_request,
	     TP_PROTO(const struct virtio_device *vdev, u32 bytes,
		      u32 generation),
	     TP_ARGS(vdev, bytes, generation));

/* The device answered; bytes: what it claims to have written. */
DEFINE_EVENT(vrng_bytes, vrng_completion,
	     TP_PROTO(const struct virtio_device *vdev, u32 bytes,
		      u32 generation),
	     TP_ARGS(vdev, bytes, generation));

/* An open buffer was given back; bytes: those that were read from it. */
DEFINE_EVENT(vrng_bytes, vrng_read,
	     TP_PROTO(const struct virtio_device *vdev, u32 bytes,
		      u32 generation),
	     TP_ARGS(vdev, bytes, generation));

/* All bytes were dropped; generation: the one that begins. */
DEFINE_EVENT(vrng_bytes, vrng_discard,
	     TP_PROTO(const struct virtio_device *vdev, u32 bytes,
		      u32 generation),
	     TP_ARGS(vdev, bytes, generation));

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
