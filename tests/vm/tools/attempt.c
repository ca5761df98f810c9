// SPDX-License-Identifier: GPL-2.0-only
/*
 * attempt WHO OPERATION ARGUMENT...: become somebody, try something, print what came of it:
 * "yes" or the error's name. WHO:
 *   root       all capabilities
 *   nocap      uid 0 without any
 *   user       uid 1000
 *   dac        uid 1000 with CAP_DAC_OVERRIDE
 *   search     uid 1000 with CAP_DAC_READ_SEARCH
 *   mknod, rawio, ptrace, admin
 *              uid 1000 with CAP_MKNOD, CAP_SYS_RAWIO, CAP_SYS_PTRACE, CAP_SYS_ADMIN
 *   container  root of a user and mount namespace that uid 1000 has made
 * OPERATION:
 *   open FILE              to read and write
 *   read FILE | write FILE TEXT | list FOLDER
 *   map DEVICE SIZE        and read a word
 *   mknod MAJOR MINOR      a node of its own, and open it
 *   mount TYPE             and list what is there
 *   mem ADDRESS            map physical memory by /dev/mem and read it
 *   kcore ADDRESS          read physical memory, or its memmap, by /proc/kcore
 *   pagemap DEVICE SIZE    the page frame of a mapping made as root before
 *   peek DEVICE SIZE       the mapping of a process of root's
 *   dump DEVICE SIZE       a core file of a process that maps it
 *   run COMMAND...         whatever that prints
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define USER 1000

static void die(const char *what)
{
	printf("attempt: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void answer(int failed)
{
	static const struct {
		int number;
		const char *name;
	} errors[] = {
		{ EACCES, "EACCES" }, { EPERM, "EPERM" },
		{ ENOENT, "ENOENT" }, { ENODEV, "ENODEV" },
		{ ENXIO, "ENXIO" },   { EBUSY, "EBUSY" },
		{ EINVAL, "EINVAL" }, { EFAULT, "EFAULT" },
		{ EIO, "EIO" },
	};
	size_t i;

	if (!failed) {
		puts("yes");
		exit(0);
	}
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (errors[i].number == errno) {
			puts(errors[i].name);
			exit(1);
		}
	}
	printf("%s\n", strerror(errno));
	exit(1);
}

static void set_caps(uint64_t caps)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3,
						 0 };
	struct __user_cap_data_struct data[2] = {
		{ caps, caps, caps },
		{ caps >> 32, caps >> 32, caps >> 32 },
	};

	if (syscall(SYS_capset, &head, data))
		die("capset");
}

static void become_user(void)
{
	if (setgroups(0, NULL) || setresgid(USER, USER, USER) ||
	    setresuid(USER, USER, USER))
		die("setresuid");
	/* Or its own files in /proc are root's */
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
		die("PR_SET_DUMPABLE");
}

static void become_user_with(int cap)
{
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
		die("PR_SET_KEEPCAPS");
	become_user();
	set_caps(1ULL << cap);
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0))
		die("PR_CAP_AMBIENT");
}

static void put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(file);
	close(fd);
}

static void become_container(void)
{
	become_user();
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		die("unshare");
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", "0 1000 1");
	put("/proc/self/gid_map", "0 1000 1");
	if (setresuid(0, 0, 0))
		die("setresuid in the namespace");
}

static void become(const char *who)
{
	static const struct {
		const char *who;
		int cap;
	} single[] = {
		{ "search", CAP_DAC_READ_SEARCH },
		{ "dac", CAP_DAC_OVERRIDE },
		{ "mknod", CAP_MKNOD },
		{ "rawio", CAP_SYS_RAWIO },
		{ "ptrace", CAP_SYS_PTRACE },
		{ "admin", CAP_SYS_ADMIN },
	};
	size_t i;

	for (i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
		if (strcmp(who, single[i].who))
			continue;
		become_user_with(single[i].cap);
		return;
	}
	if (!strcmp(who, "root"))
		return;
	if (!strcmp(who, "nocap")) {
		if (prctl(PR_SET_SECUREBITS, SECBIT_NOROOT, 0, 0, 0))
			die("PR_SET_SECUREBITS");
		set_caps(0);
	} else if (!strcmp(who, "user")) {
		become_user();
	} else if (!strcmp(who, "container")) {
		become_container();
	} else {
		errno = EINVAL;
		die(who);
	}
}

