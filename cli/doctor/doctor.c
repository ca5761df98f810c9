// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>

#include "doctor/doctor.h"

const struct check doctor_checks[] = {
	{ "kernel", check_kernel },	    { "headers", check_headers },
	{ "built", check_built },	    { "signed", check_signed },
	{ "loaded", check_loaded },	    { "debugfs", check_debugfs },
	{ "lockdown", check_lockdown },	    { "kdump", check_kdump },
	{ "stock", check_stock },	    { "kept", check_kept },
	{ "namespaces", check_namespaces }, { 0 },
};

void found(struct finding *finding, enum verdict verdict, const char *fmt, ...)
{
	va_list args;

	finding->verdict = verdict;
	va_start(args, fmt);
	vsnprintf(finding->text, sizeof(finding->text), fmt, args);
	va_end(args);
}

void remedy(struct finding *finding, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(finding->remedy, sizeof(finding->remedy), fmt, args);
	va_end(args);
}
