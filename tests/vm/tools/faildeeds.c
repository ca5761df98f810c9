// SPDX-License-Identifier: GPL-2.0-only
/* What failnth does, and what has to be so afterwards */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "failnth.h"

#define NODE "/dev/" NS
#define DRIVER "/sys/bus/nd/drivers/pmem_altmap"
#define DEBUGFS "/sys/kernel/debug/pmem_altmap"
/* A section of DRAM that memmap= keeps from the kernel */
#define CLIENT "/tests/modules/pmem_altmap_client.ko"
#define CLIENT_RANGE "start=0x108000000 size=0x8000000"
#define LENGTH (4UL << 20)

static char *iomem_idle;
static int allow_fd, bind_fd, unbind_fd, quiesce_fd, resume_fd;
static int node_fd = -1;
static volatile char *data;
static sigjmp_buf jump;
static volatile sig_atomic_t touching;

static void caught(int sig)
{
	if (!touching)
		_exit(sig);
	siglongjmp(jump, sig);
}

/* 0 or the signal */
static int touch(volatile char *p, bool store)
{
	int sig = sigsetjmp(jump, 1);

	touching = !sig;
	if (!sig && store)
		*p = 42;
	else if (!sig)
		(void)*p;
	touching = 0;
	return sig;
}

static bool exists(const char *path)
{
	return !access(path, F_OK);
}

static bool loaded(void)
{
	return exists("/sys/module/pmem_altmap/initstate");
}

static void open_driver(void)
{
	allow_fd = must_open(DRIVER "/allow", O_RDWR);
	bind_fd = must_open(DRIVER "/bind", O_WRONLY);
	unbind_fd = must_open(DRIVER "/unbind", O_WRONLY);
	quiesce_fd = must_open(DRIVER "/quiesce", O_WRONLY);
	resume_fd = must_open(DRIVER "/resume", O_WRONLY);
}

static void close_driver(void)
{
	close(allow_fd);
	close(bind_fd);
	close(unbind_fd);
	close(quiesce_fd);
	close(resume_fd);
}

/*
 * Taking kretprobes away again fails in silence where memory is short, and leaves the kernel
 * with those of a module that is gone: its own, so no allocation fails there
 */
static int load_fd(int fd)
{
	const char *how = by_call ? "time_others=1" : "";

	return syscall(SYS_finit_module, fd, how, 0) ? -errno : 0;
}

static void must_load(void)
{
	int fd = must_open(module_file, O_RDONLY);

	if (load_fd(fd))
		die("load");
	close(fd);
}

static int unload(void)
{
	long rc = syscall(SYS_delete_module, "pmem_altmap", O_NONBLOCK);

	return rc ? -errno : 0;
}

static bool attached(void)
{
	return exists(DRIVER "/" NS);
}

static void must_attach(void)
{
	if (put(allow_fd, NS) || put(bind_fd, NS))
		die("attach");
}

static void must_map(void)
{
	node_fd = must_open(NODE, O_RDWR);
	data = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, node_fd,
		    0);
	if (data == MAP_FAILED)
		die("mmap");
}

static void unmap(void)
{
	munmap((void *)data, LENGTH);
	close(node_fd);
}

static bool empty(const char *path)
{
	DIR *dir = opendir(path);
	int n = 0;

	if (!dir)
		return false;
	while (readdir(dir))
		n++;
	closedir(dir);
	return n == 2;
}

static bool stock_takes_it(void)
{
	return !system("ndctl enable-namespace " NS " >/dev/null 2>&1") &&
	       !system("ndctl disable-namespace " NS " >/dev/null 2>&1");
}

static void expect_nothing_held(void)
{
	char *now = slurp("/proc/iomem");

	expect(!strcmp(now, iomem_idle), "/proc/iomem is not as before");
	expect(!exists(NODE), "the device node is still there");
	free(now);
}

static void expect_idle(void)
{
	expect(!attached(), "still bound");
	expect(empty(DEBUGFS "/providers"), "there is a provider");
	put(allow_fd, "\n");
	expect_nothing_held();
}

