// SPDX-License-Identifier: GPL-2.0-only
/* Who has a device open or mapped, by its number and not by a path */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"
#include "users.h"

/* /dev/zero: mapped privately, it stays the mapping's file */
#define ZERO makedev(1, 5)

static pid_t child;

/* A child with a name of its own that has the device mapped, and open if it is to */
static void start(bool open_too)
{
	char folder[] = "/tmp/altmapctl.XXXXXX", path[64], byte;
	int ends[2], fd;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/not-below-dev", folder);
	assert_int_equal(mknod(path, S_IFCHR | 0600, ZERO), 0);
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, "a\033[2J\177b");
		fd = open(path, O_RDWR);
		if (fd < 0 || mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) ==
				      MAP_FAILED)
			_exit(1);
		if (!open_too)
			close(fd);
		if (write(ends[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	unlink(path);
	rmdir(folder);
}

static void look(unsigned int files)
{
	struct user users[64];
	size_t n = users_find(ZERO, users, 64), i;
	char text[256];

	for (i = 0; i < n && i < 64; i++)
		if (users[i].pid == child)
			break;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_true(n && i < n && i < 64);
	assert_int_equal(users[i].mappings, 1);
	assert_int_equal(users[i].files, files);
	assert_string_equal(users[i].comm, "a?[2J?b");
	users_print(&users[i], 1, 1, text, sizeof(text));
	assert_null(strchr(text, '\033'));
}

static void finds_who_only_maps(void **state)
{
	(void)state;
	start(false);
	look(0);
}

static void finds_who_has_it_open(void **state)
{
	(void)state;
	start(true);
	look(1);
}

static void finds_nobody(void **state)
{
	struct user users[2];

	(void)state;
	assert_int_equal(users_find(makedev(4095, 77), users, 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_who_only_maps),
		cmocka_unit_test(finds_who_has_it_open),
		cmocka_unit_test(finds_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
