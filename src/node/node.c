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
#include <linux/string.h>

#include "compat/compat.h"
#include "compat/daxclass.h"
#include "compat/fault.h"
#include "core/registry.h"
#include "map/pins.h"
#include "node/gate.h"
#include "node/internal.h"
#include "node/node.h"

#define PMA_FS_MAGIC	0x504d414c	/* "PMAL" */

static struct class *dax_class;
static dev_t first_devt;
static DEFINE_IDA(minor_ida);
/* This mount exists only for the inodes that hold the address spaces. */
static struct vfsmount *inode_mnt;

static struct pma_node *to_pma_node(struct device *dev)
{
	return container_of(dev, struct pma_node, dev);
}

static int node_open(struct inode *inode, struct file *file)
{
	struct pma_node *node =
		container_of(inode->i_cdev, struct pma_node, cdev);

	if (!pma_gate_is_open(&node->gate))
		return -ENXIO;

	/*
	 * All files share one address space, so that revoking reaches every mapping.
	 * The opened inode is left alone, since it can outlive the address space.
	 */
	file->f_mapping = node->provider->inode->i_mapping;
	file->f_wb_err = filemap_sample_wb_err(file->f_mapping);
	file->private_data = node;
	return 0;
}

static const struct file_operations node_fops = {
	.owner = THIS_MODULE,
	.open = node_open,
	.llseek = noop_llseek,
	.fsync = pma_node_fsync,
	.mmap = pma_node_mmap,
	.get_unmapped_area = pma_node_get_unmapped_area,
	PMA_FOP_MMAP_SYNC,
};

static ssize_t size_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%llu\n", to_pma_node(dev)->nr_pages << PAGE_SHIFT);
}
static DEVICE_ATTR_RO(size);

static ssize_t align_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%llu\n", to_pma_node(dev)->align);
}
static DEVICE_ATTR_RO(align);

static ssize_t target_node_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	u64 start = to_pma_node(dev)->data_pfn << PAGE_SHIFT;

	return sysfs_emit(buf, "%d\n", phys_to_target_node(start));
}
static DEVICE_ATTR_RO(target_node);

static ssize_t resource_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "%#llx\n",
			  to_pma_node(dev)->data_pfn << PAGE_SHIFT);
}
static DEVICE_ATTR_ADMIN_RO(resource);

static struct attribute *node_attrs[] = {
	&dev_attr_size.attr,
	&dev_attr_align.attr,
	&dev_attr_target_node.attr,
	&dev_attr_resource.attr,
	NULL
};
ATTRIBUTE_GROUPS(node);

/* udev sees this name as DEVTYPE, and tells our nodes from those of device-dax by it. */
static const struct device_type node_type = {
	.name = KBUILD_MODNAME,
};

static void node_release(struct device *dev)
{
	struct pma_node *node = to_pma_node(dev);

	ida_free(&minor_ida, MINOR(dev->devt));
	pma_provider_put(node->provider);
	kfree(node);
}

/* The node goes once: on detaching, or before that when its parent goes away. */
static void unlist(struct pma_node *node)
{
	mutex_lock(&node->list_lock);
	if (node->listed)
		cdev_device_del(&node->cdev, &node->dev);
	node->listed = false;
	mutex_unlock(&node->list_lock);
}

static int orphan(struct device *dev, void *parent)
{
	struct pma_node *node = to_pma_node(dev);

	/* Nothing holds @parent: only its address and its name may be used. */
	if (dev->release != node_release || node->provider->dev == parent)
		return 0;
	pr_info("%s: %s goes away, and /dev/%s with it: attached until it is unbound\n",
		node->name, dev_name(parent), dev_name(dev));
	unlist(node);
	return 0;
}

/**
 * pma_node_orphan - take the nodes away that are below a device which goes
 * @parent: any device of the nd bus, still there
 *
 * A holder can go before its namespace is unbound: 'ndctl disable-namespace' removes them
 * in this order. The data stays mapped until the namespace is unbound.
 *
 * Context: process, may sleep.
 */
void pma_node_orphan(struct device *parent)
{
	device_for_each_child(parent, parent, orphan);
}

static void node_remove(void *data)
{
	struct pma_node *node = data;

	unlist(node);
	pma_gate_shut(&node->gate, node->provider);
	pma_gate_wait_flushes(&node->gate, node->provider->dev);
	put_device(&node->dev);
}

/**
 * pma_node_publish - make the device node of a provider
 * @provider: attached; when its device is unbound, all mappings are revoked and the node
 *	goes
 * @holder: NULL, or a locked device below which the node is made, with the name that
 *	device-dax would give it
 *
 * Context: process, may sleep, device lock held.
 * Return: the node or an ERR_PTR.
 */
struct pma_node *pma_node_publish(struct pmem_altmap *provider,
				  struct device *holder)
{
	const char *name = dev_name(provider->dev);
	const struct pma_plan *plan = &provider->plan;
	struct nd_region *region = to_nd_region(provider->dev->parent);
	struct pma_node *node;
	struct inode *inode;
	int minor, rc, rc_link;

	node = kzalloc(sizeof(*node), GFP_KERNEL);
	if (!node)
		return ERR_PTR(-ENOMEM);

	minor = ida_alloc_max(&minor_ida, MINORMASK, GFP_KERNEL);
	if (minor < 0) {
		kfree(node);
		return ERR_PTR(minor);
	}

