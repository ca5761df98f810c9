// SPDX-License-Identifier: GPL-2.0-only
/* Any command line of a verb, its words with a NUL between them; and media errors */
#include "cmd/options.h"
#include "fuzz.h"
#include "libnvdimm/badblock.h"
#include "output/say.h"

int fuzz_printf(const char *fmt, ...);

#define WORDS 16

static bool flag, other;
static const char *text;
static u64 size_value, number;
static unsigned int said;

static const struct verb_option options[] = {
	{ OPTION_FLAG, 'f', "flag", &flag, NULL, "a flag" },
	{ OPTION_FLAG, 'o', "other", &other, NULL, "another" },
	{ OPTION_TEXT, 't', "text", &text, "TEXT", "a text" },
	{ OPTION_SIZE, 's', "size", &size_value, "SIZE", "a size" },
	{ OPTION_NUMBER, 0, "number", &number, "N", "a number" },
	{ 0 },
};

/* In place of cli/output/say.c, which would say it */
void say(const char *fmt, ...)
{
	char line[1024];
	va_list args;

	said++;
	va_start(args, fmt);
	CHECK(vsnprintf(line, sizeof(line), fmt, args) > 0);
	va_end(args);
}

/* The usage and the list for the completion are written for each -h */
int fuzz_printf(const char *fmt, ...)
{
	char line[512];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	CHECK(n > 0);
	return n;
}

static void check_options(char *words, size_t size)
{
	char *argv[WORDS + 2] = { (char *)"verb" }, *before[WORDS + 2];
	char *end = words + size;
	int argc = 1, rc, i, j;

	for (; words < end && argc <= WORDS; words += strlen(words) + 1)
		argv[argc++] = words;
	memcpy(before, argv, sizeof(argv));
	flag = other = false;
	text = NULL;
	size_value = number = 0;
	said = 0;

	rc = options_parse(options, "[OPTIONS]", argc, argv);
	CHECK(rc == OPTIONS_DONE || rc == OPTIONS_WRONG ||
	      (rc >= 1 && rc <= argc));
	CHECK(said == (rc == OPTIONS_WRONG));
	/* Words are moved, none is lost */
	for (i = 0; i < argc; i++) {
		for (j = 0; j < argc && argv[j] != before[i]; j++)
			;
		CHECK(j < argc);
	}
	if (argc == 1)
		CHECK(rc == 1 && !flag && !other && !text);
}

static void check_badblock(const u8 *data, size_t size)
{
	u64 sector = take(&data, &size, 8);
	u64 sectors = take(&data, &size, 4);
	u64 first = take(&data, &size, 6);
	u64 bytes = take(&data, &size, 6);
	const unsigned __int128 from = (unsigned __int128)sector * 512;
	const unsigned __int128 to = from + (unsigned __int128)sectors * 512;
	bool hit = sectors && to > first &&
		   from < (unsigned __int128)first + bytes;
	u64 at = ~0ULL;

	CHECK(badblock_hits(sector, sectors, first, bytes, &at) == hit);
	CHECK(at == (!hit ? ~0ULL : from > first ? (u64)from - first : 0));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *words = malloc(size + 1);

	memcpy(words, data, size);
	words[size] = '\0';
	check_options(words, size);
	check_badblock(data, size);
	free(words);
	return 0;
}
