/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What other modules may call: device memory whose memmap is on the device.
 */
#ifndef _LINUX_PMEM_ALTMAP_H
#define _LINUX_PMEM_ALTMAP_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/ioport.h>
#include <linux/mm_types.h>
#include <linux/notifier.h>
#include <linux/types.h>

struct device;
struct module;

/**
 * DOC: Overview
 *
 * A module that owns a range of physical memory, such as one that memmap= has reserved, can
 * have struct pages for it, with the memmap at the head of the range itself. The module describes
 * the range in a &struct pmem_altmap_spec and calls pmem_altmap_add(), or devm_pmem_altmap_add()
 * to have the range removed with its driver. The driver of pmem_altmap adds libnvdimm's
 * namespaces in the same way. All ranges are in debugfs below pmem_altmap/providers, and
 * pmem_altmap_get() finds each of them by its device.
 *
 * Every call that may refuse checks before it touches anything, and says why in one line of the
 * kernel's log. A range takes no page of DRAM for the memmap of whole sections (128 MiB on x86).
 *
 * Symbols are exported with EXPORT_SYMBOL_GPL. A module that uses them keeps pmem_altmap
 * loaded. A module must remove its ranges before it is unloaded; a range that it has forgotten
 * stays, and is removed when pmem_altmap is unloaded.
 */

/**
 * DOC: Stability
 *
 * A client is compiled against the header of the module that it is loaded beside.
 * PMEM_ALTMAP_API_VERSION rises whenever a client that was compiled before could break: when
 * a function, an event or an error is removed or means something else, or a structure gets
 * other fields. It does not rise for new functions, events and flags, so a client must
 * initialise a &struct pmem_altmap_spec with designated initialisers or zeroes, and must
 * ignore events that it does not know. A client says what it was written for::
 *
 *	PMEM_ALTMAP_API_REQUIRE(2);
 *
 * Such a client neither compiles against another version nor loads beside one, where a symbol
 * is missing.
 *
 * Version 2 has changed three things: only the module that has added a range may remove it; a
 * module that has got a range must look up each page that it takes, see pmem_altmap_pfn(); and
 * &struct pmem_altmap_notice has fields for PMEM_ALTMAP_MEMORY_FAILURE.
 *
 * The tracepoints of the group pmem_altmap are for people and keep no promise.
 */

/* The version of this interface; see "Stability" */
#define PMEM_ALTMAP_API_VERSION		2

extern const int pmem_altmap_api_2;

/**
 * PMEM_ALTMAP_API_REQUIRE - allow no other version of this interface
 * @version: the PMEM_ALTMAP_API_VERSION that the client was written for, a number
 *
 * A client uses this once, outside of functions.
 */
#define PMEM_ALTMAP_API_REQUIRE(version)				\
	static_assert(PMEM_ALTMAP_API_VERSION == (version),		\
		      "pmem_altmap has another version of its interface");	\
	static const int * const __used pmem_altmap_api_required =	\
		&pmem_altmap_api_##version

/* Flags of a spec: all others are refused */
/* The place of the memmap is not read for media errors first */
#define PMEM_ALTMAP_NO_SCAN	BIT(0)
/* Each page is a page of its own, even where align is larger */
#define PMEM_ALTMAP_NO_COMPOUND	BIT(1)

/*
 * A range of device memory with its memmap on the device. Pointers to it are valid as
 * pmem_altmap_add() and pmem_altmap_get() say.
 */
struct pmem_altmap;

/**
 * struct pmem_altmap_spec - what is to be added
 * @dev: the device whose memory it is, held while the range is there. A device has one range.
 *	Its name must differ from the names of all other devices that have a range, must not be
 *	empty, "." or "..", and must have no slash and no control character
 * @start: physical address, a multiple of 2 MiB (memremap_compat_align())
 * @size: bytes, a multiple of 2 MiB, memmap included
 * @reserve: pages of 4 KiB at @start that keep their content. Their struct pages must not be
 *	used, since the kernel leaves them uninitialised
 * @free: pages behind @reserve for the memmap and for alignment, the free pages of the kernel's
 *	altmap; 0 for as many as are needed. The data begins behind them
 * @align: bytes: 4 KiB, 2 MiB or 1 GiB, as far as the CPU can map them. Start and size of the data
 *	are multiples of it, and since v5.17 the data consists of compound pages of that size.
 *	0 stands for 2 MiB, or for 4 KiB where the kernel has no huge faults
 * @nid: an online NUMA node, or NUMA_NO_NODE for that of @dev
 * @flags: PMEM_ALTMAP_NO_SCAN, PMEM_ALTMAP_NO_COMPOUND
 * @region: the memory region that the caller has requested and that holds the whole range, or
 *	NULL to have one requested, and released when the range is removed. Where the kernel has
 *	kept a part (kept in &struct pmem_altmap_notice, of which only notifiers are told), the
 *	region must stay requested until a reboot; a region that was requested here stays
 */
