// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cdev.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/libnvdimm.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/mutex.h>
#include <linux/nd.h>
#include <linux/pagemap.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <linux/string.h>

#include "chardev.h"
#include "chardev_flush.h"
#include "chardev_mmap.h"
#include "compat/compat.h"
#include "compat/daxclass.h"
#include "compat/fault.h"
#include "pins.h"
#include "registry.h"
#include "tlb.h"
#include "trace.h"

#define PMA_FS_MAGIC	0x504d414c	/* "PMAL" */

static struct class *dax_class;
static dev_t first_devt;
static DEFINE_IDA(minor_ida);
/* Only there for the inodes that hold the address spaces */
static struct vfsmount *inode_mnt;
/* Held by whoever relies on a chardev being alive */
DEFINE_STATIC_SRCU(alive_srcu);

static struct pma_chardev *to_chardev(struct device *dev)
{
	return container_of(dev, struct pma_chardev, dev);
}

/**
 * pma_chardev_enter - hold up quiescing and detaching
 *
 * A device that pma_chardev_alive() says is alive stays so until
 * pma_chardev_leave().
 *
 * Context: process; may sleep until pma_chardev_leave().
 * Return: what pma_chardev_leave() wants.
 */
int pma_chardev_enter(void)
	__acquires(&alive_srcu)
{
	return srcu_read_lock(&alive_srcu);
}

/**
 * pma_chardev_leave - the end of pma_chardev_enter()
 * @index: what that returned
 *
 * Context: process.
 */
void pma_chardev_leave(int index)
	__releases(&alive_srcu)
{
	srcu_read_unlock(&alive_srcu, index);
}

/**
 * pma_chardev_alive - is it attached, and not quiesced?
 * @chardev: of an open file
 *
 * Context: after pma_chardev_enter(), if more than a hint is wanted.
 * Return: whether it is.
 */
bool pma_chardev_alive(const struct pma_chardev *chardev)
{
	return READ_ONCE(chardev->alive);
}

static int chardev_open(struct inode *inode, struct file *file)
{
	struct pma_chardev *chardev =
		container_of(inode->i_cdev, struct pma_chardev, cdev);

	if (!pma_chardev_alive(chardev))
		return -ENXIO;

	/*
	 * One address space, so that revoking reaches every mapping. The opened
	 * inode is left alone: it can outlive the address space.
	 */
	file->f_mapping = chardev->provider->inode->i_mapping;
	file->f_wb_err = filemap_sample_wb_err(file->f_mapping);
	file->private_data = chardev;
	return 0;
}

static const struct file_operations chardev_fops = {
	.owner = THIS_MODULE,
	.open = chardev_open,
	.llseek = noop_llseek,
	.fsync = pma_chardev_fsync,
	.mmap = pma_chardev_mmap,
	.get_unmapped_area = pma_chardev_get_unmapped_area,
	PMA_FOP_MMAP_SYNC,
};

static ssize_t size_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%llu\n", to_chardev(dev)->nr_pages << PAGE_SHIFT);
}
static DEVICE_ATTR_RO(size);

static ssize_t align_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%llu\n", to_chardev(dev)->align);
}
static DEVICE_ATTR_RO(align);

static ssize_t target_node_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	u64 start = to_chardev(dev)->data_pfn << PAGE_SHIFT;

	return sysfs_emit(buf, "%d\n", phys_to_target_node(start));
}
static DEVICE_ATTR_RO(target_node);

static ssize_t resource_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "%#llx\n",
			  to_chardev(dev)->data_pfn << PAGE_SHIFT);
}
static DEVICE_ATTR_ADMIN_RO(resource);

static struct attribute *chardev_attrs[] = {
	&dev_attr_size.attr,
	&dev_attr_align.attr,
	&dev_attr_target_node.attr,
	&dev_attr_resource.attr,
	NULL
};
ATTRIBUTE_GROUPS(chardev);

/* The name is DEVTYPE in events: udev tells our nodes from device-dax's by it */
static const struct device_type chardev_type = {
	.name = KBUILD_MODNAME,
};

static void chardev_release(struct device *dev)
{
	struct pma_chardev *chardev = to_chardev(dev);

	ida_free(&minor_ida, MINOR(dev->devt));
	pma_provider_put(chardev->provider);
	kfree(chardev);
}

/* Once: on detaching, or before that when its parent goes away */
static void remove_node(struct pma_chardev *chardev)
{
	mutex_lock(&chardev->node_lock);
	if (chardev->listed)
		cdev_device_del(&chardev->cdev, &chardev->dev);
	chardev->listed = false;
	mutex_unlock(&chardev->node_lock);
}

