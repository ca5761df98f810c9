// SPDX-License-Identifier: GPL-2.0-only
#include "forecast/forecast.h"
#include "output/units.h"

#define MIB (1ULL << 20)
#define GIB (1ULL << 30)

/* libnvdimm sets so much aside, even where the kernel's own struct page is smaller */
#define STRUCT_PAGE_SIZE 64
/* Pages of memmap that each compound page keeps for itself, VMEMMAP_RESERVE_NR */
#define UNSHARED_PAGES 2
/* A memmap of less than 1 / 50 of DRAM does not matter */
#define NEGLIGIBLE 50

static u64 round_up_to(u64 n, u64 to)
{
	return (n + to - 1) / to * to;
}

/**
 * forecast_format - make the info block that "ndctl create-namespace" would write
 * @ib: filled in
 * @start: physical address of the namespace
 * @size: bytes
 * @align: bytes, power of two: the --align of ndctl
 * @map_dev: with --map=dev, not --map=mem
 * @mm: the kernel that creates it
 * @why: filled in on refusal
 *
 * See nd_pfn_init() in drivers/nvdimm/pfn_devs.c.
 *
 * Return: 0, -EINVAL or -ENOSPC.
 */
int forecast_format(struct pma_infoblock *ib, u64 start, u64 size, u64 align,
		    bool map_dev, const struct pma_memory_model *mm,
		    struct pma_refusal *why)
{
	u64 step = align > mm->map_align ? align : mm->map_align;
	u64 dataoff, trunc, memmap = 0;

	if (size > PMA_PHYS_LIMIT || start > PMA_PHYS_LIMIT - size)
		return pma_refuse(
			why, -ERANGE,
			"%llu bytes at %#llx end beyond the physical address limit %#llx",
			size, start, PMA_PHYS_LIMIT);
	if (start % mm->map_align)
		return pma_refuse(
			why, -EINVAL,
			"start %#llx is not a multiple of %llu bytes: choose another --start",
			start, mm->map_align);
	trunc = (start + size) % step;
	if (map_dev && size > PMA_INFOBLOCK_RESERVE)
		memmap = (size - PMA_INFOBLOCK_RESERVE) / mm->page_size *
			 STRUCT_PAGE_SIZE;
	dataoff = round_up_to(start + PMA_INFOBLOCK_RESERVE + memmap, step) -
		  start;
	if (dataoff + trunc >= size)
		return pma_refuse(
			why, -ENOSPC,
			"%llu bytes are too small for an align of %llu: info block and memmap take %llu, rounding %llu: make the namespace larger",
			size, align, dataoff, trunc);

	memset(ib, 0, sizeof(*ib));
	ib->major = PMA_INFOBLOCK_MAJOR;
	ib->minor = PMA_INFOBLOCK_MINOR_MAX;
	ib->dataoff = dataoff;
	ib->npfns = (size - dataoff - trunc) / mm->page_size;
	ib->end_trunc = trunc;
	ib->align = align;
	ib->page_size = mm->page_size;
	ib->page_struct_size = STRUCT_PAGE_SIZE;
	return 0;
}

/*
 * Kernels since 5.19 share most pages of a memmap in DRAM: see
 * vmemmap_populate_compound_pages() in mm/sparse-vmemmap.c. They map single pages then, so a
 * table of 4 KiB is needed for each 2 MiB of memmap. Without sharing, whole blocks are
 * mapped, and the 4 KiB of tables for each GiB of memmap are not counted.
 */
static void cost_in_dram(struct forecast_way *way, u64 range,
			 const struct pma_memory_model *mm)
{
	u64 memmap = range / mm->page_size * mm->struct_page_size;
	u64 unit = way->align / mm->page_size * mm->struct_page_size;

	way->dram = memmap;
	way->page_tables = 0;
	if (unit / mm->page_size <= UNSHARED_PAGES)
		return;
	way->dram = round_up_to(range, way->align) / way->align *
		    UNSHARED_PAGES * mm->page_size;
	way->page_tables = round_up_to(memmap, mm->vmemmap_block) /
			   mm->vmemmap_block * mm->page_size;
}

static void forecast_one(struct forecast_way *way, bool map_dev, u64 start,
			 u64 size, const struct pma_memory_model *mm)
{
	struct pma_infoblock ib;
	struct pma_refusal why;
	struct pma_plan l;

	if (forecast_format(&ib, start, size, way->align, map_dev, mm, &why))
		return;
	way->data_size = size - ib.dataoff - ib.end_trunc;
	way->device = size - way->data_size;
	if (!map_dev) {
		cost_in_dram(way, size - ib.end_trunc, mm);
		way->possible = true;
		return;
	}
	if (pma_plan_infoblock(&ib, start, size, mm, &l, &why))
		return;
	way->dram = (l.head_pages + l.tail_pages) * mm->struct_page_size;
	way->possible = true;
}

