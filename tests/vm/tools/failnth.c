// SPDX-License-Identifier: GPL-2.0-only
/*
 * failnth alloc|call MODULE PHASE: do what PHASE names again and again, and let its first,
 * second, ... allocation fail (or call, of those that pma_failpoint was told), until a run
 * goes through; see that after each everything is as before. Prints "FAIL ..." for what
 * is not so, each call that was made to fail, and "points PHASE N".
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NS "namespace0.0"
#define NODE "/dev/" NS
#define DRIVER "/sys/bus/nd/drivers/pmem_altmap"
#define DEBUGFS "/sys/kernel/debug/pmem_altmap"
#define FAILPOINT "/sys/kernel/debug/pma_failpoint"
/* A section of DRAM that memmap= keeps from the kernel */
#define CLIENT "/tests/modules/pmem_altmap_client.ko"
#define CLIENT_RANGE "start=0x108000000 size=0x8000000"
#define LENGTH (4UL << 20)
/* A phase with more points than that never ends */
#define POINTS_MAX 20000

static bool by_call;
static const char *module_file;
static const char *phase_name;
static unsigned int nth, failures;
static char hit[256];
static char *iomem_idle;
static int arm_fd;

static int allow_fd, bind_fd, unbind_fd, quiesce_fd, resume_fd;
static int node_fd = -1;
static volatile char *data;
static sigjmp_buf jump;
static volatile sig_atomic_t touching;

static void die(const char *what)
{
	printf("FAIL %s: cannot go on: %s: %s\n", phase_name, what,
	       strerror(errno));
	exit(1);
}

static void expect(bool good, const char *what)
{
	if (good)
		return;
	failures++;
	printf("FAIL %s, point %u%s%s: %s\n", phase_name, nth, *hit ? " " : "",
	       hit, what);
}

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

static char *slurp(const char *path)
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

static int put(int fd, const char *text)
{
	return pwrite(fd, text, strlen(text), 0) < 0 ? -errno : 0;
}

static int must_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		die(path);
	return fd;
}

static bool exists(const char *path)
{
	return !access(path, F_OK);
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
	char *said;
	ssize_t got;

	hit[0] = '\0';
	if (by_call) {
		if (put(arm_fd, "0 0"))
			die("disarm");
		said = slurp(FAILPOINT "/hit");
		if (sscanf(said, "%255s %u", hit, &calls) != 2)
			die("hit");
		free(said);
		if (!strcmp(hit, "-"))
			return false;
		printf("hit %s\n", hit);
		return true;
	}
	/* Reading may itself be what fails: then it was not used up before */
	got = pread(arm_fd, text, sizeof(text) - 1, 0);
	while (put(arm_fd, "0"))
		;
	return got > 0 && atoi(text) == 0;
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

static int load_fd(int fd)
{
	return syscall(SYS_finit_module, fd, "time_others=1", 0) ? -errno : 0;
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
	return syscall(SYS_delete_module, "pmem_altmap", O_NONBLOCK) ? -errno :
								       0;
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

static void open_after(int rc)
{
	if (!rc)
		close(node_fd);
	close(must_open(NODE, O_RDWR));
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
	if (!rc) {
		expect(!touch(data, true), "the mapping cannot be written");
		munmap((void *)data, LENGTH);
	}
	close(node_fd);
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

static const struct phase {
	const char *name;
	enum {
		UNLOADED,
		LOADED,
		ATTACHED
	} needs;
	void (*before)(void);
	int (*op)(void);
	void (*after)(int rc);
} phases[] = {
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

	if (phase->needs != UNLOADED) {
		must_load();
		open_driver();
	}
	if (phase->needs == ATTACHED)
		must_attach();
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
	if (phase->needs == ATTACHED && put(unbind_fd, NS))
		die("detach");
	if (phase->needs != UNLOADED) {
		expect_idle();
		close_driver();
		if (unload())
			die("unload");
	}
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
	signal(SIGBUS, caught);
	signal(SIGSEGV, caught);
	iomem_idle = slurp("/proc/iomem");
	arm_fd = must_open(by_call ? FAILPOINT "/arm" :
				     "/proc/thread-self/fail-nth",
			   by_call ? O_WRONLY : O_RDWR);
	for (i = 0; i < sizeof(phases) / sizeof(*phases); i++) {
		if (!strcmp(phases[i].name, phase_name)) {
			run(&phases[i]);
			return failures ? 1 : 0;
		}
	}
	die("no such phase");
}
