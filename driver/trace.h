/* SPDX-License-Identifier: GPL-2.0-only */
/* The tracepoint, events/vrng in tracefs. vrng(4) describes the fields. */
/* clang-format off: the macros have a layout of their own */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vrng

#if !defined(VRNG_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define VRNG_TRACE_H

#include <linux/tracepoint.h>
#include <linux/virtio.h>

/* What happened to a buffer. Macros: the event's format names numbers. */
#define VRNG_TRACE_REQUEST    0 /* posted; bytes: its size */
#define VRNG_TRACE_COMPLETION 1 /* answered; bytes: as many as claimed */
#define VRNG_TRACE_READ	      2 /* given back; bytes: read from it */
#define VRNG_TRACE_DISCARD    3 /* all were dropped; a generation begins */

/* One event for all, as tracefs makes files for each while the module loads. */
TRACE_EVENT(vrng_buffer,
	    TP_PROTO(const struct virtio_device *vdev, u8 op, u32 bytes,
		     u32 generation),
	    TP_ARGS(vdev, op, bytes, generation),
	    TP_STRUCT__entry(__field(int, index) __field(u8, op)
				     __field(u32, bytes)
					     __field(u32, generation)),
	    TP_fast_assign(__entry->index = vdev->index; __entry->op = op;
			   __entry->bytes = bytes;
			   __entry->generation = generation;),
	    TP_printk("virtio%d %s bytes=%u generation=%u", __entry->index,
		      __print_symbolic(__entry->op,
				       { VRNG_TRACE_REQUEST, "request" },
				       { VRNG_TRACE_COMPLETION, "completion" },
				       { VRNG_TRACE_READ, "read" },
				       { VRNG_TRACE_DISCARD, "discard" }),
		      __entry->bytes, __entry->generation));

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
