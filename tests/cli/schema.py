#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""schema.py SCHEMA: check lines "VERB JSON" of standard input against a verb's part of
the schema, and say what is wrong. Each verb's part must reject what it should."""

import json
import sys

import jsonschema


def validator(schema, verb):
    part = {"$ref": "#/$defs/" + verb, "$defs": schema["$defs"]}
    return jsonschema.Draft202012Validator(part)


def broken(value):
    """Copies of a value, each with one thing wrong in it."""
    yield {k: v for k, v in value.items() if k != "schema_version"}
    yield {**value, "schema_version": value["schema_version"] + 1}
    yield {**value, "surprise": 1}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)

    bad = lines = 0
    for line in sys.stdin:
        verb, text = line.split(" ", 1)
        value = json.loads(text)
        checker = validator(schema, verb)
        lines += 1
        for error in checker.iter_errors(value):
            where = "/".join(str(part) for part in error.absolute_path)
            print(f"{verb}: {where}: {error.message}\n  in {text.strip()}")
            bad += 1
        for wrong in broken(value):
            if checker.is_valid(wrong):
                print(f"{verb}: the schema takes {json.dumps(wrong)}")
                bad += 1
    if not lines:
        print("there was nothing to check")
    return bad or not lines


if __name__ == "__main__":
    sys.exit(bool(main()))
