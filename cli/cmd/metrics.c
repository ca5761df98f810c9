// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/options.h"
#include "module/counters.h"
#include "module/driver.h"
#include "module/kept.h"
#include "module/pagemaps.h"
#include "output/say.h"
#include "output/text.h"
#include "system/paths.h"

static const char *output;
static bool verbose;

static const struct verb_option options[] = {
	{ OPTION_TEXT, 'o', "output", &output, "FILE",
	  "replace this file in one step, for node_exporter's textfile collector" },
	{ OPTION_FLAG, 'v', "verbose", &verbose, NULL,
	  "count pinned pages, which takes time" },
	{ 0 },
};

#define PAGE 4096

/* Metrics of a provider: each is @unit times the counter at @offset */
static const struct metric {
	const char *name;
	const char *help;
	size_t offset;
	double unit;
} metrics[] = {
	{ "reserve_bytes", "Head of the namespace that keeps the info block.",
	  offsetof(struct counters, reserve), PAGE },
	{ "free_bytes",
	  "Part of the namespace that was set aside for its memmap.",
	  offsetof(struct counters, free), PAGE },
	{ "align_bytes", "Part of free that is lost to alignment.",
	  offsetof(struct counters, align), PAGE },
	{ "alloc_bytes", "Part of free that the kernel took for the memmap.",
	  offsetof(struct counters, alloc), PAGE },
	{ "nr_free_bytes", "Part of free that nobody took.",
	  offsetof(struct counters, nr_free), PAGE },
	{ "data_bytes", "Data of the namespace.",
	  offsetof(struct counters, data_size), 1 },
	{ "memmap_dram_bytes",
	  "Memmap of the namespace that is in DRAM all the same.",
	  offsetof(struct counters, dram_memmap), 1 },
	{ "attach_seconds", "Time that adding the memory took.",
	  offsetof(struct counters, attach_ns), 1e-9 },
	{ "mappings", "Mappings of the data into user space.",
	  offsetof(struct counters, mappings), 1 },
	{ "users", "References to it that other modules hold.",
	  offsetof(struct counters, users), 1 },
	{ "pinned_bytes", "Data that is pinned.",
	  offsetof(struct counters, pinned), PAGE },
};

struct samples {
	FILE *file;
	struct counters *counters;
	size_t n;
};

static int keep(const struct counters *c, void *data)
{
	struct samples *samples = data;
	struct counters *more =
		realloc(samples->counters, (samples->n + 1) * sizeof(*more));
	int rc;

	if (!more)
		return STATUS_FAILED;
	samples->counters = more;
	more[samples->n] = *c;
	rc = verbose ? counters_pinned(&more[samples->n]) : 0;
	if (rc)
		return counters_unread(c->name, rc);
	samples->n++;
	return STATUS_OK;
}

static void head(FILE *file, const char *name, const char *help)
{
	fprintf(file, "# HELP pmem_altmap_%s %s\n", name, help);
	fprintf(file, "# TYPE pmem_altmap_%s gauge\n", name);
}

/* Another module's device may have a name that has to be escaped */
static void print_label(FILE *file, const char *name)
{
	char safe[TEXT_ESCAPED(PROVIDER_NAME)], *c;

	text_escape(safe, sizeof(safe), name, TEXT_UTF8);
	for (c = safe; *c; c++) {
		if (*c == '\\' || *c == '"')
			fputc('\\', file);
		fputc(*c, file);
	}
}

static void print_sample(FILE *file, const char *metric, const char *name,
			 int decimals, double value)
{
	fprintf(file, "pmem_altmap_%s{namespace=\"", metric);
	print_label(file, name);
	fprintf(file, "\"} %.*f\n", decimals, value);
}

static void print_metric(const struct samples *samples,
			 const struct metric *metric)
{
	size_t i;

	if (metric->offset == offsetof(struct counters, pinned) && !verbose)
		return;
	if (metric->offset == offsetof(struct counters, users) &&
	    !samples->counters[0].has_users)
		return;
	head(samples->file, metric->name, metric->help);
	for (i = 0; i < samples->n; i++) {
		const struct counters *c = &samples->counters[i];
		u64 value = *(const u64 *)((const char *)c + metric->offset);

		print_sample(samples->file, metric->name, c->name,
			     metric->unit < 1 ? 9 : 0, value * metric->unit);
	}
}