/* Everything works, for us and for the stock driver */
static void expect_usable(void)
{
	int rc = put(allow_fd, NS) ?: put(bind_fd, NS);

	expect(!rc, "cannot be attached afterwards");
	if (rc)
		return;
	must_map();
	expect(!touch(data, true), "the data cannot be written afterwards");
	unmap();
	expect(!put(unbind_fd, NS), "cannot be detached afterwards");
	expect_idle();
	expect(stock_takes_it(), "the stock driver cannot take it afterwards");
}

static void expect_unloaded(void)
{
	char *devices = slurp("/proc/devices");

	expect(!exists("/sys/module/pmem_altmap") && !exists(DRIVER) &&
		       !exists(DEBUGFS) && !strstr(devices, "pmem_altmap"),
	       "something of the module is left");
	free(devices);
	expect_nothing_held();
	/* Loading touches no namespace: a look now and then is enough */
	if (nth % 25 == 0 || by_call)
		expect(stock_takes_it(), "the stock driver cannot take it");
}

static int ko_fd;

static void load_before(void)
{
	ko_fd = must_open(module_file, O_RDONLY);
}

static int load_op(void)
{
	return load_fd(ko_fd);
}

static void load_after(int rc)
{
	close(ko_fd);
	expect(loaded() == !rc, "loaded or not, against its own word");
	if (!rc)
		expect(!unload(), "cannot be unloaded");
	expect_unloaded();
}

static int attach_op(void)
{
	return put(allow_fd, NS) ?: put(bind_fd, NS);
}

static void attach_after(int rc)
{
	expect(attached() == !rc, "attached or not, against its own word");
	if (attached())
		expect(!put(unbind_fd, NS), "cannot be detached");
	expect_idle();
	expect_usable();
}

static int open_op(void)
{
	node_fd = open(NODE, O_RDWR | O_CLOEXEC);
	return node_fd < 0 ? -errno : 0;
}

static void expect_unused(void)
{
	char *mappings = slurp(DEBUGFS "/providers/" NS "/mappings");
	char *pinned = slurp(DEBUGFS "/providers/" NS "/pinned");

	expect(!strcmp(mappings, "0\n") && !strcmp(pinned, "0\n"),
	       "something stays mapped or pinned");
	free(mappings);
	free(pinned);
}

static void open_after(int rc)
{
	if (!rc)
		close(node_fd);
	close(must_open(NODE, O_RDWR));
	expect_unused();
}

static void mmap_before(void)
{
	node_fd = must_open(NODE, O_RDWR);
}

static int mmap_op(void)
{
	data = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, node_fd,
		    0);
	return data == MAP_FAILED ? -errno : 0;
}

static void mmap_after(int rc)
{
	if (rc)
		rc = mmap_op();
	expect(!rc && !touch(data, true), "the mapping cannot be written");
	unmap();
	expect_unused();
}

static int fault_op(void)
{
	return touch(data, false) ?: touch(data + LENGTH / 2, true);
}

static void fault_after(int rc)
{
	(void)rc;
	expect(!touch(data, false) && !touch(data + LENGTH / 2, true),
	       "the mapping cannot be used afterwards");
	unmap();
	expect_unused();
}

static int sync_op(void)
{
	return msync((void *)data, LENGTH, MS_SYNC) ? -errno : 0;
}

static void sync_after(int rc)
{
	(void)rc;
	expect(!msync((void *)data, LENGTH, MS_SYNC),
	       "cannot be flushed afterwards");
	unmap();
	expect_unused();
}

/* All of debugfs and sysfs that can be read */
static const char *const files[] = {
	DEBUGFS "/altmaps",
	DEBUGFS "/altmaps_json",
	DEBUGFS "/summary",
	DEBUGFS "/providers/" NS "/alloc",
	DEBUGFS "/providers/" NS "/state",
	DEBUGFS "/providers/" NS "/mappings",
	DEBUGFS "/providers/" NS "/pinned",
	DRIVER "/allow",
	"/sys/bus/nd/devices/" NS "/dax/" NS "/size",
};

static int files_op(void)
{
	char text[4096];
	unsigned int i;
	int fd, rc = 0;

	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		fd = open(files[i], O_RDONLY | O_CLOEXEC);
		if (fd < 0 || read(fd, text, sizeof(text)) < 0)
			rc = -errno;
		if (fd >= 0)
			close(fd);
	}
	return rc;
}

