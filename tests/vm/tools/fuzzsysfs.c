// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzzsysfs SEED CALLS PROCESSES NAMES FILE... [-- FILE...]: write texts of all kinds to
 * the first files, and read the others at odd places, from several processes at once.
 * NAMES are namespaces, with commas. What is written to a file of the driver and taken
 * must be the name of one that there is. Ends with 1 if anything else was.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzzrand.h"

#define NAMES 8
#define TEXT 8192
#define FILES 64
#define DRIVER "/drivers/pmem_altmap/"

static struct tally {
	u64 writes, taken, reads, bytes, counters, wrong;
	/* Of each file that is written to */
	u64 took[FILES];
} * tally;

static char *names[NAMES];
static int nr_names;
static char **files, **shown;
static int nr_files, nr_shown;

static void count(u64 *what, u64 by)
{
	__atomic_fetch_add(what, by, __ATOMIC_RELAXED);
}

static const char *a_name(struct rng *r)
{
	static const char *const others[] = {
		"namespace99.0",
		"region0",
		"dax0.0",
		"nmem0",
		"ndbus0",
		"namespace",
		"namespace0",
		"pmem_altmap",
		"namespace00.0",
		"namespace0.0.0",
		"Y",
		"N",
		"1",
		"0",
		"add",
		"change",
		"auto",
		"on",
		"",
		"namespace-1.0",
		"namespace0.00",
		"namespace0. 0",
	};

	if (rng_percent(r, 60))
		return names[rng_below(r, nr_names)];
	return others[rng_below(r, sizeof(others) / sizeof(*others))];
}

static size_t add(char *text, size_t used, const char *more)
{
	size_t n = strlen(more);

	if (used + n > TEXT)
		return used;
	memcpy(text + used, more, n);
	return used + n;
}

/* A name, and what may stand around it; or anything at all */
static size_t make_text(struct rng *r, char *text)
{
	static const char *const around[] = { " ",  "\n", "\t",	 "\n\n",
					      "\r", "\v", ",",	 "/",
					      "..", "\\", "%s%n" };
	size_t size = 0, i, n;

	if (rng_percent(r, 12)) {
		size = rng_percent(r, 30) ? 4090 + rng_below(r, 12) :
					    rng_below(r, TEXT);
		for (i = 0; i < size; i++)
			text[i] = rng_next(r);
		return size;
	}
	if (rng_percent(r, 15))
		size = add(text, size, around[rng_below(r, 11)]);
	size = add(text, size, a_name(r));
	if (rng_percent(r, 60))
		size = add(text, size, "\n");
	if (rng_percent(r, 15))
		size = add(text, size, around[rng_below(r, 11)]);
	if (rng_percent(r, 10))
		size = add(text, size, a_name(r));
	if (rng_percent(r, 10))
		text[size++] = '\0';
	if (rng_percent(r, 10))
		size = add(text, size, a_name(r));
	if (rng_percent(r, 5)) {
		n = rng_percent(r, 50) ? 4097 : rng_below(r, TEXT - size);
		while (size < n)
			text[size++] = rng_percent(r, 90) ? ' ' : 'x';
	}
	if (size && rng_percent(r, 5))
		text[rng_below(r, size)] ^= 1 << rng_below(r, 8);
	if (rng_percent(r, 3))
		size = rng_below(r, size + 1);
	return size;
}

/* The kernel's isspace() is of Latin-1 */
static int is_blank(unsigned char c)
{
	return isspace(c) || c == 0xa0;
}

/* Up to a NUL, and without blanks around, is it the name of one that there is? */
static int is_named(const char *text, size_t size)
{
	const char *from = text;
	size_t n = strnlen(text, size);
	int i;

	while (n && is_blank(from[n - 1]))
		n--;
	for (; n && is_blank(*from); from++)
		n--;
	for (i = 0; i < nr_names; i++)
		if (strlen(names[i]) == n && !memcmp(names[i], from, n))
			return 1;
	return 0;
}

static void wrong(const char *file, const char *text, size_t size)
{
	size_t i;

	printf("# WRONG: %s takes, of %zu bytes, '", file, size);
	for (i = 0; i < size && i < 80; i++)
		printf(isprint((unsigned char)text[i]) ? "%c" : "\\x%02x",
		       (unsigned char)text[i]);
	printf("'\n");
	count(&tally->wrong, 1);
}

