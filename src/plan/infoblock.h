/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The info block that "ndctl create-namespace --mode=devdax" leaves 4 KiB into
 * a namespace: where its fields are, and which blocks can be attached. It is
 * read, never written. Pure code: also built into the tests.
 */
#ifndef PMA_INFOBLOCK_H
#define PMA_INFOBLOCK_H

#include "plan/refusal.h"

#define PMA_INFOBLOCK_OFFSET	4096
#define PMA_INFOBLOCK_SIZE	4096
/* This much of a namespace is read: a BTT 2.0 arena starts at 0, all else at 4 KiB. */
#define PMA_HEAD_SIZE		(PMA_INFOBLOCK_OFFSET + PMA_INFOBLOCK_SIZE)

#define PMA_SIG_SIZE		16
#define PMA_UUID_SIZE		16

/* Byte offsets within the block; all numbers are little endian */
enum pma_infoblock_field {
	PMA_IB_SIGNATURE	= 0,
	PMA_IB_UUID		= 16,
	PMA_IB_PARENT_UUID	= 32,
	PMA_IB_FLAGS		= 48,	/* 32 bits */
	PMA_IB_MAJOR		= 52,	/* 16 bits */
	PMA_IB_MINOR		= 54,	/* 16 bits */
	PMA_IB_DATAOFF		= 56,	/* 64 bits, bytes */
	PMA_IB_NPFNS		= 64,	/* 64 bits */
	PMA_IB_MODE		= 72,	/* 32 bits, enum pma_infoblock_mode */
	PMA_IB_START_PAD	= 76,	/* 32 bits, bytes, since 1.1 */
	PMA_IB_END_TRUNC	= 80,	/* 32 bits, bytes, since 1.1 */
	PMA_IB_ALIGN		= 84,	/* 32 bits, bytes, since 1.2 */
	PMA_IB_PAGE_SIZE	= 88,	/* 32 bits, bytes, since 1.4 */
	PMA_IB_PAGE_STRUCT_SIZE	= 92,	/* 16 bits, bytes, since 1.4 */
	PMA_IB_CHECKSUM		= 4088,	/* 64 bits, Fletcher, itself as 0 */
};

enum pma_infoblock_mode {
	PMA_MODE_NONE	= 0,
	PMA_MODE_RAM	= 1,	/* --map=mem */
	PMA_MODE_PMEM	= 2,	/* --map=dev */
};

#define PMA_INFOBLOCK_MAJOR	1
#define PMA_INFOBLOCK_MINOR_MAX	4

/**
 * struct pma_infoblock - the block in host byte order, with the fields that old versions lack
 * @uuid: of the devdax instance
 * @parent_uuid: of the namespace; all zero without labels
 * @major: format version
 * @minor: format version
 * @dataoff: bytes from the mapped range's start to the data
 * @npfns: data pages when the block was written
 * @start_pad: bytes of the namespace before the mapped range
 * @end_trunc: bytes of the namespace behind the mapped range
 * @align: bytes; 0 in blocks older than 1.2
 * @page_size: bytes; 0 in blocks older than 1.4, which do not say
 * @page_struct_size: bytes that were reserved for each struct page
 */
struct pma_infoblock {
	u8 uuid[PMA_UUID_SIZE];
	u8 parent_uuid[PMA_UUID_SIZE];
	u16 major;
	u16 minor;
	u64 dataoff;
	u64 npfns;
	u32 start_pad;
	u32 end_trunc;
	u32 align;
	u32 page_size;
	u16 page_struct_size;
};

u64 pma_infoblock_checksum(const u8 *block);
int pma_infoblock_parse(const u8 *head, struct pma_infoblock *ib,
			struct pma_refusal *why);
int pma_infoblock_check_parent(const struct pma_infoblock *ib, const u8 *parent,
			       struct pma_refusal *why);

#endif /* PMA_INFOBLOCK_H */
