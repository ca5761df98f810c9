// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <uuid/uuid.h>

#include "libnvdimm/head.h"
#include "module/state.h"
#include "system/paths.h"

/* The unit in which the kernel adds device memory */
#define SUBSECTION (2ULL << 20)

static void put(u8 *block, int offset, int bytes, u64 value)
{
	int i;

	for (i = 0; i < bytes; i++)
		block[offset + i] = value >> (8 * i);
}

/**
 * struct parts - what a driver says of the parts of a namespace that it has
 * @start: physical address of the namespace
 * @size: bytes of the namespace
 * @range: physical address of the range with a memmap, behind the start_pad
 * @range_end: where that range ends, before the end_trunc
 * @data: physical address of the data
 * @data_size: bytes
 * @align: bytes
 */
struct parts {
	u64 start, size;
	u64 range, range_end;
	u64 data, data_size;
	u64 align;
};

static void sign(u8 *head, const char *signature)
{
	memset(head, 0, PMA_HEAD_SIZE);
	memcpy(head + PMA_INFOBLOCK_OFFSET, signature, strlen(signature));
}

/*
 * A driver that has a namespace hides its info block, but tells the numbers. A block is made
 * of them, so that the same parser judges every namespace.
 */
static void rebuild(u8 *head, u32 mode, const struct parts *p)
{
	u8 *block = head + PMA_INFOBLOCK_OFFSET;

	sign(head, "NVDIMM_DAX_INFO");
	put(block, PMA_IB_MAJOR, 2, PMA_INFOBLOCK_MAJOR);
	put(block, PMA_IB_MINOR, 2, PMA_INFOBLOCK_MINOR_MAX);
	put(block, PMA_IB_MODE, 4, mode);
	put(block, PMA_IB_DATAOFF, 8, p->data - p->range);
	put(block, PMA_IB_NPFNS, 8, p->data_size / 4096);
	put(block, PMA_IB_START_PAD, 4, p->range - p->start);
	put(block, PMA_IB_END_TRUNC, 4, p->start + p->size - p->range_end);
	put(block, PMA_IB_ALIGN, 4, p->align);
	put(block, PMA_IB_PAGE_SIZE, 4, 4096);
	put(block, PMA_IB_PAGE_STRUCT_SIZE, 2, 64);
	put(block, PMA_IB_CHECKSUM, 8, pma_infoblock_checksum(block));
}

static int from_counters(const struct nd_space *space, u8 *head,
			 struct pma_refusal *why)
{
	struct counters c;
	int rc = counters_read(space->name, &c);
	struct parts parts;
	struct node node;

	if (rc)
		return pma_refuse(
			why, rc,
			"its counters cannot be read (%s): is debugfs mounted, and are you root?",
			strerror(-rc));
	if (node_find(space->name, &node))
		node.align = 0;
	parts = (struct parts){
		.start = space->start,
		.size = space->size,
		.range = c.base_pfn * 4096,
		.range_end = (c.end_pfn + 1) * 4096,
		.data = c.data_start,
		.data_size = c.data_size,
		.align = node.align,
	};
	rebuild(head, PMA_MODE_PMEM, &parts);
	return 0;
}

/*
 * device-dax tells where its data begins, but not how much before that is the start_pad. The
 * range has to begin at a multiple of 2 MiB, so it is taken to begin at the first one. With
 * a larger start_pad, the memmap seems to have so much more room.
 */
static u64 range_of(const struct nd_space *space, u64 data)
{
	u64 range = (space->start + SUBSECTION - 1) / SUBSECTION * SUBSECTION;

	return range <= data ? range : space->start;
}

static int from_device_dax(const struct nd_space *space, u8 *head,
			   struct pma_refusal *why)
{
	u64 data = ndctl_dax_get_resource(space->dax);
	u64 size = ndctl_dax_get_size(space->dax);
	const struct parts parts = {
		.start = space->start,
		.size = space->size,
		.range = range_of(space, data),
		.range_end = data + size,
		.data = data,
		.data_size = size,
		.align = ndctl_dax_get_align(space->dax),
	};
	u32 mode = PMA_MODE_PMEM;

	if (ndctl_dax_get_location(space->dax) == NDCTL_PFN_LOC_RAM)
		mode = PMA_MODE_RAM;
	if (data == ~0ULL || data < space->start ||
	    data + size > space->start + space->size)
		return pma_refuse(
			why, -EACCES,
			"its data's address cannot be read: run this as root");
	rebuild(head, mode, &parts);
	return 0;
}

