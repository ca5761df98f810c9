/* SPDX-License-Identifier: GPL-2.0-only */
/* Where known media errors lie in a namespace. Pure code. */
#ifndef ALTMAPCTL_BADBLOCK_H
#define ALTMAPCTL_BADBLOCK_H

#include "plan/pure.h"

/* Sectors whose bytes do not fit 64 bits end where those do */
static inline u64 badblock_in_bytes(u64 sector)
{
	return sector > ~0ULL >> 9 ? ~0ULL : sector << 9;
}

/**
 * badblock_hits - is a media error in a part of a region?
 * @sector: of 512 bytes, from the region's start
 * @sectors: how many are bad from there
 * @first: offset of the part in the region, bytes
 * @bytes: length of the part
 * @at: lowered to the offset of the error in the part, if that is less
 *
 * Return: is there one?
 */
static inline bool badblock_hits(u64 sector, u64 sectors, u64 first, u64 bytes,
				 u64 *at)
{
	u64 from = badblock_in_bytes(sector);
	u64 to = sectors > ~0ULL - sector ? ~0ULL :
					    badblock_in_bytes(sector + sectors);

	if (!sectors || to <= first || from >= first + bytes)
		return false;
	from = from > first ? from - first : 0;
	if (from < *at)
		*at = from;
	return true;
}

#endif /* ALTMAPCTL_BADBLOCK_H */
