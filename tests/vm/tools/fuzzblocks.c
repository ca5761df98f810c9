// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzzblocks SEED FIRST ROUNDS STOCK NAMESPACE...: write a head into one of the
 * namespaces, which nobody has, attach it, and judge by rules of its own what becomes
 * of it. Every STOCK-th round the stock drivers are asked as well; 0: they never are.
 * Round FIRST of a seed is the same whatever came before. Lines for people begin with
 * "#"; the last ones are counts, "NAME VALUE". Ends with 1 if anything was wrong.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "blockdev.h"
#include "blockgen.h"

#define DRIVER "/sys/bus/nd/drivers/pmem_altmap/"
#define SPACES 8
#define IOMEM 65536

struct counts {
	u64 accepted, refused, wrong;
	u64 by_rule[RULES];
	u64 asked, shaky, both, neither;
	u64 only_stock[RULES];
	u64 only_ours[2];
};

/* What stock accepts and ours does not, for reasons that are told */
static const unsigned int told = 1 << RULE_VERSION | 1 << RULE_FLAGS |
				 1 << RULE_NPFNS | 1 << RULE_MODE |
				 1 << RULE_PAGE_SIZE;

/* What ours accepts and stock does not: see docs/design-notes.md */
enum {
	OURS_OLD, /* no align in the block, as before 1.2 */
	OURS_ODD, /* the namespace itself is not aligned, the padded range is */
};

static struct space spaces[SPACES];
static struct counts counts;
static char iomem_before[IOMEM], iomem_now[IOMEM];
static u64 seed, now;
static sigjmp_buf jump;

static void wrong(const struct space *space, const char *fmt, ...)
{
	va_list args;

	printf("# WRONG in round %lu of seed %lu, %s: ", now, seed,
	       space->name);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	counts.wrong++;
}

static void expect(const struct space *space, const char *what, u64 got,
		   u64 want)
{
	if (got != want)
		wrong(space, "%s is %#lx, not %#lx", what, got, want);
}

static void show(const struct space *space, const u8 *head)
{
	const u8 *b = head + BLOCK_AT;

	printf("# %s [%#lx %#lx]: version %lu.%lu flags %#lx dataoff %#lx npfns %#lx mode %#lx start_pad %#lx end_trunc %#lx align %#lx page_size %#lx page_struct_size %#lx\n",
	       space->name, space->start, space->size,
	       block_get(b, AT_MAJOR, 2), block_get(b, AT_MINOR, 2),
	       block_get(b, AT_FLAGS, 4), block_get(b, AT_DATAOFF, 8),
	       block_get(b, AT_NPFNS, 8), block_get(b, AT_MODE, 4),
	       block_get(b, AT_START_PAD, 4), block_get(b, AT_END_TRUNC, 4),
	       block_get(b, AT_ALIGN, 4), block_get(b, AT_PAGE_SIZE, 4),
	       block_get(b, AT_STRUCT_SIZE, 2));
}

static void caught(int sig)
{
	siglongjmp(jump, sig);
}

/* 0 or the signal that it gives; @value is written */
static int store(volatile u64 *to, u64 value)
{
	int sig = sigsetjmp(jump, 1);

	if (!sig)
		*to = value;
	return sig;
}

/* The unit of data at @offset is there, or is not, when it is touched */
static void touch(const struct space *space, int fd, u64 unit, u64 offset,
		  u64 at, u64 value, int is_there)
{
	u8 *p = mmap(NULL, unit, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		     offset);
	int sig;

	if (p == MAP_FAILED) {
		if (is_there)
			wrong(space, "data at %#lx cannot be mapped: %s",
			      offset, strerror(errno));
		return;
	}
	sig = store((u64 *)(p + at), value);
	if (is_there && sig)
		wrong(space, "touching data at %#lx: %s", offset,
		      strsignal(sig));
	if (!is_there && sig != SIGBUS)
		wrong(space, "no bus error at %#lx, behind the data", offset);
	munmap(p, unit);
}

static void check_data(const struct space *space, const struct verdict *v,
		       u64 mark)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", space->name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		wrong(space, "cannot open %s: %s", path, strerror(errno));
		return;
	}
	touch(space, fd, v->unit, 0, 0, mark, 1);
	touch(space, fd, v->unit, v->data_size - v->unit, v->unit - 8, ~mark,
	      1);
	touch(space, fd, v->unit, v->data_size, 0, mark, 0);
	touch(space, fd, v->unit, v->data_size + 8 * GIB, 0, mark, 0);
	touch(space, fd, v->unit, (1ULL << 63) - v->unit, 0, mark, 0);
	close(fd);
}