static int from_block_device(const struct nd_space *space, u8 *head,
			     bool *closed, struct pma_refusal *why)
{
	char path[PATH_MAX];
	ssize_t n = -1;
	int fd;

	path_of(path, "/dev/%s", ndctl_namespace_get_block_device(space->ndns));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = pread(fd, head, PMA_HEAD_SIZE, 0);
		close(fd);
	}
	if (n == PMA_HEAD_SIZE)
		return 0;
	*closed = fd < 0;
	return pma_refuse(why, -EIO, "its head cannot be read from %s: %s",
			  path, n < 0 ? strerror(errno) : "it is too short");
}

/* No driver has the namespace. Reading its memory is seen by neither driver nor udev */
static int from_memory(const struct nd_space *space, u8 *head, bool *closed,
		       struct pma_refusal *why)
{
	int fd = open("/dev/mem", O_RDONLY | O_CLOEXEC);
	void *memory = MAP_FAILED;

	if (!space->start) {
		errno = EACCES;
	} else if (fd >= 0) {
		memory = mmap(NULL, PMA_HEAD_SIZE, PROT_READ, MAP_SHARED, fd,
			      space->start);
	}
	if (memory == MAP_FAILED) {
		*closed = true;
		pma_refuse(
			why, -errno,
			"its info block cannot be read from /dev/mem (%s): run this as root, or, under lockdown, enable the namespace first",
			strerror(errno));
	} else {
		memcpy(head, memory, PMA_HEAD_SIZE);
		munmap(memory, PMA_HEAD_SIZE);
	}
	if (fd >= 0)
		close(fd);
	return memory == MAP_FAILED ? why->error : 0;
}

/**
 * head_read - read the first 8 KiB of a namespace
 * @space: the namespace
 * @head: filled in; not to be trusted
 * @source: filled in with what they were read from
 * @closed: filled in: that could not be opened, so that nothing is known of the head. The
 *	kernel can read it all the same
 * @why: filled in on failure
 *
 * Return: 0 or a negative errno.
 */
int head_read(const struct nd_space *space, u8 head[PMA_HEAD_SIZE],
	      const char **source, bool *closed, struct pma_refusal *why)
{
	u64 at;

	*closed = false;
	if (nd_ours(space)) {
		*source = "pmem_altmap";
		return from_counters(space, head, why);
	}
	/* A dax device without a driver, as libpmem2 wants it, does not tell the numbers */
	if (space->dax && ndctl_dax_is_enabled(space->dax)) {
		*source = "device-dax";
		return from_device_dax(space, head, why);
	}
	if (space->pfn || space->btt) {
		*source = space->pfn ? "fsdax" : "btt";
		sign(head, space->pfn ? "NVDIMM_PFN_INFO" : "BTT_ARENA_INFO");
		return 0;
	}
	if (nd_bad_block(space, PMA_HEAD_SIZE, &at))
		return pma_refuse(
			why, -EIO,
			"known media error at offset %llu of the head: see 'ndctl list -M' and 'ndctl clear-errors'",
			at);
	if (*space->driver) {
		*source = "block device";
		return from_block_device(space, head, closed, why);
	}
	*source = "memory";
	return from_memory(space, head, closed, why);
}

/**
 * head_uuid - find the uuid of a namespace's info block, which "ndctl list" shows
 * @space: the namespace
 * @uuid: filled in
 *
 * Return: is it known? It is not if the namespace was attached by hand: see state_recall().
 */
bool head_uuid(const struct nd_space *space, char uuid[UUID_TEXT])
{
	u8 head[PMA_HEAD_SIZE];
	struct pma_infoblock ib;
	struct pma_refusal why;
	const char *source;
	struct counters c;
	uuid_t binary;
	bool closed;

	if (space->dax) {
		ndctl_dax_get_uuid(space->dax, binary);
	} else if (nd_ours(space)) {
		return !counters_read(space->name, &c) &&
		       state_recall(&c, uuid, UUID_TEXT);
	} else {
		if (head_read(space, head, &source, &closed, &why) ||
		    pma_infoblock_parse(head, &ib, &why))
			return false;
		memcpy(binary, ib.uuid, sizeof(binary));
	}
	uuid_unparse_lower(binary, uuid);
	return true;
}
