// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <uuid/uuid.h>

#include "head.h"
#include "paths.h"
#include "state.h"

static void put(u8 *block, int offset, int bytes, u64 value)
{
	int i;

	for (i = 0; i < bytes; i++)
		block[offset + i] = value >> (8 * i);
}

/*
 * A driver that has a namespace hides the head, but says what was in it. A block of
 * that is made anew, so that the one parser judges all.
 */
static void rebuild(u8 *head, const char *signature, u32 mode, u64 dataoff,
		    u64 npfns, u64 end_trunc, u64 align)
{
	u8 *block = head + PMA_INFOBLOCK_OFFSET;

	memset(head, 0, PMA_HEAD_SIZE);
	memcpy(block, signature, strlen(signature));
	put(block, PMA_IB_MAJOR, 2, PMA_INFOBLOCK_MAJOR);
	put(block, PMA_IB_MINOR, 2, PMA_INFOBLOCK_MINOR_MAX);
	put(block, PMA_IB_MODE, 4, mode);
	put(block, PMA_IB_DATAOFF, 8, dataoff);
	put(block, PMA_IB_NPFNS, 8, npfns);
	put(block, PMA_IB_END_TRUNC, 4, end_trunc);
	put(block, PMA_IB_ALIGN, 4, align);
	put(block, PMA_IB_PAGE_SIZE, 4, 4096);
	put(block, PMA_IB_PAGE_STRUCT_SIZE, 2, 64);
	put(block, PMA_IB_CHECKSUM, 8, pma_infoblock_checksum(block));
}

static int from_counters(const struct nd_space *space, u8 *head,
			 struct pma_refusal *why)
{
	struct counters c;
	int rc = counters_read(space->name, &c);
	struct node node;
	u64 end;

	if (rc)
		return pma_refuse(
			why, rc,
			"its counters cannot be read (%s): is debugfs mounted, and are you root?",
			strerror(-rc));
	end = space->start + space->size;
	rebuild(head, "NVDIMM_DAX_INFO", PMA_MODE_PMEM, c.offset * 4096,
		c.data_size / 4096, end - (c.end_pfn + 1) * 4096,
		node_find(space->name, &node) ? node.align : 0);
	return 0;
}

static int from_device_dax(const struct nd_space *space, u8 *head,
			   struct pma_refusal *why)
{
	u64 start = ndctl_dax_get_resource(space->dax);
	u64 size = ndctl_dax_get_size(space->dax);
	u64 end = space->start + space->size;
	u32 mode = PMA_MODE_PMEM;

	if (ndctl_dax_get_location(space->dax) == NDCTL_PFN_LOC_RAM)
		mode = PMA_MODE_RAM;
	if (start == ~0ULL || start < space->start || start + size > end)
		return pma_refuse(
			why, -EACCES,
			"its data's address cannot be read: run this as root");
	rebuild(head, "NVDIMM_DAX_INFO", mode, start - space->start,
		size / 4096, end - start - size,
		ndctl_dax_get_align(space->dax));
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

/* Nobody has it: its memory is looked at, and neither driver nor udev is bothered */
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
 * head_read - what the first 8 KiB of a namespace hold
 * @space: the namespace
 * @head: filled in; not to be trusted
 * @source: filled in: where that was read
 * @closed: filled in on failure: what it would be read from cannot be opened, which
 *	says nothing of the head. The kernel can read it all the same
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
	/* An idle one, as for libpmem2, says nothing of its data */
	if (space->dax && ndctl_dax_is_enabled(space->dax)) {
		*source = "device-dax";
		return from_device_dax(space, head, why);
	}
	if (space->pfn || space->btt) {
		*source = space->pfn ? "fsdax" : "btt";
		rebuild(head, space->pfn ? "NVDIMM_PFN_INFO" : "BTT_ARENA_INFO",
			PMA_MODE_PMEM, 0, 0, 0, 0);
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
 * head_uuid - the uuid of a namespace's info block, which "ndctl list" shows
 * @space: the namespace
 * @uuid: filled in
 *
 * Return: is it known? Not of what was attached by hand, see state_recall().
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