struct pmem_altmap_spec {
	struct device *dev;
	phys_addr_t start;
	u64 size;
	u64 reserve;
	u64 free;
	u64 align;
	int nid;
	unsigned int flags;
	const struct resource *region;
};

/**
 * struct pmem_altmap_counters - the state of a range at the time of reading
 * @base_pfn: first page frame
 * @end_pfn: last page frame
 * @reserve: pages at the head that keep their content
 * @free: pages that were set aside for the memmap
 * @align: pages of @free that are lost to alignment
 * @alloc: pages of @free that the memmap took
 * @offset: pages from @base_pfn to the data, @reserve + @free
 * @nr_free: pages of @free that are left
 * @data_start: physical address of the data
 * @data_size: bytes of data
 * @dram_memmap: bytes of memmap that came from DRAM, those of partial sections
 * @attach_ns: nanoseconds that memremap_pages() took
 * @users: references by pmem_altmap_get()
 */
struct pmem_altmap_counters {
	u64 base_pfn;
	u64 end_pfn;
	u64 reserve;
	u64 free;
	u64 align;
	u64 alloc;
	u64 offset;
	u64 nr_free;
	u64 data_start;
	u64 data_size;
	u64 dram_memmap;
	u64 attach_ns;
	u64 users;
};

/**
 * enum pmem_altmap_event - what a notifier is told
 * @PMEM_ALTMAP_ADDING: everything was checked, nothing was written. A notifier may refuse with
 *	notifier_from_errno()
 * @PMEM_ALTMAP_ADDED: the range can be used
 * @PMEM_ALTMAP_ADD_FAILED: the range was not added after all. This ends ADDING, also for
 *	notifiers that were not asked because another one had refused
 * @PMEM_ALTMAP_REMOVING: the range is about to go. A module that uses the range lets go of it
 *	before its callback returns. If can_refuse says so, a notifier may refuse with
 *	notifier_from_errno()
 * @PMEM_ALTMAP_REMOVE_FAILED: the range stays after all. This ends REMOVING, also for notifiers
 *	that were not asked
 * @PMEM_ALTMAP_REMOVED: the range is gone
 * @PMEM_ALTMAP_MEMORY_FAILURE: pages of the data have failed (since v6.0). The pages of a
 *	range that a module has added are marked (PageHWPoison()); that module must take its
 *	user mappings away, unless it has set the mapping of the pages. With pages of a
 *	namespace the kernel does afterwards what it does with those of device-dax. The callback
 *	runs with a lock of memory_failure() held. It must not read the pages, and must not wait for
 *	a removal or for the unbinding of a driver
 */
enum pmem_altmap_event {
	PMEM_ALTMAP_ADDING,
	PMEM_ALTMAP_ADDED,
	PMEM_ALTMAP_ADD_FAILED,
	PMEM_ALTMAP_REMOVING,
	PMEM_ALTMAP_REMOVE_FAILED,
	PMEM_ALTMAP_REMOVED,
	PMEM_ALTMAP_MEMORY_FAILURE,
};

/**
 * struct pmem_altmap_notice - what the data of a notifier points to
 * @altmap: the range. Its pages may be looked up and used from ADDED on, until the callback for
 *	REMOVING has returned; pmem_altmap_get() keeps the range for longer
 * @dev: the device whose range it is
 * @start: physical address
 * @size: bytes
 * @error: of ADD_FAILED and REMOVE_FAILED, a negative errno; else 0
 * @leaked: of REMOVED and ADD_FAILED, altmap pages that the kernel has kept
 * @kept: of REMOVED and ADD_FAILED, whether the kernel has kept a part of the range, even if
 *	@leaked is 0. Then the range must not be used before a reboot, and its region must stay
 *	requested
 * @can_refuse: of REMOVING: true if pmem_altmap_remove() asks, false if a driver is unbound
 * @pfn: of MEMORY_FAILURE, the first page frame that has failed; else 0
 * @nr_pages: of MEMORY_FAILURE, how many pages have failed; else 0
 */
