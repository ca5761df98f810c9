// SPDX-License-Identifier: GPL-2.0-only
/*
 * What altmapctl makes of the kernel's files: counters, device nodes, the census, /proc
 * and what the doctor looks at. See files.h.
 */
#include <json-c/json.h>

#include "doctor/doctor.h"
#include "files.h"
#include "module/as_json.h"
#include "module/counters.h"
#include "module/driver.h"
#include "module/pagemaps.h"
#include "output/status.h"
#include "system/machine.h"

#define NAME "namespace0.0"

bool driver_loaded(void)
{
	return files_get("/pmem_altmap/bind");
}

/* A file with a number in it and nothing else, in 31 characters */
static bool is_number(const char *file, u64 *value)
{
	unsigned __int128 n = 0;
	char path[64];
	const char *p;

	snprintf(path, sizeof(path), "/" NAME "/%s", file);
	p = files_get(path);
	if (!p || !isdigit((unsigned char)*p) || strcspn(p, "\n") > 31)
		return false;
	for (; isdigit((unsigned char)*p); p++) {
		n = n * 10 + (*p - '0');
		if (n > ~0ULL)
			return false;
	}
	*value = n;
	return !*p || *p == '\n';
}

static void check_counters(void)
{
	static const char *const names[] = {
		"base_pfn",   "end_pfn",   "reserve",	  "free",
		"align",      "alloc",	   "offset",	  "nr_free",
		"data_start", "data_size", "dram_memmap", "attach_ns",
		"mappings",
	};
	bool good = files_get("/" NAME "/state");
	u64 values[sizeof(names) / sizeof(names[0])], users;
	struct counters c;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		good &= is_number(names[i], &values[i]);
	/* An older module has none, but one that cannot be read is no "none" */
	if (files_get("/" NAME "/users"))
		good &= is_number("users", &users);
	rc = counters_read(NAME, &c);
	/* Longer ones are cut, and may be numbers then */
	if (good)
		CHECK(!rc && c.base_pfn == values[0] && c.free == values[3] &&
		      c.offset == values[6] && c.mappings == values[12]);
	for (i = 0; !rc && i < sizeof(names) / sizeof(names[0]); i++) {
		char path[64];

		snprintf(path, sizeof(path), "/" NAME "/%s", names[i]);
		CHECK(isdigit((unsigned char)*files_get(path)));
	}
	CHECK(rc <= 0 && strnlen(c.state, sizeof(c.state)) < sizeof(c.state));
	CHECK(strnlen(c.node, sizeof(c.node)) < sizeof(c.node));
	if (!rc && is_number("users", &users))
		CHECK(c.has_users && c.users == users);
	if (is_number("pinned", &users))
		CHECK(!counters_pinned(&c) && c.pinned == users);
}

/* Is there "LOW-HIGH : System RAM" that overlaps? Lines as the kernel writes them */
static bool is_ram(u64 start, u64 size)
{
	const char *line = files_get("/proc/iomem");
	u64 low, high;
	char *end;

	for (; line && *line; line += strcspn(line, "\n"), line += !!*line) {
		if (!isxdigit((unsigned char)*line) || line[1] == 'x')
			continue;
		low = strtoull(line, &end, 16);
		if (*end != '-' || !isxdigit((unsigned char)end[1]) ||
		    end[2] == 'x')
			continue;
		high = strtoull(end + 1, &end, 16);
		if (strncmp(end, " : System RAM", 13) || !high)
			continue;
		if (low < start + size && high >= start)
			return true;
	}
	return false;
}

static void check_machine(u64 start, u64 size)
{
	const u64 every = 4096 | 2 << 20 | 1 << 30;
	const char *ram = files_get("/proc/iomem");
	struct pma_memory_model mm;
	struct pma_refusal why;
	int rc;

	machine_model(&mm);
	CHECK(mm.page_size == 4096 && mm.aligns & 4096 &&
	      !(mm.aligns & ~every));
	CHECK(mm.aligns == 4096 ||
	      files_get("/sys/kernel/mm/transparent_hugepage"));
	if (machine_dram())
		CHECK(strstr(files_get("/proc/meminfo"), "MemTotal:"));
	rc = machine_check_range(start, size, &why);
	if (rc)
		check_refusal(rc, &why);
	CHECK(!rc || rc == -EBUSY || rc == -ERANGE);
	if (rc == -EBUSY)
		CHECK(strstr(ram, ": System RAM"));
	if (is_ram(start, size))
		CHECK(rc);
	CHECK(machine_release());
}

static void check_json(const struct pagemap *e, bool human)
{
	struct json_object *object = pagemap_json(e, human);
	struct json_object *again;

	again = json_tokener_parse(json_object_to_json_string(object));
	CHECK(again && json_object_equal(object, again));
	json_object_put(again);
	json_object_put(object);
}

static void check_census(void)
{
	struct pagemaps maps;
	u64 value;
	size_t i;
	int rc;

	rc = pagemaps_load(&maps);
	CHECK(rc == STATUS_OK || rc == STATUS_FAILED || rc == STATUS_NO_MODULE);
	for (i = 0; !rc && i < maps.n; i++) {
		check_json(&maps.entries[i], i % 2);
		CHECK(pagemap_same(&maps.entries[i], &maps.entries[i]));
	}
	if (!rc)
		pagemaps_free(&maps);
	rc = pagemaps_summary("memmap_dram", &value);
	CHECK(!rc || rc == -ENOENT);
	if (!rc)
		CHECK(strstr(files_get("/summary"), "memmap_dram "));
	rc = pagemaps_vmstat(&value);
	CHECK(!rc || rc == -ENOENT);
	if (!rc)
		CHECK(strstr(files_get("/proc/vmstat"), "nr_memmap_pages "));
}

static void check_doctor(void)
{
	static void (*const looks[])(struct finding * finding) = {
		check_kernel, check_headers,	check_built,	check_signed,
		check_loaded, check_debugfs,	check_lockdown, check_kdump,
		check_stock,  check_namespaces,
	};
	size_t i;

	for (i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		struct finding f = { 0 };

		looks[i](&f);
		CHECK(*f.text && strnlen(f.text, DOCTOR_TEXT) < DOCTOR_TEXT &&
		      strnlen(f.remedy, DOCTOR_TEXT) < DOCTOR_TEXT);
		CHECK(f.verdict == VERDICT_OK || f.verdict == VERDICT_WARN ||
		      f.verdict == VERDICT_FAIL);
		if (f.verdict == VERDICT_FAIL)
			CHECK(*f.remedy || looks[i] == check_kernel);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u64 start = take(&data, &size, 6);
	u64 length = take(&data, &size, 5);

	files_set(data, size);
	check_counters();
	check_machine(start, length + 1);
	check_census();
	check_doctor();
	files_free();
	return 0;
}
