// SPDX-License-Identifier: GPL-2.0-only
#include "forecast/plan.h"
#include "output/json.h"

static struct json_object *altmap(const struct pma_plan *l)
{
	struct json_object *object = json_object_new_object();

	json_add_count(object, "base_pfn", l->base_pfn);
	json_add_count(object, "end_pfn", l->end_pfn);
	json_add_count(object, "reserve", l->reserve);
	json_add_count(object, "free", l->free);
	json_add_count(object, "align", l->pad);
	json_add_count(object, "alloc", l->need);
	json_add_count(object, "offset", l->reserve + l->free);
	json_add_count(object, "nr_free", l->free - l->need - l->pad);
	return object;
}

/* What the namespace's bytes are used for; the parts add up to its size */
static struct json_object *capacity(const struct plan *plan, bool human)
{
	struct json_object *object = json_object_new_object();
	u64 memmap = plan->layout.full_memmap;
	u64 rest = plan->size - plan->layout.data_size - memmap -
		   PMA_INFOBLOCK_RESERVE;

	json_add_bytes(object, "data", plan->layout.data_size, human);
	json_add_bytes(object, "memmap", memmap, human);
	json_add_bytes(object, "info_block", PMA_INFOBLOCK_RESERVE, human);
	json_add_bytes(object, "rounding", rest, human);
	return object;
}

static void add_layout(struct json_object *object, const struct plan *plan,
		       bool human)
{
	const struct pma_plan *l = &plan->layout;

	json_add_bytes(object, "align", l->align, human);
	json_add_address(object, "data_start", l->data_start, human);
	json_add_bytes(object, "data_size", l->data_size, human);
	json_object_object_add(object, "altmap", altmap(l));
	json_object_object_add(object, "capacity", capacity(plan, human));
	json_add_bytes(object, "dram_memmap",
		       (l->head_pages + l->tail_pages) *
			       plan->infoblock.page_struct_size,
		       human);
}

static struct json_object *hints(const struct plan *plan)
{
	struct json_object *array = json_object_new_array();
	int i;

	for (i = 0; i < plan->n_hints; i++)
		json_object_array_add(array,
				      json_object_new_string(plan->hints[i]));
	return array;
}

static struct json_object *ways(const struct plan *plan, bool human)
{
	struct json_object *array = json_object_new_array();
	int i;

	for (i = 0; i < FORECAST_WAYS; i++) {
		const struct forecast_way *way = &plan->ways[i];
		struct json_object *object = json_object_new_object();

		json_add_text(object, "way", way->name);
		json_add_bytes(object, "align", way->align, human);
		json_object_object_add(object, "possible",
				       json_object_new_boolean(way->possible));
		if (way->possible) {
			json_add_bytes(object, "device", way->device, human);
			json_add_bytes(object, "dram",
				       way->dram + way->page_tables, human);
			json_add_bytes(object, "data_size", way->data_size,
				       human);
		}
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *recommendation(const struct plan *plan, bool human)
{
	struct json_object *object = json_object_new_object();

	json_add_text(object, "way",
		      plan->best.way < 0 ? "none" :
					   plan->ways[plan->best.way].name);
	if (plan->best.way >= 0)
		json_add_bytes(object, "align",
			       plan->ways[plan->best.way].align, human);
	json_add_text(object, "why", plan->best.why);
	return object;
}

/**
 * plan_json - make an object of a plan
 * @plan: filled in
 * @human: print sizes with units
 *
 * Return: an object.
 */
struct json_object *plan_json(const struct plan *plan, bool human)
{
	struct json_object *object = json_object_new_object();

	if (*plan->name) {
		json_add_text(object, "namespace", plan->name);
		json_add_text(object, "mode", plan->mode);
	}
	json_add_text(object, "info_block", plan->source);
	json_add_address(object, "start", plan->start, human);
	json_add_bytes(object, "size", plan->size, human);
	if (plan->laid_out)
		add_layout(object, plan, human);
	json_object_object_add(object, "refusals",
			       refusals_json(&plan->refusals));
	json_object_object_add(object, "advice", hints(plan));
	if (plan->size) {
		json_object_object_add(object, "ways", ways(plan, human));
		json_object_object_add(object, "recommendation",
				       recommendation(plan, human));
	}
	return object;
}