static int orphan(struct device *dev, void *parent)
{
	struct pma_chardev *chardev = to_chardev(dev);

	/* The namespace itself is not held: only its address and its name are used */
	if (dev->release != chardev_release || chardev->provider->dev == parent)
		return 0;
	pr_info("%s: %s goes away, and /dev/%s with it: attached until it is unbound\n",
		chardev->name, dev_name(parent), dev_name(dev));
	remove_node(chardev);
	return 0;
}

/**
 * pma_chardev_orphan - a device goes away that may have a device node below it
 * @parent: any device of the nd bus, still there
 *
 * A holder can go before the namespace is unbound; 'ndctl disable-namespace' does it
 * in this order. The data stays mapped until that comes.
 *
 * Context: process, may sleep.
 */
void pma_chardev_orphan(struct device *parent)
{
	device_for_each_child(parent, parent, orphan);
}

/* Nobody maps a page any more, and nobody will */
static void revoke(struct pma_chardev *chardev)
{
	struct pmem_altmap *provider = chardev->provider;

	WRITE_ONCE(chardev->alive, false);
	/* The faults that found it alive have ended then */
	synchronize_srcu(&alive_srcu);
	if (trace_pmem_altmap_revoke_enabled())
		trace_pmem_altmap_revoke(provider->dev,
					 pma_provider_mappings(provider));
	unmap_mapping_range(provider->inode->i_mapping, 0, 0, 1);
	/* It may have found less than there was, and a munmap() may be about to flush */
	pma_tlb_flush_all();
}

static void chardev_remove(void *data)
{
	struct pma_chardev *chardev = data;

	remove_node(chardev);
	revoke(chardev);
	pma_chardev_end_flushes(chardev);
	put_device(&chardev->dev);
}

/**
 * pma_chardev_publish - make the device node of a provider
 * @provider: attached; its device's unbinding revokes all mappings and takes the
 *	node away
 * @holder: NULL, or locked: where the node goes, with the name that device-dax
 *	would give it
 *
 * Context: process, may sleep, device lock held.
 * Return: the device or an ERR_PTR.
 */
struct pma_chardev *pma_chardev_publish(struct pmem_altmap *provider,
					struct device *holder)
{
	const char *name = dev_name(provider->dev);
	const struct pma_layout *layout = &provider->map->layout;
	struct nd_region *region = to_nd_region(provider->dev->parent);
	struct pma_chardev *chardev;
	struct inode *inode;
	int minor, rc, rc_link;

	chardev = kzalloc(sizeof(*chardev), GFP_KERNEL);
	if (!chardev)
		return ERR_PTR(-ENOMEM);

	minor = ida_alloc_max(&minor_ida, MINORMASK, GFP_KERNEL);
	if (minor < 0) {
		kfree(chardev);
		return ERR_PTR(minor);
	}

	mutex_init(&chardev->node_lock);
	init_waitqueue_head(&chardev->flushed);
	strscpy(chardev->name, name, sizeof(chardev->name));
	device_initialize(&chardev->dev);
	chardev->dev.class = dax_class;
	chardev->dev.type = &chardev_type;
	chardev->dev.parent = holder ?: provider->dev;
	chardev->dev.devt = MKDEV(MAJOR(first_devt), minor);
	chardev->dev.groups = chardev_groups;
	chardev->dev.release = chardev_release;
	chardev->provider = pma_provider_get(provider);
	chardev->data_pfn = PHYS_PFN(layout->data_start);
	chardev->nr_pages = layout->data_size >> PAGE_SHIFT;
	chardev->align = layout->align;
	chardev->synchronous = is_nvdimm_sync(region);
	/* An asynchronous one's flush reaches what is behind caches that a host has */
	chardev->volatile_cache = chardev->synchronous && nvdimm_has_cache(region) > 0;

	/* dax0.1 of namespace0.1 */
	rc = dev_set_name(&chardev->dev, "%s%s", holder ? "dax" : "",
			  name + (holder ? strlen("namespace") : 0));
	if (rc)
		goto put;
	inode = alloc_anon_inode(inode_mnt->mnt_sb);
	if (IS_ERR(inode)) {
		rc = PTR_ERR(inode);
		goto put;
	}
	/* As device-dax's: what memory_failure() and gup tell it by */
	inode->i_mode = S_IFCHR | 0600;
	inode->i_flags |= S_DAX;
	/* See pma_provider_mappings(), which may be there already */
	smp_store_release(&provider->inode, inode);
	chardev->alive = true;

