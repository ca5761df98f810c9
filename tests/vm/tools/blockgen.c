// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "blockgen.h"

static const struct field {
	int at, bytes;
} fields[] = {
	{ AT_FLAGS, 4 },       { AT_MAJOR, 2 },	    { AT_MINOR, 2 },
	{ AT_DATAOFF, 8 },     { AT_DATAOFF, 8 },   { AT_NPFNS, 8 },
	{ AT_MODE, 4 },	       { AT_START_PAD, 4 }, { AT_END_TRUNC, 4 },
	{ AT_ALIGN, 4 },       { AT_PAGE_SIZE, 4 }, { AT_STRUCT_SIZE, 2 },
	{ AT_PARENT + 15, 1 }, { AT_PARENT, 1 },
};

static void sign(u8 *block, const char *text)
{
	memset(block, 0, 16);
	memcpy(block, text, strlen(text));
}

static void seal(u8 *block)
{
	block_put(block, AT_CHECKSUM, 8, block_checksum(block));
}

static u64 up(u64 n, u64 unit)
{
	return (n + unit - 1) / unit * unit;
}

static u64 pick_unit(struct rng *r)
{
	u64 dice = rng_below(r, 10);

	return dice < 6 ? SUBSECTION : dice < 9 ? PAGE : GIB;
}

/* As nd_pfn_init() writes it, or as it could have */
static void make_good(struct rng *r, const struct space *space, u8 *block)
{
	u64 unit = pick_unit(r), step = unit > SUBSECTION ? unit : SUBSECTION;
	u64 end = space->start + space->size;
	u64 pad = up(space->start, SUBSECTION) - space->start;
	u64 cut = end % step, low, data, npfns, i;

	if (rng_percent(r, 15))
		pad += rng_below(r, 20) * SUBSECTION;
	if (rng_percent(r, 15))
		cut += rng_below(r, 20) * step;
	low = space->start + pad;
	data = up(low + HEAD_SIZE + 64 * (space->size / PAGE), step);
	if (rng_percent(r, 20))
		data += rng_below(r, 10) * (rng_percent(r, 50) ? unit : step);
	npfns = (end - cut - data) / PAGE;
	if (rng_percent(r, 10))
		npfns = 1 + rng_below(r, npfns ? npfns : 1);

	sign(block, "NVDIMM_DAX_INFO");
	for (i = 0; i < 16; i++)
		block[AT_UUID + i] = rng_next(r);
	memcpy(block + AT_PARENT, space->uuid, 16);
	block_put(block, AT_MAJOR, 2, 1);
	block_put(block, AT_MINOR, 2, rng_percent(r, 65) ? 4 : rng_below(r, 5));
	block_put(block, AT_DATAOFF, 8, data - low);
	block_put(block, AT_NPFNS, 8, npfns);
	block_put(block, AT_MODE, 4, 2);
	block_put(block, AT_START_PAD, 4, pad);
	block_put(block, AT_END_TRUNC, 4, cut);
	block_put(block, AT_ALIGN, 4, unit);
	block_put(block, AT_PAGE_SIZE, 4, PAGE);
	block_put(block, AT_STRUCT_SIZE, 2, 64);
	/* Padding may hold anything */
	if (rng_percent(r, 20))
		for (i = 0; i < 64; i++)
			block[96 + rng_below(r, AT_CHECKSUM - 96)] =
				rng_next(r);
}

/* Around what is there, what there is, and what numbers end at */
static u64 pick_value(struct rng *r, u64 now, const struct space *space)
{
	const u64 steps[] = { 1, PAGE, HEAD_SIZE, SUBSECTION, SECTION, GIB };
	const u64 marks[] = { 0,	  space->size, space->start,
			      PAGE,	  HEAD_SIZE,   SUBSECTION,
			      GIB,	  1ULL << 31,  ~0U,
			      1ULL << 32, 1ULL << 62,  1ULL << 63,
			      ~0ULL >> 1, ~0ULL,       space->size / PAGE,
			      16 * MIB,	  2 * PAGE,    ~0ULL - space->start };
	u64 step = steps[rng_below(r, sizeof(steps) / sizeof(*steps))];
	u64 mark = marks[rng_below(r, sizeof(marks) / sizeof(*marks))];

	switch (rng_below(r, 8)) {
	case 0:
		return now + step;
	case 1:
		return now - step;
	case 2:
		return mark;
	case 3:
		return mark + step;
	case 4:
		return mark - step;
	case 5:
		return rng_below(r, 8);
	case 6:
		return now ^ 1ULL << rng_below(r, 64);
	default:
		return rng_wide(r);
	}
}

static void change_fields(struct rng *r, const struct space *space, u8 *block)
{
	u64 n = 1 + rng_below(r, 3);

	while (n--) {
		const struct field *f =
			&fields[rng_below(r, sizeof(fields) / sizeof(*fields))];
		u64 now = block_get(block, f->at, f->bytes);

		block_put(block, f->at, f->bytes, pick_value(r, now, space));
	}
}

static void flip_bits(struct rng *r, u8 *bytes, u64 size)
{
	u64 n = 1 + rng_below(r, 8);

	while (n--)
		bytes[rng_below(r, size)] ^= 1 << rng_below(r, 8);
}

static void fill(struct rng *r, u8 *bytes, u64 size)
{
	while (size--)
		*bytes++ = rng_next(r);
}

static void change_signature(struct rng *r, u8 *head)
{
	static const char *const texts[] = {
		"NVDIMM_PFN_INFO",
		"BTT_ARENA_INFO",
		"NVDIMM_DAX_INF",
		"nvdimm_dax_info",
		"NVDIMM_DAX_INFO",
		"NVDIMM_DAX_INFO2",
		"",
	};
	const u64 n = sizeof(texts) / sizeof(*texts);

	if (rng_percent(r, 70))
		sign(head + BLOCK_AT, texts[rng_below(r, n)]);
	if (rng_percent(r, 50))
		sign(head, texts[rng_below(r, n)]);
}

/* Only the second place counts */
static void change_places(struct rng *r, u8 *head)
{
	memcpy(head, head + BLOCK_AT, BLOCK_AT);
	switch (rng_below(r, 3)) {
	case 0:
		memset(head + BLOCK_AT, 0, BLOCK_AT);
		break;
	case 1:
		flip_bits(r, head + BLOCK_AT, 96);
		break;
	default:
		flip_bits(r, head, 96);
	}
}

/**
 * block_make - a head for a namespace
 * @r: where chance comes from
 * @space: the namespace
 * @head: filled in, HEAD_SIZE bytes
 */
void block_make(struct rng *r, const struct space *space, u8 *head)
{
	u8 *block = head + BLOCK_AT;
	u64 dice = rng_below(r, 100);

	memset(head, 0, HEAD_SIZE);
	make_good(r, space, block);
	if (dice >= 35 && dice < 80)
		change_fields(r, space, block);
	else if (dice >= 80 && dice < 85)
		flip_bits(r, block, dice < 83 ? 96 : AT_CHECKSUM);
	seal(block);
	if (dice >= 85 && dice < 90)
		flip_bits(r, block, 4096);
	else if (dice >= 90 && dice < 94)
		change_signature(r, head);
	else if (dice >= 94 && dice < 97)
		change_places(r, head);
	else if (dice == 97)
		fill(r, head, HEAD_SIZE);
	else if (dice == 98)
		memset(head, 0, HEAD_SIZE);
	if (dice >= 90 && dice < 94 && rng_percent(r, 50))
		seal(block);
}
