// SPDX-License-Identifier: GPL-2.0-only
/* How much DRAM there is for a memmap, on machines that use device memory as RAM */
#include "sysroot.h"
#include "system/machine.h"

/* 5 GiB of DRAM, of which the kernel manages 5 GiB less 100 MiB; 8 GiB of pmem as RAM */
#define DRAM (5 * GIB - 100 * MIB)
#define MOVABLE(pages)                                                          \
	"Node 0, zone      DMA\n  per-node stats\n      nr_inactive_anon 1\n"   \
	"  pages free     2813\n        present  3998\n        managed  3840\n" \
	"Node 0, zone    DMA32\n        managed  500000\n"                      \
	"Node 0, zone   Normal\n        managed  781280\n"                      \
	"Node 0, zone  Movable\n        managed  0\n"                           \
	"Node 1, zone   Normal\n        managed  0\n"                           \
	"Node 1, zone  Movable\n        managed  " #pages "\n"                  \
	"Node 1, zone   Device\n        managed  0\n"
#define NORMAL                                             \
	"Node 0, zone      DMA\n        managed  3840\n"   \
	"Node 0, zone    DMA32\n        managed  500000\n" \
	"Node 0, zone   Normal\n        managed  2878432\n"

#define IOMEM                              \
	"00000000-00000fff : Reserved\n"   \
	"00001000-0009fbff : System RAM\n" \
	"00100000-bfffffff : System RAM\n" \
	"100000000-17fffffff : System RAM\n"
#define KMEM                                              \
	IOMEM "200000000-3ffffffff : Persistent Memory\n" \
	      "  200000000-2003fffff : namespace0.0\n"    \
	      "  208000000-3ffffffff : dax0.0\n"          \
	      "    208000000-3ffffffff : System RAM (kmem)\n"
#define CXL                                            \
	IOMEM "200000000-3ffffffff : CXL Window 0\n"   \
	      "  200000000-3ffffffff : region0\n"      \
	      "    200000000-3ffffffff : System RAM\n" \
	      "400000000-47fffffff : System RAM\n"
/* To others than root */
#define HIDDEN                                    \
	"00000000-00000000 : System RAM\n"        \
	"00000000-00000000 : Persistent Memory\n" \
	"  00000000-00000000 : dax0.0\n"          \
	"    00000000-00000000 : System RAM (kmem)\n"

/* Blocks of 128 MiB: all of the pmem but its first one */
static void put_blocks(const char *state, const char *zones)
{
	char path[PATH_MAX];
	int i;

	sysroot_put("/sys/devices/system/memory/block_size_bytes", "8000000\n");
	for (i = 0x200000000 / (128 * MIB);
	     i < (int)(0x400000000 / (128 * MIB)); i++) {
		snprintf(path, sizeof(path),
			 "/sys/devices/system/memory/memory%d/state", i);
		sysroot_put(path, state);
		snprintf(path, sizeof(path),
			 "/sys/devices/system/memory/memory%d/valid_zones", i);
		sysroot_put(path, zones);
	}
}

static int setup(void **state)
{
	int rc = sysroot_make(state);

	if (!rc)
		sysroot_put("/proc/meminfo", "MemTotal:       13159936 kB\n");
	return rc;
}

static u64 in_mib(u64 bytes)
{
	return bytes >> 20;
}

/* As "daxctl reconfigure-device --mode=system-ram" leaves it */
static void movable(void **state)
{
	(void)state;
	sysroot_put("/proc/zoneinfo", MOVABLE(2064384));
	assert_int_equal(in_mib(machine_dram()), in_mib(DRAM));
	sysroot_put("/proc/iomem", KMEM);
	put_blocks("online\n", "Movable\n");
	assert_int_equal(in_mib(machine_dram()), in_mib(DRAM));
	sysroot_put("/proc/iomem", HIDDEN);
	assert_int_equal(in_mib(machine_dram()), in_mib(DRAM));
}

/* With --no-movable, or where the kernel onlines by itself; on the same node */
static void normal(void **state)
{
	(void)state;
	sysroot_put("/proc/zoneinfo", NORMAL);
	sysroot_put("/proc/iomem", KMEM);
	put_blocks("online\n", "Normal\n");
	/* Of 8 GiB, 128 MiB are no memory, and the rest is not DRAM */
	assert_int_equal(in_mib(machine_dram()),
			 in_mib((3840 + 500000 + 2878432) * 4096ULL - 8 * GIB +
				128 * MIB));
}

/* Added, and not in use: it is in no zone */
static void offline(void **state)
{
	(void)state;
	sysroot_put("/proc/zoneinfo", MOVABLE(0));
	sysroot_put("/proc/iomem", KMEM);
	put_blocks("offline\n", "Normal Movable\n");
	assert_int_equal(in_mib(machine_dram()), in_mib(DRAM));
}

/* The firmware gave it to the kernel as RAM; what lies behind the window is DRAM */
static void cxl(void **state)
{
	(void)state;
	sysroot_put("/proc/zoneinfo", NORMAL);
	sysroot_put("/proc/iomem", CXL);
	put_blocks("online\n", "Normal\n");
	assert_int_equal(in_mib(machine_dram()),
			 in_mib((3840 + 500000 + 2878432) * 4096ULL - 8 * GIB));
}

static void nothing_known(void **state)
{
	(void)state;
	assert_int_equal(machine_dram(), 13159936ULL << 10);
	unlink(sysroot_path("/proc/meminfo"));
	assert_int_equal(machine_dram(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, sysroot_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(movable), TEST(normal),	    TEST(offline),
		TEST(cxl),     TEST(nothing_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
