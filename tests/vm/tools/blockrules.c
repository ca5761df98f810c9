// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "blockrules.h"

/* The table in docs/errors.md */
const struct rule_name rules[RULES] = {
	[RULE_SIGNATURE] = { "signature", ENXIO },
	[RULE_KIND] = { "kind", EOPNOTSUPP },
	[RULE_CHECKSUM] = { "checksum", EBADMSG },
	[RULE_VERSION] = { "version", EOPNOTSUPP },
	[RULE_FLAGS] = { "flags", EOPNOTSUPP },
	[RULE_MODE] = { "mode", EOPNOTSUPP },
	[RULE_PARENT] = { "parent", ENXIO },
	[RULE_PAGE_SIZE] = { "page_size", EOPNOTSUPP },
	[RULE_STRUCT_SIZE] = { "page_struct_size", EOPNOTSUPP },
	[RULE_PADS] = { "pads", ERANGE },
	[RULE_ENDS] = { "ends", EINVAL },
	[RULE_DATAOFF] = { "dataoff", ERANGE },
	[RULE_NPFNS] = { "npfns", ERANGE },
	[RULE_ALIGN] = { "align", EOPNOTSUPP },
	[RULE_DATA_ENDS] = { "data_ends", EINVAL },
	[RULE_ALTMAP] = { "altmap", ENOSPC },
};

/* Nothing wraps in these */
typedef unsigned __int128 wide;

u64 block_get(const u8 *block, int at, int bytes)
{
	u64 value = 0;

	while (bytes--)
		value = value << 8 | block[at + bytes];
	return value;
}

void block_put(u8 *block, int at, int bytes, u64 value)
{
	for (; bytes--; value >>= 8)
		block[at++] = value;
}

/* fletcher64 over 32-bit words, without the last two, which hold it */
u64 block_checksum(const u8 *block)
{
	uint32_t words[1024], low = 0, high = 0;
	int i;

	memcpy(words, block, sizeof(words));
	words[1022] = words[1023] = 0;
	for (i = 0; i < 1024; i++) {
		low += words[i];
		high += low;
	}
	return (u64)high << 32 | low;
}

static int is_signed(const u8 *block, const char *text)
{
	char padded[16] = "";

	strcpy(padded, text);
	return !memcmp(block, padded, 16);
}

static int of(u64 value, u64 unit)
{
	return value % unit == 0;
}

/* Head and tail in a section that boot knows share the memmap that is there */
static u64 dram(const struct space *space, u64 low, u64 high, u64 first,
		u64 last)
{
	u64 bytes = 0;

	if (first > last || first > high)
		return space->early[0] ? 0 : (high - low) / PAGE * 64;
	if (first > low && !space->early[0])
		bytes += (first - low) / PAGE * 64;
	if (high > last && !space->early[1])
		bytes += (high - last) / PAGE * 64;
	return bytes;
}

static void judge_altmap(const struct space *space, u64 low, u64 high,
			 u64 dataoff, struct verdict *v)
{
	u64 first = (low + SECTION - 1) / SECTION * SECTION;
	u64 last = high / SECTION * SECTION;
	u64 free = dataoff / PAGE - 2;
	u64 alloc = 0, pad = 0;

	/* Two pages are set aside, the next one is in a block that is not whole */
	if (last > first) {
		alloc = (last - first) / SECTION * 512;
		pad = (512 - (low / PAGE + 2) % 512) % 512;
	}
	if (alloc + pad > free) {
		v->broken |= 1 << RULE_ALTMAP;
		return;
	}
	v->base_pfn = low / PAGE;
	v->end_pfn = high / PAGE - 1;
	v->reserve = 2;
	v->free = free;
	v->align = pad;
	v->alloc = alloc;
	v->offset = 2 + free;
	v->nr_free = free - alloc - pad;
	v->dram_memmap = dram(space, low, high, first, last);
}

