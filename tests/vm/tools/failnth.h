/* SPDX-License-Identifier: GPL-2.0-only */
/* What failnth.c, which counts and arms, and faildeeds.c, what is done, have in common */
#ifndef FAILNTH_H
#define FAILNTH_H

#include <signal.h>
#include <stdbool.h>

#define NS "namespace0.0"

enum needs {
	UNLOADED,
	LOADED,
	ATTACHED
};

/* A deed: what comes before it and what is looked at after it is not counted */
struct phase {
	const char *name;
	enum needs needs;
	void (*before)(void);
	int (*op)(void);
	void (*after)(int rc);
};

extern const struct phase phases[];
extern const unsigned int nr_phases;

/* By failnth.c */
extern bool by_call;
extern const char *module_file;
extern unsigned int nth;
void die(const char *what);
void expect(bool good, const char *what);
char *slurp(const char *path);
int put(int fd, const char *text);
int must_open(const char *path, int flags);

/* By faildeeds.c */
void deeds_init(void);
void prepare(enum needs needs);
void tidy_up(enum needs needs);

#endif /* FAILNTH_H */
