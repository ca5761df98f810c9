// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loses some memory when it is loaded, for kmemleak to find: where it does not, that it
 * finds nothing else proves nothing.
 */
#include <linux/module.h>
#include <linux/slab.h>

static noinline void pma_leak_one(void)
{
	u8 *lost = kmalloc(96, GFP_KERNEL);

	/* After the call, for this function to be in its trace */
	if (lost)
		WRITE_ONCE(*lost, 1);
}

static int __init leak_init(void)
{
	pma_leak_one();
	return 0;
}
module_init(leak_init);

static void __exit leak_exit(void)
{
}
module_exit(leak_exit);

MODULE_DESCRIPTION("Test of the tests of pmem_altmap: a leak");
MODULE_LICENSE("GPL");