static void try_open(const char *file)
{
	answer(open(file, O_RDWR) < 0);
}

static void try_read(const char *file)
{
	char byte;
	int fd = open(file, O_RDONLY);

	answer(fd < 0 || read(fd, &byte, 1) < 0);
}

static void try_write(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);

	answer(fd < 0 || write(fd, text, strlen(text)) < 0);
}

static void try_list(const char *folder)
{
	DIR *dir = opendir(folder);

	answer(!dir || !readdir(dir));
}

static volatile uint64_t *map(const char *device, size_t size)
{
	int fd = open(device, O_RDWR);
	void *p;

	if (fd < 0)
		return NULL;
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return p == MAP_FAILED ? NULL : p;
}

static void try_map(const char *device, size_t size)
{
	volatile uint64_t *data = map(device, size);

	if (data)
		(void)*data;
	answer(!data);
}

static void try_dump(const char *device, size_t size)
{
	volatile uint64_t *data;
	int status;
	pid_t pid = fork();

	if (!pid) {
		data = map(device, size);
		if (data)
			(void)*data;
		abort();
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
		die("abort");
	answer(!WCOREDUMP(status));
}

static void try_mknod(int major, int minor)
{
	const char *node = "/tmp/own";
	int fd = -1;

	umask(0);
	if (!mknod(node, S_IFCHR | 0666, makedev(major, minor))) {
		fd = open(node, O_RDWR);
		unlink(node);
	}
	answer(fd < 0);
}

static void try_mount(const char *type)
{
	const char *there = "/tmp/mounted";

	/* Everybody's, of root's */
	if (mount(type, there, type, 0, NULL))
		answer(1);
	answer(umount(there));
}

/* What lies at the end of System RAM is out of reach of read(); mmap() has no such limit */
static void try_mem(uint64_t address)
{
	int fd = open("/dev/mem", O_RDONLY);
	volatile uint64_t *p;

	if (fd < 0)
		answer(1);
	p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, address);
	if (p != MAP_FAILED)
		(void)*p;
	answer(p == MAP_FAILED);
}

/* 0 where it is no variable */
static uint64_t vmemmap_symbol(void)
{
	FILE *symbols = fopen("/proc/kallsyms", "r");
	unsigned long long address = 0;
	char line[512];

	while (symbols && fgets(line, sizeof(line), symbols)) {
		if (strstr(line, " vmemmap_base\n"))
			sscanf(line, "%llx", &address);
	}
	return address;
}

/* Of a word of the kernel's memory, or -1 where no segment of the file has it */
static off_t offset_of(const Elf64_Phdr *phdrs, int nr, uint64_t address)
{
	int i;

	for (i = 0; i < nr; i++)
		if (phdrs[i].p_type == PT_LOAD && address >= phdrs[i].p_vaddr &&
		    address - phdrs[i].p_vaddr < phdrs[i].p_memsz)
			return phdrs[i].p_offset + address - phdrs[i].p_vaddr;
	return -1;
}

static uint64_t word_at(int fd, off_t offset)
{
	uint64_t word;

	if (offset < 0 ||
	    pread(fd, &word, sizeof(word), offset) != sizeof(word))
		die("pread of /proc/kcore");
	return word;
}