static void judge_numbers(const u8 *block, const struct space *space,
			  struct verdict *v)
{
	u64 minor = block_get(block, AT_MINOR, 2);
	u64 start_pad = minor ? block_get(block, AT_START_PAD, 4) : 0;
	u64 end_trunc = minor ? block_get(block, AT_END_TRUNC, 4) : 0;
	u64 unit = minor >= 2 ? block_get(block, AT_ALIGN, 4) : 0;
	u64 dataoff = block_get(block, AT_DATAOFF, 8);
	u64 npfns = block_get(block, AT_NPFNS, 8);
	u64 low, high, end = space->start + space->size;

	if (minor >= 4) {
		if (block_get(block, AT_PAGE_SIZE, 4) != PAGE)
			v->broken |= 1 << RULE_PAGE_SIZE;
		if (block_get(block, AT_STRUCT_SIZE, 2) < 64)
			v->broken |= 1 << RULE_STRUCT_SIZE;
	}
	if (start_pad + end_trunc >= space->size) {
		v->broken |= 1 << RULE_PADS;
		return;
	}
	low = space->start + start_pad;
	high = end - end_trunc;
	if (!of(low, SUBSECTION) || !of(high, SUBSECTION))
		v->broken |= 1 << RULE_ENDS;
	if (dataoff < HEAD_SIZE || !of(dataoff, PAGE) ||
	    (wide)low + dataoff >= high) {
		v->broken |= 1 << RULE_DATAOFF;
		return;
	}
	v->data_start = low + dataoff;
	v->data_size = high - v->data_start;
	if (!npfns || (wide)npfns * PAGE > v->data_size)
		v->broken |= 1 << RULE_NPFNS;

	if (!unit)
		for (unit = 1; unit <= dataoff / 2; unit *= 2)
			;
	v->unit = unit;
	if (unit != PAGE && unit != SUBSECTION && unit != GIB)
		v->broken |= 1 << RULE_ALIGN;
	else if (!of(v->data_start, unit) || !of(v->data_size, unit))
		v->broken |= 1 << RULE_DATA_ENDS;
	judge_altmap(space, low, high, dataoff, v);
}

/**
 * block_judge - what should become of a namespace with that head?
 * @head: its first HEAD_SIZE bytes
 * @space: the namespace
 * @v: filled in
 *
 * Where several rules are broken, any of them may be named.
 */
void block_judge(const u8 *head, const struct space *space, struct verdict *v)
{
	const unsigned int unsound =
		1 << RULE_PADS | 1 << RULE_DATAOFF | 1 << RULE_ALTMAP;
	const u8 *block = head + BLOCK_AT;
	u64 mode = block_get(block, AT_MODE, 4);

	memset(v, 0, sizeof(*v));
	if (!is_signed(block, "NVDIMM_DAX_INFO")) {
		int known = is_signed(block, "NVDIMM_PFN_INFO") ||
			    is_signed(block, "BTT_ARENA_INFO") ||
			    is_signed(head, "BTT_ARENA_INFO");

		v->broken = 1 << (known ? RULE_KIND : RULE_SIGNATURE);
		v->shaky = known;
		return;
	}
	if (block_get(block, AT_CHECKSUM, 8) != block_checksum(block)) {
		v->broken = 1 << RULE_CHECKSUM;
		return;
	}
	judge_numbers(block, space, v);
	v->shaky = !!(v->broken & unsound);
	/* What the numbers mean there is not known */
	if (block_get(block, AT_MAJOR, 2) != 1 ||
	    block_get(block, AT_MINOR, 2) > 4) {
		v->broken = 1 << RULE_VERSION;
		return;
	}
	if (block_get(block, AT_MINOR, 2) >= 3 && block_get(block, AT_FLAGS, 4))
		v->broken |= 1 << RULE_FLAGS;
	if (mode != 2)
		v->broken |= 1 << RULE_MODE;
	if (memcmp(block + AT_PARENT, space->uuid, 16))
		v->broken |= 1 << RULE_PARENT;
}
