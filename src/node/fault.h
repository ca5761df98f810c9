/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mappings and faults of a character device.
 */
#ifndef PMA_CHARDEV_MMAP_H
#define PMA_CHARDEV_MMAP_H

#include <linux/fs.h>
#include <linux/mm_types.h>

int pma_chardev_mmap(struct file *file, struct vm_area_struct *vma);
unsigned long pma_chardev_get_unmapped_area(struct file *file,
					    unsigned long addr,
					    unsigned long len,
					    unsigned long pgoff,
					    unsigned long flags);

#endif /* PMA_CHARDEV_MMAP_H */