static void write_one(struct rng *r, int which)
{
	static char text[TEXT + 64];
	const char *file = files[which];
	size_t size = make_text(r, text);
	int fd = open(file, O_WRONLY | O_CLOEXEC), is_empty;
	const char *last = strrchr(file, '/') + 1;
	ssize_t n;

	if (fd < 0)
		return;
	if (rng_percent(r, 10))
		n = pwrite(fd, text, size, rng_below(r, 3) * 7);
	else
		n = write(fd, text, size);
	close(fd);
	count(&tally->writes, 1);
	if (n <= 0)
		return;
	count(&tally->taken, 1);
	count(&tally->took[which], 1);
	/* A page at the most is looked at */
	if ((size_t)n < size && n != 4096)
		wrong(file, text, size);
	if (!strstr(file, DRIVER) || !strcmp(last, "uevent"))
		return;
	text[n] = '\0';
	is_empty = !*text || !strcmp(text, "\n");
	if (!is_named(text, n) && (strcmp(last, "allow") || !is_empty))
		wrong(file, text, size);
}

/* Whatever is read of it, "allow" has names of namespaces, a line each */
static void check_allow(const char *file)
{
	char text[4097], *line, *save;
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	if (n <= 0)
		return;
	text[n] = '\0';
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		if (!is_named(line, strlen(line)))
			wrong(file, line, strlen(line));
}

static void read_one(struct rng *r, const char *file)
{
	static char text[TEXT];
	int fd = open(file, O_RDONLY | O_CLOEXEC), i;
	struct iovec parts[2] = { { text, rng_below(r, 8) },
				  { text + 8, rng_below(r, 100) } };
	ssize_t n;

	for (i = 0; fd >= 0 && i < 6; i++) {
		off_t at =
			rng_percent(r, 70) ? rng_below(r, 5000) : rng_wide(r);
		size_t size = rng_percent(r, 70) ? rng_below(r, 100) :
						   rng_below(r, TEXT);

		switch (rng_below(r, 5)) {
		case 0:
			n = pread(fd, text, size, at);
			break;
		case 1:
			lseek(fd, at, rng_below(r, 5));
			n = read(fd, text, size);
			break;
		case 2:
			n = preadv(fd, parts, 2, rng_below(r, 40));
			break;
		case 3:
			n = pread(fd, rng_foreign(r), size, 0);
			break;
		default:
			n = read(fd, text, size);
		}
		count(&tally->reads, 1);
		count(&tally->bytes, n > 0 ? n : 0);
		if (strstr(file, "/providers/"))
			count(&tally->counters, n > 0 ? n : 0);
	}
	if (fd >= 0)
		close(fd);
}

static void one_process(u64 seed, u64 calls, int which)
{
	struct rng r = rng_of(seed, which);
	u64 i;

	for (i = 0; i < calls; i++) {
		if (!nr_shown || rng_percent(&r, 60))
			write_one(&r, rng_below(&r, nr_files));
		else
			read_one(&r, shown[rng_below(&r, nr_shown)]);
		if (i % 16 == 0)
			check_allow("/sys/bus/nd" DRIVER "allow");
	}
	exit(0);
}

int main(int argc, char **argv)
{
	u64 seed, calls;
	int i, processes, status, died = 0;
	char *name;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 6) {
		fprintf(stderr,
			"usage: fuzzsysfs SEED CALLS PROCESSES NAMES FILE... [-- FILE...]\n");
		return 2;
	}
	seed = strtoull(argv[1], NULL, 0);
	calls = strtoull(argv[2], NULL, 0);
	processes = atoi(argv[3]);
	for (name = strtok(argv[4], ","); name && nr_names < NAMES;
	     name = strtok(NULL, ","))
		names[nr_names++] = name;
	files = shown = argv + 5;
	for (i = 5; i < argc && strcmp(argv[i], "--"); i++)
		nr_files++;
	if (i < argc) {
		shown = argv + i + 1;
		nr_shown = argc - i - 1;
	}
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED || !nr_names || !nr_files || nr_files > FILES)
		return 2;
	for (i = 0; i < processes; i++)
		if (!fork())
			one_process(seed, calls, i);
	while (wait(&status) > 0)
		died += !!status;
	printf("writes %lu\ntaken %lu\nreads %lu\nbytes %lu\nwrong %lu\ndied %d\n",
	       tally->writes, tally->taken, tally->reads, tally->bytes,
	       tally->wrong, died);
	printf("counters %lu\n", tally->counters);
	for (i = 0; i < nr_files; i++)
		if (strstr(files[i], DRIVER))
			printf("took_%s %lu\n", strrchr(files[i], '/') + 1,
			       tally->took[i]);
	return tally->wrong || died;
}