	mutex_init(&node->list_lock);
	pma_gate_init(&node->gate);
	strscpy(node->name, name, sizeof(node->name));
	device_initialize(&node->dev);
	node->dev.class = dax_class;
	node->dev.type = &node_type;
	node->dev.parent = holder ?: provider->dev;
	node->dev.devt = MKDEV(MAJOR(first_devt), minor);
	node->dev.groups = node_groups;
	node->dev.release = node_release;
	node->provider = pma_provider_get(provider);
	node->data_pfn = PHYS_PFN(plan->data_start);
	node->nr_pages = plan->data_size >> PAGE_SHIFT;
	node->align = plan->align;
	node->synchronous = is_nvdimm_sync(region);
	/* The flush of an asynchronous region reaches the caches that a host has. */
	node->volatile_cache = node->synchronous && nvdimm_has_cache(region) > 0;

	/* dax0.1 of namespace0.1 */
	rc = dev_set_name(&node->dev, "%s%s", holder ? "dax" : "",
			  name + (holder ? strlen("namespace") : 0));
	if (rc)
		goto put;
	inode = alloc_anon_inode(inode_mnt->mnt_sb);
	if (IS_ERR(inode)) {
		rc = PTR_ERR(inode);
		goto put;
	}
	/* memory_failure() and gup know device-dax by these two, and so this node. */
	inode->i_mode = S_IFCHR | 0600;
	inode->i_flags |= S_DAX;
	/* Pairs with pma_provider_mappings(), which debugfs may call already. */
	smp_store_release(&provider->inode, inode);
	pma_gate_open(&node->gate);

	cdev_init(&node->cdev, &node_fops);
	node->cdev.owner = THIS_MODULE;
	/* pma_node_orphan() can come in between: the lock lets it see the whole node or none. */
	mutex_lock(&node->list_lock);
	rc = cdev_device_add(&node->cdev, &node->dev);
	node->listed = !rc;
	rc_link = rc ?: pma_dax_class_link(&node->dev);
	mutex_unlock(&node->list_lock);
	if (rc) {
		/* Another task may have opened the node meanwhile, see cdev_device_add(). */
		pma_gate_shut(&node->gate, provider);
		pma_gate_wait_flushes(&node->gate, provider->dev);
		goto put;
	}
	rc = devm_add_action_or_reset(provider->dev, node_remove, node) ?: rc_link;
	return rc ? ERR_PTR(rc) : node;

put:
	put_device(&node->dev);
	return ERR_PTR(rc);
}

/**
 * pma_node_quiesce - revoke all mappings, unless a page stays pinned
 * @node: of an attached namespace
 * @why: filled in on refusal
 *
 * Opens, mappings and faults fail from the beginning of this call on, and go on failing
 * when it succeeds. Pages that are pinned for no longer than direct I/O takes are waited
 * for.
 *
 * Context: process, may sleep, device lock held. Takes two seconds and 20 looks at all
 * touched pages at the most.
 * Return: 0, -EBUSY where pages stay pinned, a flush does not end, or other modules hold
 * the range, or -EINTR. On failure the node is open again; a fault that came in between
 * got SIGBUS, and a flush -ENXIO.
 */
int pma_node_quiesce(struct pma_node *node, struct pma_refusal *why)
{
	struct pmem_altmap *provider = node->provider;
	unsigned int users;
	bool flushed;
	u64 pinned;
	int i, rc;

	if (provider->state == PMA_QUIESCED)
		return 0;

	/* From here on no module can take a reference, and leave with a page. */
	users = pma_registry_quiesce(provider);
	if (users)
		return pma_refuse(why, -EBUSY,
				  "other modules hold %u references to it: unload them, or end what they do, and try again",
				  users);
	pma_gate_shut(&node->gate, provider);
	flushed = pma_gate_flushes_ended(&node->gate, HZ);
	for (i = 0; i < 20; i++) {
		rc = pma_map_held(provider->map, true, &pinned);
		if (rc || !pinned)
			break;
		msleep(50);
	}
	if (flushed && !rc && !pinned)
		return 0;

	pma_node_resume(node);
	if (rc)
		return pma_refuse(why, rc, "interrupted");
	if (!flushed)
		return pma_refuse(why, -EBUSY,
				  "%d flushes of its region have not ended within a second: see what its bus or host does, and try again",
				  pma_gate_flushers(&node->gate));
	return pma_refuse(why, -EBUSY,
			  "%llu data pages are still pinned: end what holds them, such as io_uring or RDMA buffers, and try again",
			  pinned);
}

/**
 * pma_node_resume - let the data be opened and mapped again
 * @node: of an attached namespace, quiesced or not
 *
 * Context: process, device lock held.
 */
void pma_node_resume(struct pma_node *node)
{
	pma_gate_open(&node->gate);
	WRITE_ONCE(node->provider->state, PMA_ATTACHED);
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
 * pma_node_init - the class, the device numbers, and a home for the inodes
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int pma_node_init(void)
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
 * pma_node_exit - undo pma_node_init()
 *
 * Context: process, may sleep; no device is left.
 */
void pma_node_exit(void)
{
	pma_dax_class_destroy(dax_class);
	unregister_chrdev_region(first_devt, MINORMASK + 1);
	ida_destroy(&minor_ida);
	kern_unmount(inode_mnt);
}
