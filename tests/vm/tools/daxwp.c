// SPDX-License-Identifier: GPL-2.0-only
/*
 * daxwp DEVICE ALIGN [race|guard|rwp_async|tracked]: protect mapped data with userfaultfd in
 * the way that any kind of memory takes since Linux 6.7, and say what becomes of loads and stores, a line
 * each. race: they are in the middle of their fault meanwhile, where pma_hold holds them;
 * guard: so, and what comes is a guard region, as of Linux 6.15. rwp_async: loads, too,
 * as of Linux 7.3. tracked: other ways to come by an entry that is not writable in a
 * mapping that is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Headers of older kernels do not know it */
#define FEATURE_WP_ASYNC (1 << 15)
#define GUARD_INSTALL 102
#define GUARD_REMOVE 103

static sigjmp_buf jump;
/* None in a thread: the signal would find the other one */
static unsigned int patience = 5;

static void caught(int sig)
{
	siglongjmp(jump, sig);
}

/* A fault that comes again and again ends with the alarm */
static void touch(const char *what, volatile char *p, int store)
{
	int sig = sigsetjmp(jump, 1);

	if (!sig) {
		alarm(patience);
		if (store)
			*p = 1;
		else
			(void)*p;
	}
	alarm(0);
	printf("%s: %s\n", what, sig ? strsignal(sig) : "ok");
}

static int protect(int fd, char *p, size_t length, int on)
{
	struct uffdio_writeprotect wp = { 0 };

	wp.range.start = (unsigned long)p;
	wp.range.len = length;
	wp.mode = on ? UFFDIO_WRITEPROTECT_MODE_WP : 0;
	return ioctl(fd, UFFDIO_WRITEPROTECT, &wp);
}

#define HOLD "/sys/module/pma_hold/parameters/"

static int held(void)
{
	char is = 'N';
	int fd = open(HOLD "held", O_RDONLY);

	if (read(fd, &is, 1) != 1)
		perror(HOLD "held");
	close(fd);
	return is == 'Y';
}

static void put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);

	if (write(fd, text, strlen(text)) < 0)
		perror(file);
	close(fd);
}

static void *loader(void *p)
{
	touch("load meanwhile", p, 0);
	return NULL;
}

static void *storer(void *p)
{
	touch("store meanwhile", p, 1);
	return NULL;
}

/* The mark comes when the fault has looked for it, if there is one that can be held */
static void race(void *(*toucher)(void *p), char *p,
		 int (*mark)(char *p, int on))
{
	pthread_t thread;
	bool ended = false;
	int i;

	patience = 0;
	put(HOLD "arm", "vmf");
	if (pthread_create(&thread, NULL, toucher, p))
		return;
	for (i = 0; i < 300 && !ended && !held(); i++) {
		usleep(100000);
		ended = !pthread_tryjoin_np(thread, NULL);
	}
	printf("held: %d\n", held());
	if (mark(p, 1))
		perror("mark");
	put(HOLD "go", "Y");
	if (!ended)
		pthread_join(thread, NULL);
	mark(p, 0);
	patience = 5;
	touch("store without", p, 1);
}

static int uffd;
static size_t align;

static int mark_wp(char *p, int on)
{
	return protect(uffd, p, align, on);
}

static int mark_guard(char *p, int on)
{
	return madvise(p, align, on ? GUARD_INSTALL : GUARD_REMOVE);
}

/* What the kernel says of stores to a page since clear_refs; never where it tracks none */
static void dirty(const char *what, volatile char *p)
{
	unsigned long long entry = 0;
	int map = open("/proc/self/pagemap", O_RDONLY);

	if (pread(map, &entry, sizeof(entry), (unsigned long)p / 4096 * 8) !=
	    sizeof(entry))
		perror("pagemap");
	close(map);
	printf("dirty %s: %d\n", what, (int)(entry >> 55 & 1));
}

