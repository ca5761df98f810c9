// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "nodecalls.h"
#include "nodemaps.h"

/* Since 6.5: headers do not know it yet */
#define NR_cachestat 451

int chance(struct caller *c, unsigned int percent)
{
	return rng_percent(c->r, percent);
}

u64 below(struct caller *c, u64 n)
{
	return rng_below(c->r, n);
}

/* Bits of @all, each as likely as not */
u64 some_of(struct caller *c, u64 all)
{
	return rng_next(c->r) & all;
}

int fd_of(struct caller *c)
{
	return c->fds[below(c, FDS)];
}

u64 offset_of(struct caller *c)
{
	u64 units = data_size / c->align;

	if (chance(c, 70))
		return below(c, units) * c->align;
	switch (below(c, 6)) {
	case 0:
		return below(c, data_size / PAGE) * PAGE;
	case 1:
		return data_size - c->align * below(c, 3);
	case 2:
		return data_size + c->align * below(c, 1000);
	case 3:
		return (1ULL << 63) - c->align * (1 + below(c, 4));
	case 4:
		return -c->align * (1 + below(c, 4));
	default:
		return rng_wide(c->r);
	}
}

u64 length_of(struct caller *c)
{
	if (chance(c, 80))
		return c->align * (1 + below(c, c->align > PAGE ? 3 : 64));
	switch (below(c, 5)) {
	case 0:
		return PAGE * (1 + below(c, 600));
	case 1:
		return data_size;
	case 2:
		return 0;
	case 3:
		return 1 + below(c, 3 * PAGE);
	default:
		return rng_wide(c->r);
	}
}

/* None of these may move data by way of the descriptor */
void call_data(struct caller *c)
{
	int fd = fd_of(c);
	u64 words[16] = { 0 };
	struct iovec iov = { words, below(c, sizeof(words) + 1) };
	loff_t at = offset_of(c);
	const char *what = "";
	ssize_t n = -1;

	switch (below(c, 14)) {
	case 0:
		what = "read", n = read(fd, words, iov.iov_len);
		break;
	case 1:
		what = "write", n = write(fd, words, iov.iov_len);
		break;
	case 2:
		what = "pread", n = pread(fd, words, iov.iov_len, at);
		break;
	case 3:
		what = "pwrite", n = pwrite(fd, words, iov.iov_len, at);
		break;
	case 4:
		what = "preadv2", n = preadv2(fd, &iov, 1, at, below(c, 64));
		break;
	case 5:
		what = "pwritev2", n = pwritev2(fd, &iov, 1, at, below(c, 64));
		break;
	case 6:
		what = "splice", n = splice(fd, NULL, c->pipes[1], NULL, 4096,
					    SPLICE_F_NONBLOCK);
		break;
	case 7:
		what = "splice to", n = splice(c->pipes[0], NULL, fd, NULL,
					       4096, SPLICE_F_NONBLOCK);
		break;
	case 8:
		what = "sendfile", n = sendfile(c->sockets[0], fd, NULL, 4096);
		break;
	case 9:
		what = "sendfile to", n = sendfile(fd, c->memfd, NULL, 4096);
		break;
	case 10:
		what = "copy_file_range";
		n = copy_file_range(fd, NULL, c->memfd, NULL, 4096, 0);
		break;
	case 11:
		what = "copy_file_range to";
		n = copy_file_range(c->memfd, NULL, fd, NULL, 4096, 0);
		break;
	case 12:
		what = "fallocate";
		n = fallocate(fd, some_of(c, 0x7f), at, length_of(c)) ? -1 : 1;
		break;
	default:
		what = "ftruncate", n = ftruncate(fd, length_of(c)) ? -1 : 1;
	}
	if (n > 0)
		wrong("%s works, %ld", what, n);
}

void call_ioctl(struct caller *c)
{
	static const unsigned long known[] = {
		BLKGETSIZE64, BLKFLSBUF,       BLKROGET,      BLKSSZGET,
		BLKDISCARD,   BLKZEROOUT,      FIBMAP,	      FIGETBSZ,
		FICLONE,      FS_IOC_GETFLAGS, FS_IOC_FIEMAP, FS_IOC_FSGETXATTR,
		FIONREAD,     FIONBIO,	       FIOASYNC,      FIOQSIZE,
		FIOCLEX,
	};
	u64 room[512] = { 0 };
	unsigned long nr = rng_next(c->r);

	if (chance(c, 60))
		nr = known[below(c, sizeof(known) / sizeof(*known))];
	else if (chance(c, 50))
		nr = _IOC(below(c, 4), below(c, 256), below(c, 64),
			  below(c, 64));
	/* They would freeze the file system that the node is in */
	if ((unsigned int)nr == FIFREEZE)
		return;
	ioctl(fd_of(c), nr, chance(c, 90) ? room : rng_foreign(c->r));
}

void call_file(struct caller *c)
{
	static const int commands[] = { F_GETFL,     F_SETFL,	  F_GETFD,
					F_SETLEASE,  F_GETLEASE,  F_NOTIFY,
					F_ADD_SEALS, F_GET_SEALS, F_SETPIPE_SZ,
					F_GETOWN,    F_SETOWN };
	struct flock lock = { .l_type = below(c, 4),
			      .l_start = offset_of(c),
			      .l_len = below(c, 9000) };
	int fd = fd_of(c), n;
	struct pollfd poll_fd = { fd, rng_next(c->r), 0 };
	u64 room[64] = { 0 };
	struct stat st;

	switch (below(c, 16)) {
	case 0:
		lseek(fd, offset_of(c), below(c, 6));
		break;
	case 1:
		n = commands[below(c, sizeof(commands) / sizeof(*commands))];
		fcntl(fd, n,
		      n == F_SETFL  ? some_of(c, O_APPEND | O_NONBLOCK |
							 O_DIRECT | O_ASYNC) :
		      n == F_SETOWN ? (u64)getpid() :
				      below(c, 8));
		break;
	case 2:
		fcntl(fd, chance(c, 50) ? F_SETLK : F_OFD_SETLK, &lock);
		break;
	case 3:
		flock(fd, LOCK_NB | (1 << below(c, 4)));
		break;
	case 4:
		chance(c, 50) ? fsync(fd) : fdatasync(fd);
		break;
	case 5:
		sync_file_range(fd, offset_of(c), length_of(c), below(c, 8));
		break;
	case 6:
		posix_fadvise(fd, offset_of(c), length_of(c), below(c, 8));
		break;
	case 7:
		readahead(fd, offset_of(c), length_of(c));
		break;
	case 8:
		poll(&poll_fd, 1, 0);
		break;
	case 9:
		if (!fstat(fd, &st) && !S_ISCHR(st.st_mode))
			wrong("fstat says mode %#o", st.st_mode);
		break;
	case 10:
		fsetxattr(fd, "user.x", room, 8, 0);
		fgetxattr(fd, "security.selinux", room, sizeof(room));
		break;
	case 11:
		n = dup(fd);
		if (n >= 0)
			close(n);
		break;
	case 12:
		syscall(NR_cachestat, fd, room, room + 8, 0);
		break;
	case 13:
		syscall(SYS_getdents64, fd, room, sizeof(room));
		break;
	case 14:
		tee(fd, c->pipes[1], 4096, SPLICE_F_NONBLOCK);
		break;
	default:
		n = inotify_init1(IN_CLOEXEC);
		inotify_add_watch(n, c->device, IN_ALL_EVENTS);
		close(n);
	}
}
