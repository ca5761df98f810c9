// SPDX-License-Identifier: GPL-2.0-only
#include "plan/infoblock.h"

#define RECREATE \
	"save its data, then 'ndctl create-namespace --mode=devdax --map=dev -f -e' with its name"

static const char sig_dax[PMA_SIG_SIZE + 1] = "NVDIMM_DAX_INFO\0";
static const char sig_pfn[PMA_SIG_SIZE + 1] = "NVDIMM_PFN_INFO\0";
static const char sig_btt[PMA_SIG_SIZE + 1] = "BTT_ARENA_INFO\0\0";

static u16 get_le16(const u8 *p)
{
	return p[0] | p[1] << 8;
}

static u32 get_le32(const u8 *p)
{
	return get_le16(p) | (u32)get_le16(p + 2) << 16;
}

static u64 get_le64(const u8 *p)
{
	return get_le32(p) | (u64)get_le32(p + 4) << 32;
}

/**
 * pma_infoblock_checksum - what the checksum field of a block should hold
 * @block: PMA_INFOBLOCK_SIZE bytes
 *
 * This is Fletcher's sum over the 32-bit words with the checksum field as zero, as defined by
 * nd_sb_checksum() in drivers/nvdimm/btt_devs.c.
 *
 * Context: any.
 * Return: the checksum.
 */
u64 pma_infoblock_checksum(const u8 *block)
{
	u32 low = 0;
	u64 high = 0;
	int i;

	for (i = 0; i < PMA_INFOBLOCK_SIZE; i += 4) {
		if (i < PMA_IB_CHECKSUM)
			low += get_le32(block + i);
		high += low;
	}
	return high << 32 | low;
}

/* Prints bytes in the order in which they lie, as uuid_unparse() does, without its dashes. */
static const char *hex(char *out, const u8 *bytes)
{
	static const char digits[] = "0123456789abcdef";
	int i;

	for (i = 0; i < PMA_UUID_SIZE; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * i] = '\0';
	return out;
}

static bool has_sig(const u8 *block, const char *sig)
{
	return !memcmp(block + PMA_IB_SIGNATURE, sig, PMA_SIG_SIZE);
}

static int check_signature(const u8 *head, struct pma_refusal *why)
{
	static const u8 zero[PMA_SIG_SIZE];
	const u8 *block = head + PMA_INFOBLOCK_OFFSET;
	const u8 *sig = block + PMA_IB_SIGNATURE;
	char text[2 * PMA_SIG_SIZE + 1];

	if (has_sig(block, sig_dax))
		return 0;
	if (has_sig(head, sig_btt) || has_sig(block, sig_btt))
		return pma_refuse(why, -EOPNOTSUPP,
				  "holds a BTT (sector mode), not devdax: "
				  RECREATE);
	if (has_sig(block, sig_pfn))
		return pma_refuse(why, -EOPNOTSUPP,
				  "holds an fsdax info block, only devdax can be attached: "
				  RECREATE);
	if (!memcmp(sig, zero, PMA_SIG_SIZE))
		return pma_refuse(why, -ENXIO,
				  "no info block at offset %d (is the DIMM locked? see 'ndctl list -D'): "
				  RECREATE, PMA_INFOBLOCK_OFFSET);
	return pma_refuse(why, -ENXIO,
			  "unknown signature (hex) %s at offset %d, not one of ndctl's: "
			  RECREATE,
			  hex(text, sig), PMA_INFOBLOCK_OFFSET);
}

static int check_mode(u32 mode, struct pma_refusal *why)
{
	switch (mode) {
	case PMA_MODE_PMEM:
		return 0;
	case PMA_MODE_RAM:
		return pma_refuse(why, -EOPNOTSUPP,
				  "info block says map=mem (mode %u): its head has no room for the memmap; "
				  RECREATE, mode);
	default:
		return pma_refuse(why, -EOPNOTSUPP,
				  "info block has unknown mode %u: " RECREATE,
				  mode);
	}
}