struct pmem_altmap_notice {
	struct pmem_altmap *altmap;
	struct device *dev;
	u64 start;
	u64 size;
	int error;
	unsigned long leaked;
	bool kept;
	bool can_refuse;
	u64 pfn;
	u64 nr_pages;
};

/**
 * pmem_altmap_add - add a range with its memmap on it
 * @spec: the range; read before this returns
 *
 * This checks everything that add_pages(), check_pfn_span() and vmemmap_populate() of the kernel
 * would fail at, or warn about, then adds the range with memremap_pages() as
 * MEMORY_DEVICE_GENERIC memory. Nothing but the memmap is written to it. An idle page has
 * one reference on all present kernels. Take more with get_page() or by pinning, and drop them
 * before the range is removed.
 *
 * Context: process, may sleep; takes the memory hotplug lock. Not from a notifier. Takes
 * seconds per TiB.
 * Return: the range, which stays until pmem_altmap_remove() has returned 0, or an ERR_PTR:
 *
 * * -EINVAL: no device, a device's name that cannot be used, flags that are not known, a node
 *   that is not online, a range that is not aligned to 2 MiB, data that is not aligned to
 *   align, or a region that does not hold the range
 * * -ERANGE: empty, beyond what can be hot-added, or reserve and free exceed it
 * * -ENOSPC: free is too small for the memmap, or the range for both
 * * -EOPNOTSUPP: an align that the CPU or the kernel cannot map, a CPU without 2 MiB pages, a
 *   struct page of a size with which the memmap would share blocks with its neighbours', or
 *   a kernel whose idle pages have neither no reference nor one
 * * -EBUSY: overlaps System RAM, another range, device memory, another driver's memory
 *   region, or what the kernel has kept of a range; or the machine is about to hibernate
 * * -EEXIST: the device, or one of its name, has a range
 * * -EIO: media errors where the memmap would be
 * * -EPERM: this is a kdump kernel
 * * -EDEADLK: called from a notifier
 * * -EINTR, -ENOMEM, what a notifier refused with, or an errno of memremap_pages()
 */
#define pmem_altmap_add(spec) __pmem_altmap_add(spec, THIS_MODULE)
struct pmem_altmap *__pmem_altmap_add(const struct pmem_altmap_spec *spec,
				      struct module *owner);
struct pmem_altmap *devm_pmem_altmap_add(const struct pmem_altmap_spec *spec);

/**
 * pmem_altmap_remove - remove a range, unless it is in use
 * @altmap: from pmem_altmap_add() of the same module
 *
 * This asks the notifiers first, then looks for references of other modules and for pages that
 * are held. When it fails, the range is as it was.
 *
 * Context: process, may sleep; takes the memory hotplug lock. Not from a notifier. Takes
 * milliseconds per GiB of 4 KiB pages.
 * Return: 0, or
 *
 * * -EBUSY: pages are held, other modules hold the range, or it is being added or removed
 * * -ENODEV: there is no such range, or not any more
 * * -EPERM: another module has added the range, or it belongs to a driver, which has to be unbound
 * * -EDEADLK: called from a notifier
 * * what a notifier refused with
 */
#define pmem_altmap_remove(altmap) __pmem_altmap_remove(altmap, THIS_MODULE)
int __pmem_altmap_remove(struct pmem_altmap *altmap, struct module *owner);

struct pmem_altmap *pmem_altmap_get(struct device *dev);
void pmem_altmap_put(struct pmem_altmap *altmap);

int pmem_altmap_read(struct pmem_altmap *altmap,
		     struct pmem_altmap_counters *counters);
int pmem_altmap_pfn(struct pmem_altmap *altmap, u64 offset, unsigned long *pfn);
struct page *pmem_altmap_page(struct pmem_altmap *altmap, u64 offset);
void *pmem_altmap_address(struct pmem_altmap *altmap, u64 offset);

int pmem_altmap_register_notifier(struct notifier_block *nb);
int pmem_altmap_unregister_notifier(struct notifier_block *nb);

#endif /* _LINUX_PMEM_ALTMAP_H */
