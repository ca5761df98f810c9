// SPDX-License-Identifier: GPL-2.0-only
/* What altmapctl makes of the module's altmaps_json, and of sizes */
#include "fuzz.h"
#include "module/pagemaps.h"
#include "output/units.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *line = malloc(size + 1), text[UNITS_SIZE];
	struct pma_refusal why;
	struct pagemap e;
	u64 bytes;
	int rc;

	/* Of the exact size, so that the sanitizer sees an overrun */
	memcpy(line, data, size);
	rc = pagemaps_parse_line(line, size, &e, &why);
	if (rc)
		CHECK(rc == why.error && *why.text);
	else
		CHECK(strnlen(e.owner, sizeof(e.owner)) < sizeof(e.owner) &&
		      strnlen(e.type, sizeof(e.type)) < sizeof(e.type));

	line[size] = '\0';
	if (!units_parse(line, &bytes)) {
		units_print(bytes, text);
		CHECK(strlen(text) < UNITS_SIZE - 1);
	}
	free(line);
	return 0;
}