static void print_providers(const struct samples *samples)
{
	size_t i;

	if (!samples->n)
		return;
	head(samples->file, "quiesced",
	     "1 if nothing can be mapped because a detach was asked for.");
	for (i = 0; i < samples->n; i++)
		print_sample(samples->file, "quiesced",
			     samples->counters[i].name, 0,
			     !strcmp(samples->counters[i].state, "quiesced"));
	for (i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		print_metric(samples, &metrics[i]);
}

/* Sums of the whole system, from a file that older modules do not have */
static void print_system(FILE *file)
{
	u64 device, dram, pagemaps, altmaps, vmstat;

	if (pagemaps_summary("memmap_device", &device) ||
	    pagemaps_summary("memmap_dram", &dram) ||
	    pagemaps_summary("pagemaps", &pagemaps) ||
	    pagemaps_summary("altmaps", &altmaps))
		return;
	head(file, "system_memmap_bytes",
	     "Memmap of all device memory of the system, by where it is.");
	fprintf(file,
		"pmem_altmap_system_memmap_bytes{location=\"device\"} %llu\n",
		device);
	fprintf(file,
		"pmem_altmap_system_memmap_bytes{location=\"dram\"} %llu\n",
		dram);
	if (!pagemaps_vmstat(&vmstat)) {
		head(file, "system_vmstat_memmap_bytes",
		     "Memmap that nr_memmap_pages of /proc/vmstat counts as DRAM, though it includes memmap on devices.");
		fprintf(file, "pmem_altmap_system_vmstat_memmap_bytes %llu\n",
			vmstat);
	}
	head(file, "system_pagemaps", "Ranges of device memory of the system.");
	fprintf(file, "pmem_altmap_system_pagemaps %llu\n", pagemaps);
	head(file, "system_altmaps",
	     "Those of them that have their memmap on the device.");
	fprintf(file, "pmem_altmap_system_altmaps %llu\n", altmaps);
}

static int count_kept(const struct kept *kept, void *data)
{
	u64 *ranges_and_pages = data;

	ranges_and_pages[0]++;
	ranges_and_pages[1] += kept->alloc;
	return STATUS_OK;
}

/* Anything but 0 is a reason to be woken: the kernel's memmap lies on a device until a reboot */
static int print_kept(FILE *file)
{
	u64 kept[2] = { 0 };
	int status = kept_each(count_kept, kept);

	if (status)
		return status;
	head(file, "kept_ranges",
	     "Ranges of which the kernel has kept a part until the next boot.");
	fprintf(file, "pmem_altmap_kept_ranges %llu\n", kept[0]);
	head(file, "kept_bytes",
	     "Parts of devices that the kernel uses as memmap until then.");
	fprintf(file, "pmem_altmap_kept_bytes %llu\n", kept[1] * PAGE);
	return STATUS_OK;
}

static int print(FILE *file)
{
	struct samples samples = { .file = file };
	bool loaded = driver_loaded();
	int status = STATUS_OK;

	if (loaded)
		status = counters_available();
	if (!status && loaded)
		status = counters_each(keep, &samples);
	if (!status) {
		head(file, "loaded", "1 if the module is loaded.");
		fprintf(file, "pmem_altmap_loaded %d\n", loaded);
		head(file, "providers",
		     "What is attached, and what other modules added.");
		fprintf(file, "pmem_altmap_providers %zu\n", samples.n);
		print_providers(&samples);
		if (loaded)
			print_system(file);
		if (loaded)
			status = print_kept(file);
	}
	free(samples.counters);
	return status;
}

static int say_unwritten(const char *path)
{
	say("cannot write %s, or beside it: %s", path, strerror(errno));
	return STATUS_FAILED;
}

/* The file is renamed in one step, so that a collector never sees half of it */
static int replace(const char *path)
{
	char temporary[PATH_MAX];
	int fd, status;
	FILE *file = NULL;

	snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd >= 0)
		file = fdopen(fd, "w");
	if (!file || fchmod(fd, 0644)) {
		status = say_unwritten(path);
	} else {
		status = print(file);
		if (!status && (fflush(file) || ferror(file)))
			status = say_unwritten(path);
	}
	if (file && fclose(file) && !status)
		status = say_unwritten(path);
	if (!status && rename(temporary, path)) {
		say("cannot replace %s: %s", path, strerror(errno));
		status = STATUS_FAILED;
	}
	if (status && fd >= 0)
		unlink(temporary);
	return status;
}

int cmd_metrics(int argc, char **argv)
{
	int first = options_parse(options, "[OPTIONS]", argc, argv);

	if (first < 0)
		return first == OPTIONS_DONE ? STATUS_OK : STATUS_USAGE;
	if (first != argc) {
		say("metrics: '%s' is one word too many", argv[first]);
		return STATUS_USAGE;
	}
	return output ? replace(output) : print(stdout);
}