static void try_kcore(uint64_t address)
{
	const uint64_t text = 0xffffffff80000000;
	int fd = open("/proc/kcore", O_RDONLY), i;
	uint64_t direct = 0, symbol, vmemmap;
	Elf64_Phdr *phdrs;
	Elf64_Ehdr head;

	if (fd < 0)
		answer(1);
	if (pread(fd, &head, sizeof(head), 0) != sizeof(head))
		answer(1);
	phdrs = calloc(head.e_phnum, sizeof(*phdrs));
	if (pread(fd, phdrs, head.e_phnum * sizeof(*phdrs), head.e_phoff) < 0)
		answer(1);
	/* Of memory in the direct map, whose start is a multiple of a GiB */
	for (i = 0; i < head.e_phnum; i++) {
		if (phdrs[i].p_type == PT_LOAD && phdrs[i].p_vaddr < text &&
		    phdrs[i].p_paddr != (Elf64_Addr)-1 &&
		    !((phdrs[i].p_vaddr - phdrs[i].p_paddr) & 0x3fffffff))
			direct = phdrs[i].p_vaddr - phdrs[i].p_paddr;
	}
	if (!direct)
		die("/proc/kcore has no System RAM");
	/* Its first page is there, or this looks at the wrong place */
	(void)word_at(fd, offset_of(phdrs, head.e_phnum, direct + 0x1000));
	symbol = vmemmap_symbol();
	/* Without the symbol the kernel has a fixed place for it */
	vmemmap = symbol ? word_at(fd, offset_of(phdrs, head.e_phnum, symbol)) :
			   0xffffea0000000000;
	(void)word_at(fd, offset_of(phdrs, head.e_phnum, vmemmap + 64));

	if (offset_of(phdrs, head.e_phnum, direct + address) < 0 &&
	    offset_of(phdrs, head.e_phnum, vmemmap + (address >> 12) * 64) <
		    0) {
		puts("not in it");
		exit(1);
	}
	answer(0);
}

static void try_pagemap(const char *who, const char *device, size_t size)
{
	volatile uint64_t *data = map(device, size);
	uint64_t entry = 0;
	int fd;

	if (!data)
		die(device);
	*data = *data;
	become(who);
	fd = open("/proc/self/pagemap", O_RDONLY);
	if (fd < 0 || pread(fd, &entry, sizeof(entry),
			    (uintptr_t)data / 4096 * 8) != sizeof(entry))
		answer(1);
	if (!(entry >> 63))
		puts("not present");
	else
		puts(entry & ((1ULL << 55) - 1) ? "yes" : "0");
	exit(0);
}

static void try_peek(const char *who, const char *device, size_t size)
{
	volatile uint64_t *data = map(device, size);
	struct iovec local, remote;
	char path[64], got[8];
	int fd, failed, ends[2];
	pid_t pid;

	if (!data || pipe(ends))
		die(device);
	*data = *data;
	pid = fork();
	if (!pid) {
		/* Until the other end is gone: this one cannot be killed by everybody */
		close(ends[1]);
		if (read(ends[0], got, 1))
			die("read");
		_exit(0);
	}
	become(who);
	local = (struct iovec){ got, sizeof(got) };
	remote = (struct iovec){ (void *)data, sizeof(got) };
	failed =
		process_vm_readv(pid, &local, 1, &remote, 1, 0) < 0 ? errno : 0;
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDONLY);
	/* That is a file with an owner, besides */
	if (failed && fd >= 0 && pread(fd, got, 8, (uintptr_t)data) == 8)
		printf("but by /proc/PID/mem it can: ");
	errno = failed;
	answer(failed);
}

int main(int argc, char **argv)
{
	const char *who, *what, *arg;
	size_t size;

	if (argc < 4) {
		fprintf(stderr, "usage: attempt WHO OPERATION ARGUMENT...\n");
		return 2;
	}
	who = argv[1];
	what = argv[2];
	arg = argv[3];
	size = argc > 4 ? strtoull(argv[4], NULL, 0) : 0;
	mkdir("/tmp/mounted", 0755);
	/* These map the device before */
	if (!strcmp(what, "pagemap"))
		try_pagemap(who, arg, size);
	if (!strcmp(what, "peek"))
		try_peek(who, arg, size);

	become(who);
	if (!strcmp(what, "open"))
		try_open(arg);
	if (!strcmp(what, "read"))
		try_read(arg);
	if (!strcmp(what, "write") && argc == 5)
		try_write(arg, argv[4]);
	if (!strcmp(what, "list"))
		try_list(arg);
	if (!strcmp(what, "map"))
		try_map(arg, size);
	if (!strcmp(what, "dump"))
		try_dump(arg, size);
	if (!strcmp(what, "mknod") && argc == 5)
		try_mknod(atoi(arg), atoi(argv[4]));
	if (!strcmp(what, "mount"))
		try_mount(arg);
	if (!strcmp(what, "mem"))
		try_mem(strtoull(arg, NULL, 0));
	if (!strcmp(what, "kcore"))
		try_kcore(strtoull(arg, NULL, 0));
	if (!strcmp(what, "run")) {
		execvp(arg, argv + 3);
		die(arg);
	}
	errno = EINVAL;
	die(what);
	return 2;
}
