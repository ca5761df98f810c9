// SPDX-License-Identifier: GPL-2.0-only
/* What holds a detach up; and what cannot be read does, too */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sysroot.h"
#include "use/obstacle.h"

#define NAME "namespace0.0"

static int setup(void **state)
{
	int rc = sysroot_make(state);

	if (!rc)
		sysroot_put_provider();
	mkdir(sysroot_path("/proc"), 0755);
	return rc;
}

static void assert_unread(int error, const char *what)
{
	char text[OBSTACLE_TEXT];
	struct obstacle o;

	obstacle_look(NAME, &o);
	assert_true(obstacle_is_there(&o));
	assert_int_equal(o.error, error);
	obstacle_print(&o, text);
	if (!strstr(text, what))
		fail_msg("no '%s' in: %s", what, text);
	assert_non_null(strstr(text, "--force"));
}

static void nothing_in_the_way(void **state)
{
	struct obstacle o;

	(void)state;
	obstacle_look(NAME, &o);
	assert_int_equal(o.error, 0);
	assert_false(obstacle_is_there(&o));
}

static void counts(void **state)
{
	char text[OBSTACLE_TEXT];
	struct obstacle o;

	(void)state;
	sysroot_put(PROVIDER "/pinned", "512\n");
	sysroot_put(PROVIDER "/mappings", "3\n");
	sysroot_put(PROVIDER "/users", "2\n");
	obstacle_look(NAME, &o);
	assert_true(obstacle_is_there(&o));
	obstacle_print(&o, text);
	assert_non_null(strstr(
		text,
		"512 pages pinned, 3 mappings, 2 references of other modules"));
}

static void a_missing_file(void **state)
{
	static const char *const needed[] = { "mappings", "pinned", "state" };
	char path[PATH_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(needed); i++) {
		snprintf(path, sizeof(path), PROVIDER "/%s", needed[i]);
		unlink(sysroot_path(path));
		assert_unread(-ENOENT, path);
		sysroot_put_provider();
	}
	/* The files of an older module have none */
	unlink(sysroot_path(PROVIDER "/users"));
	nothing_in_the_way(state);
}

static void a_missing_folder(void **state)
{
	(void)state;
	rename(sysroot_path(PROVIDER),
	       strdupa(sysroot_path("/sys/kernel/debug/elsewhere")));
	assert_unread(-ENOENT, PROVIDER "/state cannot be read (ENOENT)");
}

/* /proc/self/mem has nothing at 0 */
static void an_unreadable_file(void **state)
{
	static const char *const files[] = { "mappings", "pinned", "users" };
	char path[PATH_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), PROVIDER "/%s", files[i]);
		unlink(sysroot_path(path));
		assert_int_equal(symlink("/proc/self/mem", sysroot_path(path)),
				 0);
		assert_unread(-EIO, path);
		unlink(sysroot_path(path));
		sysroot_put_provider();
	}
	sysroot_put(PROVIDER "/pinned", "many\n");
	assert_unread(-EBADMSG, "pinned");
}

/* However many can be opened: never are they taken for nothing in the way */
static void too_many_open_files(void **state)
{
	struct rlimit before, few;
	struct obstacle o;
	int fd, n;

	(void)state;
	sysroot_put("/proc/1/comm", "init\n");
	sysroot_put("/proc/1/fd/0", "");
	mkdir(sysroot_path("/proc/1/map_files"), 0755);
	fd = dup(STDERR_FILENO);
	close(fd);
	getrlimit(RLIMIT_NOFILE, &before);
	for (n = 0; n < 3; n++) {
		few = before;
		few.rlim_cur = fd + n;
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		obstacle_look(NAME, &o);
		setrlimit(RLIMIT_NOFILE, &before);
		/* One for a counter; two for a folder, and what is in it */
		if (o.error != (n < 2 ? -EMFILE : 0))
			fail_msg("%d more files: %d, %s", n, o.error, o.unread);
		assert_int_equal(obstacle_is_there(&o), n < 2);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, sysroot_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_in_the_way), TEST(counts),
		TEST(a_missing_file),	  TEST(a_missing_folder),
		TEST(an_unreadable_file), TEST(too_many_open_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