/* What was mapped while stores were tracked, and is touched when they are no more */
static int tracked(int fd, size_t length)
{
	struct uffdio_api api = { .api = UFFD_API,
				  .features = FEATURE_WP_ASYNC };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_WP };
	char *room = mmap(NULL, length + align, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *p = (char *)(((unsigned long)room + align - 1) & -align);

	if (room == MAP_FAILED ||
	    mmap(p, align, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
		 0) == MAP_FAILED)
		return 1;
	touch("store", p, 1);
	put("/proc/self/clear_refs", "4");
	dirty("after clear_refs", p);
	touch("store after clear_refs", p, 1);
	dirty("after a store", p);
	put("/proc/self/clear_refs", "4");
	/* It is merged with what is not tracked */
	if (mmap(p + align, align, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED, fd, align) == MAP_FAILED)
		return 1;
	touch("store after merge", p, 1);
	touch("load", p + align, 0);
	mprotect(p, 2 * align, PROT_READ);
	mprotect(p, 2 * align, PROT_READ | PROT_WRITE);
	touch("store after mprotect", p, 1);
	touch("store after load", p + align, 1);

	uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api)) {
		printf("not known to this kernel\n");
		return 0;
	}
	if (mmap(p, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
		 0) == MAP_FAILED)
		return 1;
	touch("load before", p, 0);
	reg.range.start = (unsigned long)p;
	reg.range.len = length;
	if (ioctl(uffd, UFFDIO_REGISTER, &reg))
		perror("userfaultfd");
	touch("load meanwhile", p + align, 0);
	if (ioctl(uffd, UFFDIO_UNREGISTER, &reg.range))
		perror("userfaultfd");
	touch("store afterwards", p, 1);
	touch("store to what was loaded meanwhile", p + align, 1);
	return 0;
}

/* As of Linux 7.3: loads are seen as well */
#define FEATURE_RWP (1 << 17)
#define FEATURE_RWP_ASYNC (1 << 18)
#define MODE_RWP (1ULL << 3)
struct rwprotect {
	struct uffdio_range range;
	unsigned long long mode;
};
#define RWPROTECT _IOWR(UFFDIO, 0x09, struct rwprotect)

static int access_tracked(char *p, size_t length)
{
	struct uffdio_api api = { .api = UFFD_API,
				  .features = FEATURE_RWP | FEATURE_RWP_ASYNC };
	struct uffdio_register reg = { .mode = MODE_RWP };
	struct rwprotect rwp = { .mode = 1 };

	uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api)) {
		printf("not known to this kernel\n");
		return 0;
	}
	touch("store before", p, 1);
	reg.range.start = (unsigned long)p;
	reg.range.len = length;
	rwp.range = reg.range;
	printf("register: %s\n",
	       ioctl(uffd, UFFDIO_REGISTER, &reg) ? strerror(errno) : "ok");
	if (!ioctl(uffd, RWPROTECT, &rwp))
		printf("protected\n");
	touch("load of what was mapped", p, 0);
	touch("store to what was mapped", p, 1);
	touch("load of what was not", p + align, 0);
	touch("store to what was not", p + 2 * align, 1);
	close(uffd);
	touch("store afterwards", p, 1);
	return 0;
}

int main(int argc, char **argv)
{
	struct uffdio_api api = { .api = UFFD_API,
				  .features = FEATURE_WP_ASYNC };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_WP };
	size_t length;
	int fd;
	char *p;

	if (argc < 3)
		return 2;
	align = strtoull(argv[2], NULL, 0);
	length = 3 * align;
	fd = open(argv[1], O_RDWR);
	p = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED) {
		perror(argv[1]);
		return 1;
	}
	signal(SIGBUS, caught);
	signal(SIGSEGV, caught);
	signal(SIGALRM, caught);
	if (argc > 3 && !strcmp(argv[3], "tracked"))
		return tracked(fd, length);
	if (argc > 3 && !strcmp(argv[3], "rwp_async"))
		return access_tracked(p, length);
	if (argc > 3 && !strcmp(argv[3], "guard")) {
		if (madvise(p, align, GUARD_INSTALL)) {
			printf("not known to this kernel\n");
			return 0;
		}
		madvise(p, length, GUARD_REMOVE);
		madvise(p, length, MADV_DONTNEED);
		race(storer, p + align, mark_guard);
		race(loader, p + 2 * align, mark_guard);
		return 0;
	}
	uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (uffd < 0) {
		perror("userfaultfd");
		return 1;
	}
	if (ioctl(uffd, UFFDIO_API, &api)) {
		printf("not known to this kernel\n");
		return 0;
	}
	reg.range.start = (unsigned long)p;
	reg.range.len = length;
	if (argc > 3) {
		if (ioctl(uffd, UFFDIO_REGISTER, &reg)) {
			perror("userfaultfd");
			return 1;
		}
		race(storer, p, mark_wp);
		race(loader, p + align, mark_wp);
		return 0;
	}
	touch("store before", p, 1);
	if (ioctl(uffd, UFFDIO_REGISTER, &reg) || protect(uffd, p, length, 1)) {
		perror("userfaultfd");
		return 1;
	}
	touch("load of what was mapped", p, 0);
	touch("store to what was mapped", p, 1);
	touch("load of what was not", p + align, 0);
	touch("store to what was not", p + 2 * align, 1);
	protect(uffd, p, length, 0);
	touch("load without", p + align, 0);
	touch("store without", p + 2 * align, 1);
	return 0;
}
