/* { "version": "v6.10-rc1", "comment": "mmap_supported_flags became fop_flags" } */
#include <linux/fs.h>

const struct file_operations pma_probe = {
	.fop_flags = FOP_MMAP_SYNC,
};