static u64 node_number(const struct space *space, const char *file)
{
	char path[128], text[64];

	snprintf(path, sizeof(path), "/sys/bus/nd/devices/%s/dax/%s/%s",
		 space->name, space->name, file);
	file_read(path, text, sizeof(text));
	return strtoull(text, NULL, 0);
}

static void check_figures(const struct space *space, const struct verdict *v)
{
	const struct {
		const char *name;
		u64 want;
	} files[] = {
		{ "base_pfn", v->base_pfn },
		{ "end_pfn", v->end_pfn },
		{ "reserve", v->reserve },
		{ "free", v->free },
		{ "align", v->align },
		{ "alloc", v->alloc },
		{ "offset", v->offset },
		{ "nr_free", v->nr_free },
		{ "data_start", v->data_start },
		{ "data_size", v->data_size },
		{ "dram_memmap", v->dram_memmap },
		{ "mappings", 0 },
		{ "pinned", 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(*files); i++)
		expect(space, files[i].name,
		       counter(space->name, files[i].name), files[i].want);
	expect(space, "the node's align", node_number(space, "align"), v->unit);
	expect(space, "the node's size", node_number(space, "size"),
	       v->data_size);
}

static u64 word_at(u64 address)
{
	u64 value;

	memory_copy(address, &value, 8, 0);
	return value;
}

/* Words beside what is to be mapped, that nobody may change */
static int place_canaries(const struct space *space, const struct verdict *v,
			  u64 *at, u64 mark)
{
	u64 low = v->base_pfn * PAGE, high = (v->end_pfn + 1) * PAGE;
	int n = 0, i;

	if (low > space->start + HEAD_SIZE)
		at[n++] = low - 8;
	if (high < space->start + space->size) {
		at[n++] = high;
		at[n++] = space->start + space->size - 8;
	}
	for (i = 0; i < n; i++) {
		u64 word = mark + i;

		memory_copy(at[i], &word, 8, 1);
	}
	return n;
}

static void detach(const struct space *space)
{
	struct words words;
	int rc = file_write(DRIVER "unbind", space->name);

	if (rc)
		wrong(space, "cannot be detached: %s", strerror(-rc));
	/* "detached ... bytes, alloc is back at 0" */
	log_hear(space->name, &words);
	if (words.others != 1 || !strstr(words.line, "alloc is back at 0"))
		wrong(space, "detaching says: %s", words.line);
}

static void accepted(const struct space *space, const struct verdict *v,
		     const struct words *words)
{
	u64 mark = rng_of(seed, ~now).state, canaries[3];
	int n, i;

	counts.accepted++;
	if (words->attached != 1 || words->refusals || words->others)
		wrong(space, "attached with these words: %s", words->line);
	if (v->broken) {
		wrong(space, "WRONGLY ACCEPTED, broken rules %#x", v->broken);
		detach(space);
		return;
	}
	check_figures(space, v);
	check_data(space, v, mark);
	detach(space);
	expect(space, "the first word of the data", word_at(v->data_start),
	       mark);
	expect(space, "the last word of the data",
	       word_at(v->data_start + v->data_size - 8), ~mark);

	/* Once more, to see who writes beside it */
	if (mark % 4)
		return;
	n = place_canaries(space, v, canaries, mark);
	file_write(DRIVER "allow", space->name);
	if (file_write(DRIVER "bind", space->name))
		wrong(space, "cannot be attached again");
	else
		detach(space);
	for (i = 0; i < n; i++)
		expect(space, "a word beside the map", word_at(canaries[i]),
		       mark + i);
}

static void refused(const struct space *space, const struct verdict *v, int rc,
		    const struct words *words)
{
	int i, named = 0;

	counts.refused++;
	if (words->refusals != 1 || words->attached || words->others) {
		wrong(space, "refused (%s) with these words: %s", strerror(-rc),
		      words->line);
		return;
	}
	if (!v->broken) {
		wrong(space, "WRONGLY REFUSED: %s", words->line);
		return;
	}
	for (i = 0; i < RULES; i++) {
		if (!(v->broken & 1 << i))
			continue;
		named |= rules[i].error == words->error;
		counts.by_rule[i]++;
	}
	if (!named)
		wrong(space, "refused for a wrong reason, broken rules %#x: %s",
		      v->broken, words->line);
	/* Before v5.14 the driver core keeps the error for itself */
	if (rc != -words->error && rc != -ENODEV)
		wrong(space, "bind says '%s', the log %d", strerror(-rc),
		      words->error);
}

static void compare(const struct space *space, const u8 *head,
		    const struct verdict *v)
{
	const u8 *block = head + BLOCK_AT;
	u64 start = 0, size = 0;
	int is_old = block_get(block, AT_MINOR, 2) < 2 ||
		     !block_get(block, AT_ALIGN, 4);
	int is_odd = (space->start | space->size) % SUBSECTION != 0;
	int takes, i;

	if (v->shaky) {
		counts.shaky++;
		return;
	}
	counts.asked++;
	takes = stock_attach(space, &start, &size);
	if (!v->broken && takes) {
		counts.both++;
		expect(space, "stock data_start", start, v->data_start);
		expect(space, "stock data_size", size, v->data_size);
	} else if (!v->broken && is_odd) {
		counts.only_ours[OURS_ODD]++;
	} else if (!v->broken && is_old) {
		counts.only_ours[OURS_OLD]++;
	} else if (!v->broken) {
		wrong(space, "the stock driver REFUSES what is accepted");
		show(space, head);
	} else if (!takes) {
		counts.neither++;
	} else {
		for (i = 0; i < RULES; i++)
			counts.only_stock[i] += !!(v->broken & 1 << i);
		if (v->broken & ~told) {
			wrong(space,
			      "the stock driver ACCEPTS it, broken rules %#x",
			      v->broken);
			show(space, head);
		}
	}
	stock_detach(space);
	log_skip();
}

static void one_round(u64 stock, int n)
{
	struct rng r = rng_of(seed, now);
	const struct space *space = &spaces[rng_below(&r, n)];
	u8 head[HEAD_SIZE], after[HEAD_SIZE];
	u64 wrong_before = counts.wrong;
	struct words words;
	struct verdict v;
	int rc;

	/* Large ones take their time */
	if (space->size > GIB && rng_percent(&r, 70))
		space = &spaces[rng_below(&r, n)];
	block_make(&r, space, head);
	block_judge(head, space, &v);
	memory_copy(space->start, head, HEAD_SIZE, 1);

	rc = file_write(DRIVER "allow", space->name);
	if (rc)
		wrong(space, "cannot be named: %s", strerror(-rc));
	rc = file_write(DRIVER "bind", space->name);
	log_hear(space->name, &words);
	if (rc)
		refused(space, &v, rc, &words);
	else
		accepted(space, &v, &words);

	if (is_anything_attached())
		wrong(space, "something is attached afterwards");
	file_read("/proc/iomem", iomem_now, IOMEM);
	if (strcmp(iomem_before, iomem_now))
		wrong(space, "/proc/iomem has changed");
	memory_copy(space->start, after, HEAD_SIZE, 0);
	if (memcmp(head, after, HEAD_SIZE))
		wrong(space, "the head has changed");
	if (stock && now % stock == 0)
		compare(space, head, &v);
	if (counts.wrong != wrong_before)
		show(space, head);
}

static void report(void)
{
	int i;

	for (i = 0; i < RULES; i++)
		printf("# broken: %-16s %6lu of the refused, stock accepts %lu\n",
		       rules[i].name, counts.by_rule[i], counts.only_stock[i]);
	printf("accepted %lu\nrefused %lu\nwrong %lu\n", counts.accepted,
	       counts.refused, counts.wrong);
	printf("stock_asked %lu\nstock_not_asked %lu\nboth_accept %lu\nboth_refuse %lu\n",
	       counts.asked, counts.shaky, counts.both, counts.neither);
	printf("only_ours_old %lu\nonly_ours_odd %lu\n",
	       counts.only_ours[OURS_OLD], counts.only_ours[OURS_ODD]);
}

int main(int argc, char **argv)
{
	u64 first, rounds, stock;
	int i, n = argc - 5;

	if (n < 1 || n > SPACES) {
		fprintf(stderr,
			"usage: fuzzblocks SEED FIRST ROUNDS STOCK NAMESPACE...\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	seed = strtoull(argv[1], NULL, 0);
	first = strtoull(argv[2], NULL, 0);
	rounds = strtoull(argv[3], NULL, 0);
	stock = strtoull(argv[4], NULL, 0);
	for (i = 0; i < n; i++)
		space_find(argv[5 + i], &spaces[i]);
	signal(SIGBUS, caught);
	signal(SIGSEGV, caught);
	log_open();
	file_read("/proc/iomem", iomem_before, IOMEM);
	for (now = first; now < first + rounds && counts.wrong < 20; now++) {
		one_round(stock, n);
		if (now % 1000 == 999)
			printf("# %lu rounds\n", now + 1 - first);
	}
	report();
	return counts.wrong ? 1 : 0;
}
