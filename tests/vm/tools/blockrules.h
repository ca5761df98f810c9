/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an info block is worth: the rules of the documents and of the kernel's
 * nd_pfn_validate(), __nvdimm_setup_pfn() and vmemmap_populate(), written down a second
 * time and without a line of the module's.
 */
#ifndef BLOCKRULES_H
#define BLOCKRULES_H

#include <stdint.h>

typedef uint8_t u8;
typedef uint64_t u64;

#define HEAD_SIZE 8192
#define BLOCK_AT 4096
#define PAGE 4096ULL
#define MIB (1ULL << 20)
#define GIB (1ULL << 30)
#define SUBSECTION (2 * MIB)
#define SECTION (128 * MIB)

/* Where the fields lie in the block */
enum {
	AT_UUID = 16,
	AT_PARENT = 32,
	AT_FLAGS = 48,
	AT_MAJOR = 52,
	AT_MINOR = 54,
	AT_DATAOFF = 56,
	AT_NPFNS = 64,
	AT_MODE = 72,
	AT_START_PAD = 76,
	AT_END_TRUNC = 80,
	AT_ALIGN = 84,
	AT_PAGE_SIZE = 88,
	AT_STRUCT_SIZE = 92,
	AT_CHECKSUM = 4088,
};

enum rule {
	RULE_SIGNATURE,
	RULE_KIND,
	RULE_CHECKSUM,
	RULE_VERSION,
	RULE_FLAGS,
	RULE_MODE,
	RULE_PARENT,
	RULE_PAGE_SIZE,
	RULE_STRUCT_SIZE,
	RULE_PADS,
	RULE_ENDS,
	RULE_DATAOFF,
	RULE_NPFNS,
	RULE_ALIGN,
	RULE_DATA_ENDS,
	RULE_ALTMAP,
	RULES
};

/**
 * struct space - a namespace
 * @start: physical address
 * @size: bytes
 * @uuid: of its label, zeroes without one
 * @early: the sections that hold its first and last page have a memmap since boot
 */
struct space {
	char name[32];
	u64 start, size;
	u8 uuid[16];
	int early[2];
};

/**
 * struct verdict - what is to be expected of a block
 * @broken: bits of enum rule; 0: it is accepted, and the rest holds
 * @shaky: the numbers would make a driver that believes them fail badly
 */
struct verdict {
	unsigned int broken;
	int shaky;
	u64 base_pfn, end_pfn, reserve, free, align, alloc, offset, nr_free;
	u64 data_start, data_size, dram_memmap;
	u64 unit;
};

extern const struct rule_name {
	const char *name;
	int error;
} rules[RULES];

u64 block_get(const u8 *block, int at, int bytes);
void block_put(u8 *block, int at, int bytes, u64 value);
u64 block_checksum(const u8 *block);
void block_judge(const u8 *head, const struct space *space, struct verdict *v);

#endif /* BLOCKRULES_H */