	cdev_init(&chardev->cdev, &chardev_fops);
	chardev->cdev.owner = THIS_MODULE;
	/* Who orphans it meanwhile takes away what is listed */
	mutex_lock(&chardev->node_lock);
	rc = cdev_device_add(&chardev->cdev, &chardev->dev);
	chardev->listed = !rc;
	rc_link = rc ?: pma_dax_class_link(&chardev->dev);
	mutex_unlock(&chardev->node_lock);
	if (rc) {
		/* Somebody can have opened it in between, see cdev_device_add() */
		revoke(chardev);
		pma_chardev_end_flushes(chardev);
		goto put;
	}
	rc = devm_add_action_or_reset(provider->dev, chardev_remove, chardev) ?: rc_link;
	return rc ? ERR_PTR(rc) : chardev;

put:
	put_device(&chardev->dev);
	return ERR_PTR(rc);
}

/**
 * pma_chardev_quiesce - revoke all mappings, unless a page stays pinned
 * @chardev: a live one
 * @why: filled in on refusal
 *
 * New opens, mappings and faults fail from the start, and stay so on success.
 * Pages that are pinned for no longer than direct I/O takes are waited for.
 *
 * Context: process, may sleep, device lock held. Takes two seconds and 20 looks at all
 * pages at the most.
 * Return: 0, -EBUSY where pages stay pinned, a flush does not end, or other modules have
 * the range, -EINTR; on failure everything is as before, but that a fault in between got
 * SIGBUS, and a flush -ENXIO.
 */
int pma_chardev_quiesce(struct pma_chardev *chardev, struct pma_refusal *why)
{
	struct pmem_altmap *provider = chardev->provider;
	unsigned int users;
	bool flushed;
	u64 pinned;
	int i, rc;

	if (provider->state == PMA_QUIESCED)
		return 0;

	/* From here on no module can take a reference, and leave with a page */
	users = pma_registry_quiesce(provider);
	if (users)
		return pma_refuse(why, -EBUSY,
				  "other modules hold %u references to it: unload them, or end what they do, and try again",
				  users);
	revoke(chardev);
	flushed = pma_chardev_flushes_ended(chardev, HZ);
	for (i = 0; i < 20; i++) {
		rc = pma_map_held(provider->map, true, &pinned);
		if (rc || !pinned)
			break;
		msleep(50);
	}
	if (flushed && !rc && !pinned)
		return 0;

	pma_chardev_resume(chardev);
	if (rc)
		return pma_refuse(why, rc, "interrupted");
	if (!flushed)
		return pma_refuse(why, -EBUSY,
				  "%d flushes of its region have not ended within a second: see what its bus or host does, and try again",
				  atomic_read(&chardev->flushers));
	return pma_refuse(why, -EBUSY,
			  "%llu data pages are still pinned: end what holds them, such as io_uring or RDMA buffers, and try again",
			  pinned);
}

/**
 * pma_chardev_resume - let the data be opened and mapped again
 * @chardev: a live one, quiesced or not
 *
 * Context: process, device lock held.
 */
void pma_chardev_resume(struct pma_chardev *chardev)
{
	WRITE_ONCE(chardev->alive, true);
	WRITE_ONCE(chardev->provider->state, PMA_ATTACHED);
}

static int init_fs_context(struct fs_context *fc)
{
	return init_pseudo(fc, PMA_FS_MAGIC) ? 0 : -ENOMEM;
}

/* No owner: the module's own mount would keep it from being unloaded */
static struct file_system_type inode_fs = {
	.name = KBUILD_MODNAME,
	.init_fs_context = init_fs_context,
	.kill_sb = kill_anon_super,
};

/**
 * pma_chardev_init - the class, the device numbers, and a home for the inodes
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int pma_chardev_init(void)
{
	int rc;

	inode_mnt = kern_mount(&inode_fs);
	if (IS_ERR(inode_mnt))
		return PTR_ERR(inode_mnt);
	rc = alloc_chrdev_region(&first_devt, 0, MINORMASK + 1, KBUILD_MODNAME);
	if (rc)
		goto unmount;
	dax_class = pma_dax_class_create();
	if (IS_ERR(dax_class)) {
		rc = PTR_ERR(dax_class);
		goto unregister;
	}
	return 0;

unregister:
	unregister_chrdev_region(first_devt, MINORMASK + 1);
unmount:
	kern_unmount(inode_mnt);
	return rc;
}

/**
 * pma_chardev_exit - undo pma_chardev_init()
 *
 * Context: process, may sleep; no device is left.
 */
void pma_chardev_exit(void)
{
	pma_dax_class_destroy(dax_class);
	unregister_chrdev_region(first_devt, MINORMASK + 1);
	ida_destroy(&minor_ida);
	kern_unmount(inode_mnt);
}
