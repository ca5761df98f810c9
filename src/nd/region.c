// SPDX-License-Identifier: GPL-2.0-only
#include <linux/device.h>
#include <linux/gfp.h>
#include <linux/kobject.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "nd/region.h"

static struct attribute *find_attribute(const struct attribute_group **groups,
					const char *name)
{
	struct attribute **attr;

	for (; groups && *groups; groups++)
		for (attr = (*groups)->attrs; attr && *attr; attr++)
			if (!strcmp((*attr)->name, name))
				return *attr;
	return NULL;
}

/* struct nd_region is libnvdimm's own, what its files show is everybody's */
static int read_flag(struct device *dev, const char *name, bool *set)
{
	struct attribute *attr = find_attribute(dev->type->groups, name);
	char *page;
	int rc;

	if (!attr)
		return -ENOENT;
	page = (char *)get_zeroed_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	rc = get_ktype(&dev->kobj)->sysfs_ops->show(&dev->kobj, attr, page);
	if (rc > 0)
		rc = kstrtobool(page, set);
	free_page((unsigned long)page);
	return rc;
}

/**
 * pma_region_check - may the region be written to?
 * @region: the device of libnvdimm
 * @why: filled in on refusal
 *
 * nd_pfn_init() writes no info block to one that is read-only. Nobody asks before the memmap
 * is put there: with a DIMM that is not armed all stores are lost with the power.
 *
 * Context: process, may sleep.
 * Return: 0, -EROFS, or another negative errno if it cannot be told.
 */
int pma_region_check(struct device *region, struct pma_refusal *why)
{
	bool read_only = false;
	int rc;

	rc = read_flag(region, "read_only", &read_only);
	if (rc < 0)
		return pma_refuse(why, rc, "%s does not say whether it is read-only",
				  dev_name(region));
	if (read_only)
		return pma_refuse(why, -EROFS,
				  "%s is read-only, its stores may not outlast the power: see 'ndctl list -DRH', and write 0 to its read_only in sysfs only if that is known to be wrong",
				  dev_name(region));
	return 0;
}
