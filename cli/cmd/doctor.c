// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/command.h"
#include "cmd/options.h"
#include "doctor/doctor.h"
#include "output/json.h"
#include "output/say.h"
#include "output/text.h"

static bool as_json;

static const struct verb_option options[] = {
	{ OPTION_FLAG, 'j', "json", &as_json, NULL, "JSON in place of lines" },
	{ 0 },
};

static const char *const words[] = {
	[VERDICT_OK] = "ok",
	[VERDICT_WARN] = "warn",
	[VERDICT_FAIL] = "fail",
};

static void print_line(const struct check *check, const struct finding *finding)
{
	char text[TEXT_ESCAPED(DOCTOR_TEXT)], remedy[TEXT_ESCAPED(DOCTOR_TEXT)];
	enum text_reader reader = text_terminal();

	text_escape(text, sizeof(text), finding->text, reader);
	text_escape(remedy, sizeof(remedy), finding->remedy, reader);
	printf("%-5s %-11s %s%s%s\n", words[finding->verdict], check->name,
	       text, *remedy ? ": " : "", remedy);
}

static struct json_object *finding_json(const struct check *check,
					const struct finding *finding)
{
	struct json_object *object = json_object_new_object();

	json_add_text(object, "check", check->name);
	json_add_text(object, "result", words[finding->verdict]);
	json_add_text(object, "text", finding->text);
	if (*finding->remedy)
		json_add_text(object, "remedy", finding->remedy);
	return object;
}

int cmd_doctor(int argc, char **argv)
{
	int first = options_parse(options, "[OPTIONS]", argc, argv);
	struct json_object *array, *report;
	const struct check *check;
	int status = STATUS_OK, printed = STATUS_OK;

	if (first < 0)
		return first == OPTIONS_DONE ? STATUS_OK : STATUS_USAGE;
	if (first != argc) {
		say("doctor: '%s' is one word too many", argv[first]);
		return STATUS_USAGE;
	}
	report = json_report();
	array = json_object_new_array();
	json_object_object_add(report, "checks", array);
	for (check = doctor_checks; check->name; check++) {
		struct finding finding = { .verdict = VERDICT_OK };

		check->look(&finding);
		if (as_json)
			json_object_array_add(array,
					      finding_json(check, &finding));
		else
			print_line(check, &finding);
		if (finding.verdict == VERDICT_FAIL)
			status = STATUS_FAILED;
	}
	if (as_json)
		printed = json_print(report);
	else
		json_object_put(report);
	return status ? status : printed;
}
