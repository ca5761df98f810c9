/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A character device for each provider, that maps its data as device-dax does.
 */
#ifndef PMA_CHARDEV_H
#define PMA_CHARDEV_H

#include <linux/atomic.h>
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/wait.h>

#include "core/provider.h"
#include "plan/refusal.h"

/**
 * struct pma_chardev - the device node of a provider
 * @dev: in class "dax", where fio and libpmem2 look for what they need to know
 * @cdev: the node
 * @node_lock: held while the node is made and taken away
 * @listed: the node is there, under @node_lock
 * @name: of the namespace, which may go before an open file does
 * @alive: false while quiesced and after detaching; see pma_chardev_enter()
 * @flushers: how many flush the region
 * @flushed: one of them has ended
 * @provider: held; its map is there only while @alive
 * @data_pfn: first page of the data
 * @nr_pages: pages of data
 * @align: bytes; mappings and faults come in these units, as on device-dax
 * @synchronous: what has left the CPU's caches is safe: no host has a page cache of it
 * @volatile_cache: a power cut takes the CPU's caches away
 *
 * An open file keeps this structure and the module, but not the map.
 */
struct pma_chardev {
	struct device dev;
	struct cdev cdev;
	struct mutex node_lock;	/* of @listed, and what makes it so */
	bool listed;
	char name[PMA_NAME_SIZE];
	bool alive;
	atomic_t flushers;
	wait_queue_head_t flushed;
	struct pmem_altmap *provider;
	u64 data_pfn;
	u64 nr_pages;
	u64 align;
	bool synchronous;
	bool volatile_cache;
};

int pma_chardev_init(void);
void pma_chardev_exit(void);
struct pma_chardev *pma_chardev_publish(struct pmem_altmap *provider,
					struct device *holder);
void pma_chardev_orphan(struct device *parent);
int pma_chardev_enter(void);
void pma_chardev_leave(int index);
bool pma_chardev_alive(const struct pma_chardev *chardev);
int pma_chardev_quiesce(struct pma_chardev *chardev, struct pma_refusal *why);
void pma_chardev_resume(struct pma_chardev *chardev);

#endif /* PMA_CHARDEV_H */
