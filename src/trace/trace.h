/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tracepoints of the group pmem_altmap. Names are arrays, since __assign_str() of a
 * __string() differs between kernels. Fields have C's own types, since bpftrace does not know the
 * kernel's types where there are no headers.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM pmem_altmap

#if !defined(PMA_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define PMA_TRACE_H

#include <linux/ctype.h>
#include <linux/device.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "plan/plan.h"
#include "plan/refusal.h"

#define PMA_TRACE_NAME	32

#ifndef PMA_TRACE_NAME_COPIED
#define PMA_TRACE_NAME_COPIED
/* Makes one word of a name, whatever another module has called its device. */
static inline void pma_trace_name(char *to, const char *name)
{
	const char *end = to + PMA_TRACE_NAME - 1;

	for (; *name && to < end; name++)
		*to++ = isascii(*name) && isgraph(*name) ? *name : '?';
	*to = '\0';
}
#endif

TRACE_EVENT(pmem_altmap_add_begin,

	TP_PROTO(const struct device *dev, const struct pma_plan *plan),

	TP_ARGS(dev, plan),

	TP_STRUCT__entry(
		__array(char, dev, PMA_TRACE_NAME)
		__field(unsigned long long, start)
		__field(unsigned long long, size)
		__field(unsigned long long, reserve)
		__field(unsigned long long, free)
		__field(unsigned long long, align)
	),

	TP_fast_assign(
		pma_trace_name(__entry->dev, dev_name(dev));
		__entry->start = plan->start;
		__entry->size = plan->size;
		__entry->reserve = plan->reserve;
		__entry->free = plan->free;
		__entry->align = plan->align;
	),

	TP_printk("dev=%s start=%#llx size=%llu reserve=%llu free=%llu align=%llu",
		  __entry->dev, __entry->start, __entry->size, __entry->reserve,
		  __entry->free, __entry->align)
);

TRACE_EVENT(pmem_altmap_add_end,

	TP_PROTO(const struct device *dev, const struct pma_plan *plan,
		 int error, u64 duration, unsigned long alloc),

	TP_ARGS(dev, plan, error, duration, alloc),

	TP_STRUCT__entry(
		__array(char, dev, PMA_TRACE_NAME)
		__field(unsigned long long, start)
		__field(unsigned long long, size)
		__field(int, error)
		__field(unsigned long long, duration)
		__field(unsigned long, alloc)
	),

	TP_fast_assign(
		pma_trace_name(__entry->dev, dev_name(dev));
		__entry->start = plan->start;
		__entry->size = plan->size;
		__entry->error = error;
		__entry->duration = duration;
		__entry->alloc = alloc;
	),

	TP_printk("dev=%s start=%#llx size=%llu error=%d duration=%llu alloc=%lu",
		  __entry->dev, __entry->start, __entry->size, __entry->error,
		  __entry->duration, __entry->alloc)
);

TRACE_EVENT(pmem_altmap_remove_begin,

	TP_PROTO(const struct device *dev, const struct pma_plan *plan),

	TP_ARGS(dev, plan),

	TP_STRUCT__entry(
		__array(char, dev, PMA_TRACE_NAME)
		__field(unsigned long long, start)
		__field(unsigned long long, size)
	),

	TP_fast_assign(
		pma_trace_name(__entry->dev, dev_name(dev));
		__entry->start = plan->start;
		__entry->size = plan->size;
	),

	TP_printk("dev=%s start=%#llx size=%llu", __entry->dev, __entry->start,
		  __entry->size)
);

TRACE_EVENT(pmem_altmap_remove_end,

	TP_PROTO(const struct device *dev, const struct pma_plan *plan,
		 u64 duration, unsigned long leaked),

	TP_ARGS(dev, plan, duration, leaked),

	TP_STRUCT__entry(
		__array(char, dev, PMA_TRACE_NAME)
		__field(unsigned long long, start)
		__field(unsigned long long, size)
		__field(unsigned long long, duration)
		__field(unsigned long, leaked)
	),

	TP_fast_assign(
		pma_trace_name(__entry->dev, dev_name(dev));
		__entry->start = plan->start;
		__entry->size = plan->size;
		__entry->duration = duration;
		__entry->leaked = leaked;
	),

	TP_printk("dev=%s start=%#llx size=%llu duration=%llu leaked=%lu",
		  __entry->dev, __entry->start, __entry->size,
		  __entry->duration, __entry->leaked)
);