/**
 * pma_infoblock_parse - take a devdax map=dev info block apart
 * @head: the first PMA_HEAD_SIZE bytes of the namespace; not trusted
 * @ib: filled in on success
 * @why: filled in on refusal
 *
 * The rules are those of nd_pfn_validate() in drivers/nvdimm/pfn_devs.c. Newer minor versions
 * and set flags, which that function ignores, are refused, since they may mean another layout.
 * Whether the numbers fit the range and the kernel is checked by pma_plan_infoblock().
 *
 * Context: any.
 * Return: 0, or -ENXIO (no info block, foreign signature), -EBADMSG (checksum)
 * or -EOPNOTSUPP (another kind, version or mode).
 */
int pma_infoblock_parse(const u8 *head, struct pma_infoblock *ib,
			struct pma_refusal *why)
{
	const u8 *block = head + PMA_INFOBLOCK_OFFSET;
	u64 stored = get_le64(block + PMA_IB_CHECKSUM);
	u64 computed = pma_infoblock_checksum(block);
	u32 flags = get_le32(block + PMA_IB_FLAGS);
	int rc;

	rc = check_signature(head, why);
	if (rc)
		return rc;

	if (stored != computed)
		return pma_refuse(why, -EBADMSG,
				  "info block checksum is %#llx but should be %#llx: the block is damaged, see 'ndctl read-infoblock'",
				  stored, computed);

	memset(ib, 0, sizeof(*ib));
	ib->major = get_le16(block + PMA_IB_MAJOR);
	ib->minor = get_le16(block + PMA_IB_MINOR);
	if (ib->major != PMA_INFOBLOCK_MAJOR || ib->minor > PMA_INFOBLOCK_MINOR_MAX)
		return pma_refuse(why, -EOPNOTSUPP,
				  "info block version %u.%u is not known (up to %u.%u are): use a newer pmem_altmap or the stock driver",
				  ib->major, ib->minor, PMA_INFOBLOCK_MAJOR,
				  PMA_INFOBLOCK_MINOR_MAX);
	if (ib->minor >= 3 && flags)
		return pma_refuse(why, -EOPNOTSUPP,
				  "info block has unknown flags %#x: use a newer pmem_altmap or the stock driver",
				  flags);

	rc = check_mode(get_le32(block + PMA_IB_MODE), why);
	if (rc)
		return rc;

	memcpy(ib->uuid, block + PMA_IB_UUID, PMA_UUID_SIZE);
	memcpy(ib->parent_uuid, block + PMA_IB_PARENT_UUID, PMA_UUID_SIZE);
	ib->dataoff = get_le64(block + PMA_IB_DATAOFF);
	ib->npfns = get_le64(block + PMA_IB_NPFNS);
	if (ib->minor >= 1) {
		ib->start_pad = get_le32(block + PMA_IB_START_PAD);
		ib->end_trunc = get_le32(block + PMA_IB_END_TRUNC);
	}
	if (ib->minor >= 2)
		ib->align = get_le32(block + PMA_IB_ALIGN);
	if (ib->minor >= 4) {
		ib->page_size = get_le32(block + PMA_IB_PAGE_SIZE);
		ib->page_struct_size = get_le16(block + PMA_IB_PAGE_STRUCT_SIZE);
	} else {
		/* ndctl reserved 64 bytes before version 1.4 had a field for the size. */
		ib->page_struct_size = 64;
	}
	return 0;
}

/**
 * pma_infoblock_check_parent - does a block belong to this namespace?
 * @ib: a parsed block
 * @parent: uuid of the namespace, PMA_UUID_SIZE bytes; all zero without labels
 * @why: filled in on refusal
 *
 * The block of a deleted namespace can surface in a new namespace that was made in its place.
 *
 * Context: any.
 * Return: 0 or -ENXIO.
 */
int pma_infoblock_check_parent(const struct pma_infoblock *ib, const u8 *parent,
			       struct pma_refusal *why)
{
	char theirs[2 * PMA_UUID_SIZE + 1], ours[2 * PMA_UUID_SIZE + 1];

	if (!memcmp(ib->parent_uuid, parent, PMA_UUID_SIZE))
		return 0;
	return pma_refuse(why, -ENXIO,
			  "info block is of the namespace with uuid %s, but this one has %s: "
			  RECREATE,
			  hex(theirs, ib->parent_uuid), hex(ours, parent));
}
