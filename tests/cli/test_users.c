// SPDX-License-Identifier: GPL-2.0-only
/* Who has a device open or mapped, by its number and not by a path */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"
#include "use/users.h"

/* /dev/zero: mapped privately, it stays the mapping's file */
#define ZERO makedev(1, 5)

static pid_t child;

enum how {
	MAPPED,
	OPEN,
	/* Its first thread has ended */
	HEADLESS,
	/* A thread has descriptors of its own */
	APART,
};

static enum how how;
static char path[64];
static int ends[2];

static void *second_thread(void *unused)
{
	(void)unused;
	if (how == APART && (unshare(CLONE_FILES) || open(path, O_RDWR) < 0))
		_exit(1);
	/* The first one is on its way */
	if (how == HEADLESS)
		usleep(200000);
	if (write(ends[1], "x", 1) == 1)
		pause();
	_exit(1);
}

static void be_a_user(void)
{
	pthread_t thread;
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "a\033[2J\177b");
	fd = open(path, O_RDWR);
	if (fd < 0 ||
	    mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED)
		_exit(1);
	if (how == MAPPED || how == APART)
		close(fd);
	if (how < HEADLESS)
		second_thread(NULL);
	if (pthread_create(&thread, NULL, second_thread, NULL))
		_exit(1);
	if (how == HEADLESS)
		syscall(SYS_exit, 0);
	pause();
	_exit(1);
}

/* A child with a name of its own that has the device mapped */
static void start(void)
{
	char folder[] = "/tmp/altmapctl.XXXXXX", byte;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/not-below-dev", folder);
	assert_int_equal(mknod(path, S_IFCHR | 0600, ZERO), 0);
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (!child)
		be_a_user();
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	unlink(path);
	rmdir(folder);
}

/* Root of a container, say, need not see what others have */
static bool sees_all(void)
{
	DIR *dir = opendir("/proc/1/map_files");
	bool all;

	assert_non_null(dir);
	errno = 0;
	all = readdir(dir) && readdir(dir) && readdir(dir) && !errno;
	closedir(dir);
	return all;
}

static void look(unsigned int files)
{
	struct user users[64];
	char text[256];
	int blind;
	size_t n = users_find(ZERO, users, 64, &blind), i;

	for (i = 0; i < n && i < 64; i++)
		if (users[i].pid == child)
			break;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_true(n && i < n && i < 64);
	assert_int_equal(!blind, sees_all());
	assert_int_equal(users[i].mappings, 1);
	assert_int_equal(users[i].files, files);
	assert_string_equal(users[i].comm, "a\033[2J\177b");
	users_print(&users[i], 1, 1, text, sizeof(text));
}

static void finds_who_only_maps(void **state)
{
	(void)state;
	how = MAPPED;
	start();
	look(0);
}

static void finds_who_has_it_open(void **state)
{
	(void)state;
	how = OPEN;
	start();
	look(1);
}

static void finds_threads_without_their_first(void **state)
{
	(void)state;
	how = HEADLESS;
	start();
	look(1);
}

static void finds_descriptors_of_a_thread(void **state)
{
	(void)state;
	how = APART;
	start();
	look(1);
}

static void finds_nobody(void **state)
{
	struct user users[2];
	int blind;

	(void)state;
	assert_int_equal(users_find(makedev(4095, 77), users, 2, &blind), 0);
	assert_int_equal(!blind, sees_all());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_who_only_maps),
		cmocka_unit_test(finds_who_has_it_open),
		cmocka_unit_test(finds_threads_without_their_first),
		cmocka_unit_test(finds_descriptors_of_a_thread),
		cmocka_unit_test(finds_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
