// SPDX-License-Identifier: GPL-2.0-only
/* One process at a time, and what is known of an attached namespace */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "module/state.h"
#include "output/status.h"
#include "sysroot.h"
#include "system/paths.h"

#define NAME "namespace0.0"
#define UUID "0c9bf2c5-8b1c-4d2e-9f00-1234567890ab"

static int setup(void **state)
{
	return sysroot_make(state) || mkdir(sysroot_path("/run"), 0755);
}

/* What a process that tries to lock it for @ms ends with, and what it says */
static int another(unsigned int ms, char *text, size_t size)
{
	int ends[2], status, lock;
	pid_t pid;
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (!pid) {
		dup2(ends[1], STDERR_FILENO);
		lock = state_lock(NAME, ms);
		_exit(lock < 0 ? -lock : 0);
	}
	close(ends[1]);
	waitpid(pid, &status, 0);
	n = read(ends[0], text, size - 1);
	text[n > 0 ? n : 0] = '\0';
	close(ends[0]);
	return WEXITSTATUS(status);
}

static void one_at_a_time(void **state)
{
	char path[PATH_MAX], text[512], pid[32];
	struct stat st;
	int lock;

	(void)state;
	lock = state_lock(NAME, 0);
	assert_true(lock >= 0);
	assert_true(fcntl(lock, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(stat(path_of(path, PATH_RUN), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(path_of(path, PATH_RUN "/" NAME), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);

	snprintf(pid, sizeof(pid), "(pid %d)", getpid());
	assert_int_equal(another(300, text, sizeof(text)), STATUS_REFUSED);
	assert_non_null(strstr(text, "waiting for that"));
	assert_non_null(strstr(text, "still working on it"));
	assert_non_null(strstr(text, pid));
	close(lock);
	assert_int_equal(another(0, text, sizeof(text)), 0);
	assert_string_equal(text, "");
}

static void waits(void **state)
{
	int lock = state_lock(NAME, 0), status;
	char text[512];
	pid_t pid;

	(void)state;
	assert_true(lock >= 0);
	/* Its copy of the lock is the only one left, for a while */
	pid = fork();
	if (!pid) {
		usleep(500000);
		_exit(0);
	}
	close(lock);
	assert_int_equal(another(10000, text, sizeof(text)), 0);
	assert_non_null(strstr(text, "waiting for that, 10 s"));
	waitpid(pid, &status, 0);
}

static void remembers(void **state)
{
	struct counters c = { .name = NAME, .base_pfn = 12, .attach_ns = 345 };
	char uuid[40] = "";
	int lock;

	(void)state;
	assert_false(state_recall(&c, uuid, sizeof(uuid)));
	lock = state_lock(NAME, 0);
	state_remember(lock, &c, UUID);
	close(lock);
	assert_true(state_recall(&c, uuid, sizeof(uuid)));
	assert_string_equal(uuid, UUID);

	/* The lock is taken again and again meanwhile */
	lock = state_lock(NAME, 0);
	close(lock);
	assert_true(state_recall(&c, uuid, sizeof(uuid)));

	/* It was attached anew, by somebody else */
	c.attach_ns++;
	assert_false(state_recall(&c, uuid, sizeof(uuid)));
	c.attach_ns--;
	c.base_pfn++;
	assert_false(state_recall(&c, uuid, sizeof(uuid)));
}

/* Nobody but root could put them there; they are not followed all the same */
static void follows_no_links(void **state)
{
	char path[PATH_MAX], elsewhere[PATH_MAX], text[512];

	(void)state;
	path_of(elsewhere, "/elsewhere");
	mkdir(path_of(path, PATH_RUN), 0700);
	path_of(path, PATH_RUN "/" NAME);
	assert_int_equal(symlink(elsewhere, path), 0);
	assert_int_equal(another(0, text, sizeof(text)), STATUS_FAILED);
	assert_non_null(strstr(text, "cannot lock"));
	assert_int_equal(access(elsewhere, F_OK), -1);

	unlink(path);
	assert_int_equal(rmdir(path_of(path, PATH_RUN)), 0);
	assert_int_equal(mkdir(elsewhere, 0700), 0);
	assert_int_equal(symlink(elsewhere, path), 0);
	assert_int_equal(another(0, text, sizeof(text)), STATUS_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_at_a_time, setup,
						sysroot_remove),
		cmocka_unit_test_setup_teardown(waits, setup, sysroot_remove),
		cmocka_unit_test_setup_teardown(remembers, setup,
						sysroot_remove),
		cmocka_unit_test_setup_teardown(follows_no_links, setup,
						sysroot_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
