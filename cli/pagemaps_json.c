// SPDX-License-Identifier: GPL-2.0-only
#include "pagemaps.h"
#include "json.h"

/**
 * pagemap_json - a pagemap as it is printed
 * @e: it
 * @human: with units
 *
 * Return: an object.
 */
struct json_object *pagemap_json(const struct pagemap *e, bool human)
{
	struct json_object *object = json_object_new_object();

	json_add_address(object, "start", e->start, human);
	json_add_bytes(object, "size", e->size, human);
	json_add_text(object, "owner", e->owner);
	json_add_text(object, "driver", e->driver);
	json_add_text(object, "type", e->type);
	json_add_count(object, "order", e->order);
	if (e->altmap) {
		struct json_object *altmap = json_object_new_object();

		json_add_count(altmap, "base_pfn", e->base_pfn);
		json_add_count(altmap, "reserve", e->reserve);
		json_add_count(altmap, "free", e->free);
		json_add_count(altmap, "align", e->align);
		json_add_count(altmap, "alloc", e->alloc);
		json_add_count(altmap, "offset", e->offset);
		json_object_object_add(object, "altmap", altmap);
	}
	json_add_bytes(object, "memmap_device", e->memmap_device, human);
	json_add_bytes(object, "memmap_dram", e->memmap_dram, human);
	json_add_bytes(object, "data_size", e->data_size, human);
	return object;
}
