// SPDX-License-Identifier: GPL-2.0-only
/* holdlock FILE: has it locked, as flock() does, and says so, until standard input ends */
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	FILE *file = argc == 2 ? fopen(argv[1], "a") : NULL;
	char byte;

	if (!file || flock(fileno(file), LOCK_EX)) {
		perror("holdlock");
		return 1;
	}
	printf("locked\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
