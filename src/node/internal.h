/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device node of a provider, as the files of this folder share it. Other folders
 * include node/node.h.
 */
#ifndef PMA_NODE_INTERNAL_H
#define PMA_NODE_INTERNAL_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/mutex.h>

#include "core/provider.h"
#include "node/gate.h"

/**
 * struct pma_node - the device node of a provider
 * @dev: in class "dax", where fio and libpmem2 look for what they need to know
 * @cdev: the character device
 * @list_lock: held while the node is made and taken away
 * @listed: the node is there, under @list_lock
 * @name: of the namespace, whose device may go before the last open file does
 * @gate: open while the data may be reached through the node
 * @provider: held; its map is there only while the gate is open
 * @data_pfn: first page of the data
 * @nr_pages: pages of data
 * @align: bytes; mappings and faults come in these units, as on device-dax
 * @synchronous: what has left the CPU's caches is safe: no host has a page cache of it
 * @volatile_cache: a power cut takes the CPU's caches away
 *
 * An open file keeps this structure and the module, but not the map.
 */
struct pma_node {
	struct device dev;
	struct cdev cdev;
	struct mutex list_lock;	/* of @listed, and of the calls that change it */
	bool listed;
	char name[PMA_NAME_SIZE];
	struct pma_gate gate;
	struct pmem_altmap *provider;
	u64 data_pfn;
	u64 nr_pages;
	u64 align;
	bool synchronous;
	bool volatile_cache;
};

/* fault.c */
int pma_node_mmap(struct file *file, struct vm_area_struct *vma);
unsigned long pma_node_get_unmapped_area(struct file *file, unsigned long addr,
					 unsigned long len, unsigned long pgoff,
					 unsigned long flags);

/* flush.c */
int pma_node_fsync(struct file *file, loff_t start, loff_t end, int datasync);

#endif /* PMA_NODE_INTERNAL_H */
