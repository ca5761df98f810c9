// SPDX-License-Identifier: GPL-2.0-only
/* altmapctl's configuration: any text is read or refused in a line */
#include "attach/config.h"
#include "fuzz.h"
#include "system/namespace.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct config config = { 0 };
	struct pma_refusal why;
	char *text = malloc(size + 1);
	size_t i;
	int rc;

	memcpy(text, data, size);
	text[size] = '\0';
	rc = config_parse(text, &config, &why);
	if (rc)
		CHECK(rc < 0 && *why.text && !strchr(why.text, '\n'));
	/* What was accepted names exactly one namespace each */
	for (i = 0; !rc && i < config.n; i++) {
		const struct config_entry *e = &config.entries[i];

		CHECK(*e->name && !*e->uuid == !!*e->namespace);
		CHECK(strlen(e->uuid) == (*e->uuid ? 36 : 0));
		CHECK(!*e->namespace || name_is_namespace(e->namespace));
	}
	config_free(&config);
	free(text);
	return 0;
}