TRACE_EVENT(pmem_altmap_refuse,

	TP_PROTO(const char *name, int error, const char *reason),

	TP_ARGS(name, error, reason),

	TP_STRUCT__entry(
		__array(char, dev, PMA_TRACE_NAME)
		__field(int, error)
		__array(char, reason, PMA_REFUSAL_TEXT)
	),

	TP_fast_assign(
		pma_trace_name(__entry->dev, name);
		__entry->error = error;
		strscpy(__entry->reason, reason, PMA_REFUSAL_TEXT);
	),

	TP_printk("dev=%s error=%d reason=%s", __entry->dev, __entry->error,
		  __entry->reason)
);

TRACE_EVENT(pmem_altmap_fault,

	TP_PROTO(const struct device *dev, const struct vm_fault *vmf,
		 unsigned int order, vm_fault_t result),

	TP_ARGS(dev, vmf, order, result),

	TP_STRUCT__entry(
		__array(char, dev, PMA_TRACE_NAME)
		__field(unsigned long, address)
		__field(unsigned long, pgoff)
		__field(unsigned int, order)
		__field(unsigned int, write)
		__field(unsigned int, result)
	),

	TP_fast_assign(
		pma_trace_name(__entry->dev, dev_name(dev));
		__entry->address = vmf->address;
		__entry->pgoff = vmf->pgoff;
		__entry->order = order;
		__entry->write = !!(vmf->flags & FAULT_FLAG_WRITE);
		__entry->result = (__force unsigned int)result;
	),

	TP_printk("dev=%s address=%#lx pgoff=%#lx order=%u write=%u result=%#x",
		  __entry->dev, __entry->address, __entry->pgoff,
		  __entry->order, __entry->write, __entry->result)
);

TRACE_EVENT(pmem_altmap_revoke,

	TP_PROTO(const struct device *dev, u64 mappings),

	TP_ARGS(dev, mappings),

	TP_STRUCT__entry(
		__array(char, dev, PMA_TRACE_NAME)
		__field(unsigned long long, mappings)
	),

	TP_fast_assign(
		pma_trace_name(__entry->dev, dev_name(dev));
		__entry->mappings = mappings;
	),

	TP_printk("dev=%s mappings=%llu", __entry->dev, __entry->mappings)
);

TRACE_EVENT(pmem_altmap_pinned_wait,

	TP_PROTO(const struct device *dev, u64 pinned, u64 pfn,
		 unsigned int waited),

	TP_ARGS(dev, pinned, pfn, waited),

	TP_STRUCT__entry(
		__array(char, dev, PMA_TRACE_NAME)
		__field(unsigned long long, pinned)
		__field(unsigned long long, pfn)
		__field(unsigned int, waited)
	),

	TP_fast_assign(
		pma_trace_name(__entry->dev, dev_name(dev));
		__entry->pinned = pinned;
		__entry->pfn = pfn;
		__entry->waited = waited;
	),

	TP_printk("dev=%s pinned=%llu pfn=%#llx waited=%u", __entry->dev,
		  __entry->pinned, __entry->pfn, __entry->waited)
);

TRACE_EVENT(pmem_altmap_other_add,

	TP_PROTO(const char *type, u64 start, u64 size, long error, u64 duration,
		 unsigned long alloc),

	TP_ARGS(type, start, size, error, duration, alloc),

	TP_STRUCT__entry(
		__array(char, type, PMA_TRACE_NAME)
		__field(unsigned long long, start)
		__field(unsigned long long, size)
		__field(long, error)
		__field(unsigned long long, duration)
		__field(unsigned long, alloc)
	),

	TP_fast_assign(
		strscpy(__entry->type, type, PMA_TRACE_NAME);
		__entry->start = start;
		__entry->size = size;
		__entry->error = error;
		__entry->duration = duration;
		__entry->alloc = alloc;
	),

	TP_printk("type=%s start=%#llx size=%llu error=%ld duration=%llu alloc=%lu",
		  __entry->type, __entry->start, __entry->size, __entry->error,
		  __entry->duration, __entry->alloc)
);

TRACE_EVENT(pmem_altmap_other_remove,

	TP_PROTO(const char *type, u64 start, u64 size, u64 duration),

	TP_ARGS(type, start, size, duration),

	TP_STRUCT__entry(
		__array(char, type, PMA_TRACE_NAME)
		__field(unsigned long long, start)
		__field(unsigned long long, size)
		__field(unsigned long long, duration)
	),

	TP_fast_assign(
		strscpy(__entry->type, type, PMA_TRACE_NAME);
		__entry->start = start;
		__entry->size = size;
		__entry->duration = duration;
	),

	TP_printk("type=%s start=%#llx size=%llu duration=%llu", __entry->type,
		  __entry->start, __entry->size, __entry->duration)
);

#endif /* PMA_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
