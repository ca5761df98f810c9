# SPDX-License-Identifier: GPL-2.0-only
"""coverage.py TOP GAPS JSON...: add up gcov's reports on TOP/src; print what lines and
branches were reached, and each line that was not with its reason from GAPS, whose lines
are "FILE<tab>REGEX<tab>REASON": REGEX is of the line, or of two if it has a line break.
Fails where less than 95 % of the lines are reached, or one that was not has no reason, or a
reason has no line; one that begins with "sometimes: " need not have any."""

import collections
import glob
import json
import os
import re
import sys


def documents(path):
    """gcov writes one document after the other."""
    decoder = json.JSONDecoder()
    with open(path, encoding="utf-8") as file:
        text = file.read().strip()
    while text:
        document, end = decoder.raw_decode(text)
        yield document
        text = text[end:].lstrip()


def add_up(paths):
    lines = collections.defaultdict(lambda: collections.defaultdict(int))
    branches = collections.defaultdict(lambda: collections.defaultdict(int))
    for path in paths:
        for document in documents(path):
            for file in document["files"]:
                match = re.search(r"(?:^|/)(src/(?:[a-z]+/)?[^/]+\.[ch])$", file["file"])
                if not match:
                    continue
                name = match.group(1)
                for line in file["lines"]:
                    number = line["line_number"]
                    lines[name][number] += line["count"]
                    # The two compilers see other branches in a line: by reports
                    kind = path.endswith("unit.json")
                    for index, branch in enumerate(line["branches"]):
                        # trace.h's are in the kernel's macros
                        if not branch["throw"] and name != "src/trace/trace.h":
                            branches[name][kind, number, index] += branch["count"]
    return lines, branches


def read_gaps(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                name, pattern, reason = line.rstrip("\n").split("\t")
                yield name, re.compile(pattern), reason


def share(reached, total):
    return f"{reached}/{total} ({100 * reached / total:.1f} %)" if total else "-"


def main():
    top, gaps_path, *paths = sys.argv[1:]
    lines, branches = add_up(paths)
    gaps = list(read_gaps(gaps_path))
    used = set()
    unexplained = []
    total = reached = total_branches = reached_branches = 0

    for path in glob.glob(f"{top}/src/**/*.c", recursive=True):
        name = os.path.relpath(path, top)
        # trace.c is a header's macros, and the probes are not part of the module
        if (
            name not in lines
            and name != "src/trace/trace.c"
            and not name.startswith("src/compat/")
        ):
            unexplained.append(f"{name}: no report has it")
    print(f"# {len(paths)} reports: guests {len(paths) - 1}, unit tests 1")
    for name in sorted(lines):
        with open(f"{top}/{name}", encoding="utf-8") as file:
            source = file.read().splitlines()
        missed = sorted(n for n, count in lines[name].items() if not count)
        got = len(lines[name]) - len(missed)
        taken = sum(1 for count in branches[name].values() if count)
        total += len(lines[name])
        reached += got
        total_branches += len(branches[name])
        reached_branches += taken
        print(f"# {name}: lines {share(got, len(lines[name]))}, "
              f"branches {share(taken, len(branches[name]))}")
        for number in missed:
            text = source[number - 1].strip()
            two = f"{source[number - 2].strip()}\n{text}"
            reason = None
            for index, (file_name, pattern, why) in enumerate(gaps):
                where = two if "\\n" in pattern.pattern else text
                if file_name == name and pattern.search(where):
                    used.add(index)
                    reason = why
                    break
            if not reason:
                unexplained.append(f"{name}:{number}: {text}")
            print(f"#   {number}: {text}  [{reason or 'NO REASON'}]")
    stale = [f"{name}: {pattern.pattern}" for i, (name, pattern, why) in enumerate(gaps)
             if i not in used and not why.startswith("sometimes: ")]

    print("1..3")
    enough = total and reached >= 0.95 * total
    print(f"{'ok' if enough else 'not ok'} 1 - coverage: lines {share(reached, total)}, "
          f"95 % or more; branches {share(reached_branches, total_branches)}")
    print(f"{'not ok' if unexplained else 'ok'} 2 - coverage: every line that was not "
          f"reached has a reason ({len(unexplained)} have none)")
    print(f"{'not ok' if stale else 'ok'} 3 - coverage: every reason has a line {stale or ''}")
    return 1 if unexplained or stale or not enough else 0


sys.exit(main())
