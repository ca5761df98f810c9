/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fsync() and msync() of a character device, and waiting for their end.
 */
#ifndef PMA_CHARDEV_FLUSH_H
#define PMA_CHARDEV_FLUSH_H

#include <linux/fs.h>

struct pma_chardev;

int pma_chardev_fsync(struct file *file, loff_t start, loff_t end,
		      int datasync);
bool pma_chardev_flushes_ended(struct pma_chardev *chardev,
			       unsigned long timeout);
void pma_chardev_end_flushes(struct pma_chardev *chardev);

#endif /* PMA_CHARDEV_FLUSH_H */
