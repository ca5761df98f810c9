// SPDX-License-Identifier: GPL-2.0-only
/*
 * A client of pmem_altmap: adds a range that the kernel was told to leave alone, watches
 * what comes and goes, and does direct I/O between its pages and a disk.
 *
 *	memmap=1G$5G on the kernel's command line (in GRUB's files: memmap=1G\\\$5G)
 *	modprobe pmem_altmap_client start=0x140000000 size=0x40000000 disk=/dev/nvme0n1
 *
 * The first 2 MiB of the disk are written and read back.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bvec.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/numa.h>
#include <linux/platform_device.h>
#include <linux/pmem_altmap.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/uio.h>

PMEM_ALTMAP_API_REQUIRE(2);

static unsigned long long start;
module_param(start, ullong, 0444);
MODULE_PARM_DESC(start, "physical address of the range");

static unsigned long long size;
module_param(size, ullong, 0444);
MODULE_PARM_DESC(size, "bytes of the range");

static char *disk;
module_param(disk, charp, 0444);
MODULE_PARM_DESC(disk, "a disk whose first 2 MiB are written and read back (default: none)");

static bool fail_probe;
module_param(fail_probe, bool, 0444);
MODULE_PARM_DESC(fail_probe, "fail after all was added: nothing is left behind (default: N)");

static struct platform_device *client;

static const char * const events[] = {
	[PMEM_ALTMAP_ADDING] = "is being added",
	[PMEM_ALTMAP_ADDED] = "was added",
	[PMEM_ALTMAP_ADD_FAILED] = "was not added",
	[PMEM_ALTMAP_REMOVING] = "is being removed",
	[PMEM_ALTMAP_REMOVE_FAILED] = "was not removed",
	[PMEM_ALTMAP_REMOVED] = "was removed",
	[PMEM_ALTMAP_MEMORY_FAILURE] = "has memory that failed",
};

static int watch(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct pmem_altmap_notice *notice = data;

	/* There may be more of them some day */
	if (event >= ARRAY_SIZE(events))
		return NOTIFY_DONE;
	pr_info("%s: [mem %#llx-%#llx] %s\n", dev_name(notice->dev),
		notice->start, notice->start + notice->size - 1, events[event]);
	return NOTIFY_OK;
}

static struct notifier_block watcher = {
	.notifier_call = watch,
};

/* One unit of the data, 2 MiB: a compound page, so one bio_vec has it all */
static ssize_t transfer(struct file *file, struct page *page, bool write)
{
	const struct bio_vec bvec = { .bv_page = page, .bv_len = SZ_2M };
	struct iov_iter iter;
	loff_t pos = 0;

	iov_iter_bvec(&iter, write ? WRITE : READ, &bvec, 1, SZ_2M);
	return write ? vfs_iter_write(file, &iter, &pos, 0) :
		       vfs_iter_read(file, &iter, &pos, 0);
}

static int use_pages(struct pmem_altmap *altmap, const char *path)
{
	void *out = pmem_altmap_address(altmap, 0);
	void *in = pmem_altmap_address(altmap, SZ_2M);
	struct file *file;
	ssize_t done;

	if (IS_ERR(out) || IS_ERR(in))
		return -ERANGE;
	file = filp_open(path, O_RDWR | O_DIRECT, 0);
	if (IS_ERR(file))
		return PTR_ERR(file);

	memset(out, 0x5a, SZ_2M);
	memset(in, 0, SZ_2M);
	done = transfer(file, pmem_altmap_page(altmap, 0), true);
	if (done == SZ_2M)
		done = transfer(file, pmem_altmap_page(altmap, SZ_2M), false);
	filp_close(file, NULL);
	if (done != SZ_2M)
		return done < 0 ? done : -EIO;
	if (memcmp(out, in, SZ_2M))
		return -EILSEQ;
	pr_info("%d bytes went to %s and came back by direct I/O\n", SZ_2M, path);
	return 0;
}

static int client_probe(struct platform_device *pdev)
{
	const struct pmem_altmap_spec spec = {
		.dev = &pdev->dev,
		.start = start,
		.size = size,
		.nid = NUMA_NO_NODE,
	};
	struct pmem_altmap_counters counters;
	struct pmem_altmap *altmap;
	int rc;

	/* Removed by the driver core, whatever comes after this */
	altmap = devm_pmem_altmap_add(&spec);
	if (IS_ERR(altmap))
		return PTR_ERR(altmap);
	rc = pmem_altmap_read(altmap, &counters);
	if (rc)
		return rc;
	dev_info(&pdev->dev, "%llu bytes of data at %#llx, memmap: %llu pages on it, %llu bytes in DRAM\n",
		 counters.data_size, counters.data_start, counters.alloc,
		 counters.dram_memmap);
	if (disk) {
		rc = use_pages(altmap, disk);
		if (rc) {
			dev_err(&pdev->dev, "I/O with %s failed (error %d)\n",
				disk, rc);
			return rc;
		}
	}
	return fail_probe ? -ENXIO : 0;
}

static struct platform_driver client_driver = {
	.probe = client_probe,
	.driver = {
		.name = KBUILD_MODNAME,
	},
};

static int __init client_init(void)
{
	int rc;

	rc = pmem_altmap_register_notifier(&watcher);
	if (rc)
		return rc;
	/* Fails when the probe does, and takes device and driver away again */
	client = platform_create_bundle(&client_driver, client_probe, NULL, 0,
					NULL, 0);
	if (!IS_ERR(client))
		return 0;
	pmem_altmap_unregister_notifier(&watcher);
	return PTR_ERR(client);
}
module_init(client_init);

static void __exit client_exit(void)
{
	platform_device_unregister(client);
	platform_driver_unregister(&client_driver);
	pmem_altmap_unregister_notifier(&watcher);
}
module_exit(client_exit);

MODULE_DESCRIPTION("Sample client of pmem_altmap");
MODULE_AUTHOR("The pmem_altmap developers");
MODULE_LICENSE("GPL");