static void files_after(int rc)
{
	(void)rc;
	/* Not every kernel has every one */
	int fd = must_open(DEBUGFS "/providers/" NS "/alloc", O_RDONLY);
	char text[32];

	expect(read(fd, text, sizeof(text)) > 0, "cannot be read afterwards");
	close(fd);
}

static void map_before(void)
{
	must_map();
	if (touch(data, true))
		die("touch");
}

static bool quiesced(void)
{
	char *state = slurp(DEBUGFS "/providers/" NS "/state");
	bool is = !strcmp(state, "quiesced\n");

	free(state);
	return is;
}

static int quiesce_op(void)
{
	return put(quiesce_fd, NS);
}

static void quiesce_after(int rc)
{
	expect(quiesced() == !rc, "quiesced or not, against its own word");
	expect(touch(data, true) == (rc ? 0 : SIGBUS),
	       "a mapping is revoked or not, against its word");
	expect(!put(resume_fd, NS), "cannot be resumed");
	expect(!touch(data, true), "the data cannot be written afterwards");
	unmap();
	expect_unused();
}

static void resume_before(void)
{
	if (put(quiesce_fd, NS))
		die("quiesce");
}

static int resume_op(void)
{
	return put(resume_fd, NS);
}

static void resume_after(int rc)
{
	(void)rc;
	expect(!put(resume_fd, NS) && !quiesced(), "is not resumed");
	must_map();
	fault_after(0);
}

static int detach_op(void)
{
	return put(unbind_fd, NS);
}

static void detach_after(int rc)
{
	if (rc)
		expect(!put(unbind_fd, NS), "cannot be detached");
	expect(touch(data, true) == SIGBUS, "a mapping outlives it");
	unmap();
	expect_idle();
	expect_usable();
	must_attach();
}

static void client_before(void)
{
	ko_fd = must_open(CLIENT, O_RDONLY);
}

static int client_op(void)
{
	return syscall(SYS_finit_module, ko_fd, CLIENT_RANGE, 0) ? -errno : 0;
}

static void client_after(int rc)
{
	close(ko_fd);
	if (!rc)
		expect(!syscall(SYS_delete_module, "pmem_altmap_client",
				O_NONBLOCK),
		       "the client cannot be unloaded");
	expect(!exists("/sys/module/pmem_altmap_client"), "the client is left");
	expect_idle();
}

static int unload_op(void)
{
	return unload();
}

static void unload_after(int rc)
{
	close_driver();
	expect(loaded() == !!rc, "loaded or not, against its own word");
	if (rc)
		expect(!unload(), "cannot be unloaded");
	expect_unloaded();
	expect(stock_takes_it(), "the stock driver cannot take it");
	must_load();
	open_driver();
	must_attach();
}

const struct phase phases[] = {
	{ "load", UNLOADED, load_before, load_op, load_after },
	{ "attach", LOADED, NULL, attach_op, attach_after },
	{ "open", ATTACHED, NULL, open_op, open_after },
	{ "mmap", ATTACHED, mmap_before, mmap_op, mmap_after },
	{ "fault", ATTACHED, must_map, fault_op, fault_after },
	{ "sync", ATTACHED, map_before, sync_op, sync_after },
	{ "files", ATTACHED, NULL, files_op, files_after },
	{ "quiesce", ATTACHED, map_before, quiesce_op, quiesce_after },
	{ "resume", ATTACHED, resume_before, resume_op, resume_after },
	{ "detach", ATTACHED, map_before, detach_op, detach_after },
	{ "client", LOADED, client_before, client_op, client_after },
	{ "unload", ATTACHED, NULL, unload_op, unload_after },
};

const unsigned int nr_phases = sizeof(phases) / sizeof(*phases);

void deeds_init(void)
{
	signal(SIGBUS, caught);
	signal(SIGSEGV, caught);
	iomem_idle = slurp("/proc/iomem");
}

void prepare(enum needs needs)
{
	if (needs != UNLOADED) {
		must_load();
		open_driver();
	}
	if (needs == ATTACHED)
		must_attach();
}

void tidy_up(enum needs needs)
{
	if (needs == ATTACHED && put(unbind_fd, NS))
		die("detach");
	if (needs == UNLOADED)
		return;
	expect_idle();
	close_driver();
	if (unload())
		die("unload");
}
