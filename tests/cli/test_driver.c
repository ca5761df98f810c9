// SPDX-License-Identifier: GPL-2.0-only
/* Progress: on a terminal only, not for short waits, and nothing of it stays */
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "module/driver.h"
#include "system/paths.h"
#include "unit.h"

/* A file of the driver that takes its time: nobody reads it for a while */
static int setup(void **state)
{
	static char root[] = "/tmp/altmapctl.XXXXXX";
	char path[PATH_MAX], command[2 * PATH_MAX];

	if (!mkdtemp(root))
		return -1;
	setenv("ALTMAPCTL_SYSROOT", root, 1);
	path_of(path, PATH_DRIVER);
	snprintf(command, sizeof(command), "mkdir -p %s", path);
	if (system(command))
		return -1;
	*state = root;
	return mkfifo(path_of(path, PATH_DRIVER "/bind"), 0600);
}

static int teardown(void **state)
{
	char command[PATH_MAX];

	snprintf(command, sizeof(command), "rm -r %s", (char *)*state);
	return system(command);
}

/* A process that reads what is written, but only after @ms */
static pid_t read_late(unsigned int ms)
{
	char path[PATH_MAX], text[32] = "";
	pid_t pid = fork();
	int fd;

	if (pid)
		return pid;
	usleep(ms * 1000);
	fd = open(path_of(path, PATH_DRIVER "/bind"), O_RDONLY);
	if (read(fd, text, sizeof(text) - 1) < 0)
		_exit(1);
	_exit(strcmp(text, "namespace0.0") != 0);
}

/* What stands on the terminal or in the pipe @out after a write that takes @ms */
static void write_and_look(int out, int in, unsigned int ms, char *text,
			   size_t size)
{
	int kept = dup(STDERR_FILENO), status, rc;
	struct pollfd ready = { .fd = in, .events = POLLIN };
	pid_t pid = read_late(ms);
	size_t len = 0;
	ssize_t n;

	dup2(out, STDERR_FILENO);
	rc = driver_write_slowly("bind", "namespace0.0", "adding its memory");
	dup2(kept, STDERR_FILENO);
	close(kept);
	waitpid(pid, &status, 0);
	assert_int_equal(rc, 0);
	assert_int_equal(status, 0);
	/* A terminal passes on what was written when it gets round to it */
	while (len < size - 1 && poll(&ready, 1, 500) > 0) {
		n = read(in, text + len, size - 1 - len);
		assert_true(n > 0);
		len += n;
	}
	text[len] = '\0';
}

static void shows_long_ones(void **state)
{
	int terminal, program;
	char text[4096];

	(void)state;
	assert_int_equal(openpty(&terminal, &program, NULL, NULL, NULL), 0);
	write_and_look(program, terminal, 1500, text, sizeof(text));
	assert_non_null(
		strstr(text, "\rnamespace0.0: adding its memory, 0.5 s"));
	assert_string_equal(text + strlen(text) - 4, "\r\033[K");
	assert_null(strchr(text, '\n'));

	write_and_look(program, terminal, 50, text, sizeof(text));
	assert_string_equal(text, "");
	close(terminal);
	close(program);
}

static void is_quiet_in_pipes(void **state)
{
	char text[4096];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	write_and_look(ends[1], ends[0], 1500, text, sizeof(text));
	assert_string_equal(text, "");
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_long_ones),
		cmocka_unit_test(is_quiet_in_pipes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
