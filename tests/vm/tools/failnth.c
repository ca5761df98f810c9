// SPDX-License-Identifier: GPL-2.0-only
/*
 * failnth alloc|call MODULE PHASE: do what PHASE names again and again, and let its first,
 * second, ... allocation fail (or call, of those that pma_failpoint was told), until a run
 * goes through; see that after each everything is as before. Prints "FAIL ..." for what
 * is not so, each call that was made to fail, and "points PHASE N".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "failnth.h"

#define FAILPOINT "/sys/kernel/debug/pma_failpoint"
/* A phase with more points than that never ends */
#define POINTS_MAX 20000

bool by_call;
const char *module_file;
unsigned int nth;
static const char *phase_name;
static unsigned int failures;
static char hit[256];
static int arm_fd;

void die(const char *what)
{
	printf("FAIL %s: cannot go on: %s: %s\n", phase_name, what,
	       strerror(errno));
	exit(1);
}

void expect(bool good, const char *what)
{
	if (good)
		return;
	failures++;
	printf("FAIL %s, point %u%s%s: %s\n", phase_name, nth, *hit ? " " : "",
	       hit, what);
}

char *slurp(const char *path)
{
	char *text = calloc(1, 1 << 16);
	size_t len = 0;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || !text)
		die(path);
	while (len < (1 << 16) - 1 &&
	       (got = read(fd, text + len, (1 << 16) - 1 - len)) > 0)
		len += got;
	close(fd);
	return text;
}

int put(int fd, const char *text)
{
	return pwrite(fd, text, strlen(text), 0) < 0 ? -errno : 0;
}

int must_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		die(path);
	return fd;
}

/* The next things that the task does count, and the Nth fails */
static void arm(void)
{
	char text[32];

	if (by_call)
		snprintf(text, sizeof(text), "%d %u", getpid(), nth);
	else
		snprintf(text, sizeof(text), "%u", nth);
	if (put(arm_fd, text))
		die("arm");
}

/* Whether the Nth was reached */
static bool disarm(void)
{
	char text[32] = "";
	unsigned int calls;
	int failed;
	char *said;
	ssize_t got;

	hit[0] = '\0';
	if (by_call) {
		if (put(arm_fd, "0 0"))
			die("disarm");
		said = slurp(FAILPOINT "/hit");
		if (sscanf(said, "%255s %u %d", hit, &calls, &failed) != 3)
			die("hit");
		free(said);
		if (!strcmp(hit, "-"))
			return false;
		printf("hit %s\n", hit);
		expect(failed, "was called all the same");
		return true;
	}
	/* Reading may itself be what fails: then it was not used up before */
	got = pread(arm_fd, text, sizeof(text) - 1, 0);
	while (put(arm_fd, "0"))
		;
	return got > 0 && atoi(text) == 0;
}

/* Who looks at the console wants to know how far it is */
static void tell(void)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	dprintf(fd, "failnth: %s, point %u\n", phase_name, nth);
	close(fd);
}

static void run(const struct phase *phase)
{
	bool reached = true;
	int rc;

	prepare(phase->needs);
	for (nth = 1; reached && nth < POINTS_MAX; nth++) {
		if (phase->before)
			phase->before();
		arm();
		rc = phase->op();
		reached = disarm();
		expect(reached || !rc,
		       "fails, though nothing was made to fail");
		phase->after(rc);
		if (nth % 50 == 0)
			tell();
	}
	expect(!reached, "there is no end to it");
	tidy_up(phase->needs);
	/* The last one was the run that went through */
	printf("points %s %u\n", phase->name, nth - 2);
}

int main(int argc, char **argv)
{
	unsigned int i;

	if (argc != 4) {
		fprintf(stderr, "usage: failnth alloc|call MODULE PHASE\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	by_call = !strcmp(argv[1], "call");
	module_file = argv[2];
	phase_name = argv[3];
	deeds_init();
	arm_fd = must_open(by_call ? FAILPOINT "/arm" :
				     "/proc/thread-self/fail-nth",
			   by_call ? O_WRONLY : O_RDWR);
	for (i = 0; i < nr_phases; i++) {
		if (!strcmp(phases[i].name, phase_name)) {
			run(&phases[i]);
			return failures ? 1 : 0;
		}
	}
	die("no such phase");
}
