// SPDX-License-Identifier: GPL-2.0-only
#include "output/json.h"
#include "output/refusals.h"
#include "output/text.h"

/**
 * refusals_add - make room for one more refusal, for pma_refuse()
 * @refusals: so far
 *
 * Return: the room. When all is taken, it is that of the last refusal.
 */
struct pma_refusal *refusals_add(struct refusals *refusals)
{
	if (refusals->n < REFUSALS_MAX)
		refusals->n++;
	return &refusals->list[refusals->n - 1];
}

/**
 * refusals_json - make an array of refusals
 * @refusals: to print
 *
 * Return: an array.
 */
struct json_object *refusals_json(const struct refusals *refusals)
{
	struct json_object *array = json_object_new_array();
	int i;

	for (i = 0; i < refusals->n; i++) {
		struct json_object *object = json_object_new_object();

		json_add_text(object, "error",
			      error_name(refusals->list[i].error));
		json_add_text(object, "reason", refusals->list[i].text);
		json_object_array_add(array, object);
	}
	return array;
}
