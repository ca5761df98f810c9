/* SPDX-License-Identifier: GPL-2.0-only */
/* What attaching needs, one check each. */
#ifndef ALTMAPCTL_DOCTOR_H
#define ALTMAPCTL_DOCTOR_H

enum verdict {
	VERDICT_OK,
	VERDICT_WARN,
	VERDICT_FAIL
};

#define DOCTOR_TEXT 256

/**
 * struct finding - what a check has found
 * @verdict: VERDICT_FAIL if attaching cannot work
 * @text: what there is
 * @remedy: what to do, or ""
 */
struct finding {
	enum verdict verdict;
	char text[DOCTOR_TEXT];
	char remedy[DOCTOR_TEXT];
};

/**
 * struct check - one check
 * @name: a word for it
 * @look: makes the check, and fills the finding in
 */
struct check {
	const char *name;
	void (*look)(struct finding *finding);
};

extern const struct check doctor_checks[];

__attribute__((format(printf, 3, 4))) void
found(struct finding *finding, enum verdict verdict, const char *fmt, ...);
__attribute__((format(printf, 2, 3))) void remedy(struct finding *finding,
						  const char *fmt, ...);

void check_kernel(struct finding *finding);
void check_headers(struct finding *finding);
void check_built(struct finding *finding);
void check_signed(struct finding *finding);
void check_loaded(struct finding *finding);
void check_debugfs(struct finding *finding);
void check_lockdown(struct finding *finding);
void check_kdump(struct finding *finding);
void check_stock(struct finding *finding);
void check_kept(struct finding *finding);
void check_namespaces(struct finding *finding);

#endif /* ALTMAPCTL_DOCTOR_H */
