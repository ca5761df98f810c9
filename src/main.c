// SPDX-License-Identifier: GPL-2.0-only
/*
 * pmem_altmap - device memory with its memmap on the device, and counters that show it
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include "compat/report.h"
#include "core/kept.h"
#include "core/watch.h"
#include "nd/driver.h"
#include "node/node.h"
#include "show/debugfs.h"
#include "show/others.h"

static int __init pmem_altmap_init(void)
{
	int rc;

	rc = pma_watch_init();
	if (rc)
		return rc;
	rc = pma_node_init();
	if (rc)
		goto watch;
	pma_debugfs_init();
	rc = pma_nd_register();
	if (rc)
		goto debugfs;
	pma_debugfs_show_census();
	pma_others_init();
	pma_report_lacks();
	return 0;

debugfs:
	pma_debugfs_exit();
	pma_node_exit();
watch:
	pma_watch_exit();
	return rc;
}
module_init(pmem_altmap_init);

static void __exit pmem_altmap_exit(void)
{
	pma_others_exit();
	pma_nd_unregister();
	pma_watch_remove_forgotten();
	pma_debugfs_exit();
	pma_node_exit();
	pma_watch_exit();
	pma_kept_exit();
}
module_exit(pmem_altmap_exit);

MODULE_DESCRIPTION("Persistent memory with its memmap on the device, counters in debugfs");
MODULE_AUTHOR("The pmem_altmap developers");
MODULE_VERSION("0.1.0");
MODULE_LICENSE("GPL");
