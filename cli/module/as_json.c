// SPDX-License-Identifier: GPL-2.0-only
#include "module/as_json.h"
#include "output/json.h"
#include "system/namespace.h"

/**
 * provider_json - make an object of a provider
 * @c: its counters
 * @place: where it belongs, or NULL
 * @pinned: counters_pinned() has counted, too
 * @human: print sizes with units
 *
 * Return: an object.
 */
struct json_object *provider_json(const struct counters *c,
				  const struct place *place, bool pinned,
				  bool human)
{
	struct json_object *object = json_object_new_object();
	struct json_object *altmap = json_object_new_object();
	char node[NODE_NAME + 8];

	json_add_text(object,
		      name_is_namespace(c->name) ? "namespace" : "device",
		      c->name);
	if (place) {
		json_add_text(object, "region", place->region);
		json_add_text(object, "bus", place->provider);
	}
	snprintf(node, sizeof(node), "/dev/%s", c->node);
	if (*c->node)
		json_add_text(object, "chardev", node);
	json_add_text(object, "state", c->state);
	json_add_address(object, "start", c->base_pfn * 4096, human);
	json_add_bytes(object, "size", (c->end_pfn + 1 - c->base_pfn) * 4096,
		       human);
	json_add_address(object, "data_start", c->data_start, human);
	json_add_bytes(object, "data_size", c->data_size, human);
	json_add_count(altmap, "base_pfn", c->base_pfn);
	json_add_count(altmap, "end_pfn", c->end_pfn);
	json_add_count(altmap, "reserve", c->reserve);
	json_add_count(altmap, "free", c->free);
	json_add_count(altmap, "align", c->align);
	json_add_count(altmap, "alloc", c->alloc);
	json_add_count(altmap, "offset", c->offset);
	json_add_count(altmap, "nr_free", c->nr_free);
	json_object_object_add(object, "altmap", altmap);
	json_add_bytes(object, "memmap_device", c->alloc * 4096, human);
	json_add_bytes(object, "memmap_dram", c->dram_memmap, human);
	json_add_count(object, "attach_ns", c->attach_ns);
	json_add_count(object, "mappings", c->mappings);
	if (c->has_users)
		json_add_count(object, "users", c->users);
	if (pinned)
		json_add_count(object, "pinned", c->pinned);
	return object;
}

/**
 * kept_json - make an object of a range of which the kernel has kept a part
 * @kept: the range
 * @human: print sizes with units
 *
 * Return: an object.
 */
struct json_object *kept_json(const struct kept *kept, bool human)
{
	struct json_object *object = json_object_new_object();

	json_add_text(object, "device", kept->device);
	json_add_address(object, "start", kept->start, human);
	json_add_bytes(object, "size", kept->size, human);
	json_add_count(object, "alloc", kept->alloc);
	json_add_text(object, "failed", kept->failed);
	return object;
}

/**
 * pagemap_json - make an object of a pagemap
 * @e: the pagemap
 * @human: print sizes with units
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