/**
 * forecast_ways - work out what each way to keep the memmap would cost
 * @start: physical address of the namespace
 * @size: bytes
 * @align: bytes: for the ways with the memmap on the device
 * @mm: the kernel
 * @ways: filled in
 */
void forecast_ways(u64 start, u64 size, u64 align,
		   const struct pma_memory_model *mm,
		   struct forecast_way ways[FORECAST_WAYS])
{
	static const char *const names[FORECAST_WAYS] = {
		[WAY_DEV] = "stock --map=dev",
		[WAY_MEM_4K] = "stock --map=mem --align=4K",
		[WAY_MEM_2M] = "stock --map=mem --align=2M",
		[WAY_MEM_1G] = "stock --map=mem --align=1G",
		[WAY_ALTMAPCTL] = "altmapctl attach",
	};
	const u64 aligns[FORECAST_WAYS] = { align, 4096, 2 * MIB, GIB, align };
	int i;

	memset(ways, 0, FORECAST_WAYS * sizeof(*ways));
	for (i = 0; i < FORECAST_WAYS; i++) {
		ways[i].name = names[i];
		ways[i].align = aligns[i];
		forecast_one(&ways[i], i == WAY_DEV || i == WAY_ALTMAPCTL,
			     start, size, mm);
	}
}

static u64 dram_of(const struct forecast_way *way)
{
	return way->dram + way->page_tables;
}

static bool negligible(const struct forecast_way *way, u64 dram_total)
{
	return way->possible && dram_of(way) <= dram_total / NEGLIGIBLE;
}

/* The share of @part in @total, in hundredths of a percent */
static u64 share(u64 part, u64 total)
{
	return total ? (u64)((double)part * 10000 / total + 0.5) : 0;
}

/**
 * forecast_advise - choose one of the ways
 * @ways: from forecast_ways()
 * @dram_total: bytes of DRAM of the machine, 0 if that is not known
 * @advice: filled in
 *
 * A way of mainline is chosen wherever it does as well or better.
 */
void forecast_advise(const struct forecast_way ways[FORECAST_WAYS],
		     u64 dram_total, struct forecast_advice *advice)
{
	const struct forecast_way *mem = &ways[WAY_MEM_4K];
	const struct forecast_way *shared = &ways[WAY_MEM_1G];
	char dram[UNITS_SIZE], total[UNITS_SIZE], device[UNITS_SIZE];
	u64 part;

	units_short(dram_total, total);
	if (negligible(mem, dram_total)) {
		part = share(dram_of(mem), dram_total);
		advice->way = WAY_MEM_4K;
		snprintf(
			advice->why, sizeof(advice->why),
			"the stock driver with --map=mem: the memmap takes %s of DRAM, %llu.%02llu %% of %s, is faster there than on the device, and takes no capacity",
			units_short(dram_of(mem), dram), part / 100, part % 100,
			total);
		return;
	}
	if (negligible(shared, dram_total) &&
	    (!ways[WAY_DEV].possible ||
	     shared->device <= ways[WAY_DEV].device)) {
		advice->way = WAY_MEM_1G;
		snprintf(
			advice->why, sizeof(advice->why),
			"the stock driver with --map=mem --align=1G, if 1 GiB pages suit you and the kernel is 5.19 or newer: shared pages of memmap take %s of DRAM, and %s less capacity is lost than to an altmap; for smaller pages or fsdax, --map=dev",
			units_short(dram_of(shared), dram),
			units_short(ways[WAY_DEV].device - shared->device,
				    device));
		return;
	}
	if (!ways[WAY_DEV].possible) {
		advice->way = -1;
		snprintf(
			advice->why, sizeof(advice->why),
			"none: the namespace is too small, or does not begin at a multiple of 2 MiB");
		return;
	}
	if (!mem->possible) {
		advice->way = WAY_DEV;
		snprintf(
			advice->why, sizeof(advice->why),
			"--map=dev, as the namespace is formatted now: ndctl formats no other at this address. The stock driver and altmapctl attach cost the same");
		return;
	}
	part = share(dram_of(mem), dram_total);
	advice->way = WAY_DEV;
	snprintf(
		advice->why, sizeof(advice->why),
		"--map=dev: a memmap in DRAM would take %s, %llu.%02llu %% of %s. The stock driver and altmapctl attach cost the same: take altmapctl for its counters, for refusals that say why, and for a detach that asks first",
		units_short(dram_of(mem), dram), part / 100, part % 100, total);
}
