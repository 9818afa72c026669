#!/usr/bin/env python3
"""Counts the instructions of one message on the three hottest paths, and compares them with what was recorded.

    python3 benches/instructions.py [--record] [--tolerance PERCENT]

Unlike a time, a count is the same on a busy machine: what changes it is a change of the code, of the compiler or of
the C library. The paths are those of `benches path`: a process sends, receives, or does both with a send-once right, and
never waits. callgrind counts what it does in its own code, not in the kernel. Each path is taken N times and 2 N times, so
that the difference is N messages and nothing of the start.

What is recorded is in instructions.json, with the functions that a message spends its instructions in. A path that has
become dearer than the tolerance fails; where the compiler or the libraries are others than those that were recorded
with, the difference is told and fails nothing. It needs Linux, and valgrind, which it installs as root on Debian.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
RECORD = HERE / "instructions.json"
PATHS = ["send", "receive", "call"]
TIMES = 1600
# A function with a smaller part of a path is not recorded.
LEAST = 0.01


def said(*command):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


def ensure_valgrind():
    if shutil.which("valgrind"):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit("instructions.py: valgrind is needed (Debian: apt-get install valgrind)")
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    subprocess.run(["apt-get", "install", "-y", "-qq", "valgrind"], check=True)


def build():
    """Builds without what is compared with, and returns the program."""
    command = ["cargo", "build", "--release", "--locked", "--message-format=json-render-diagnostics"]
    command += ["--manifest-path", str(HERE / "Cargo.toml")]
    for line in said(*command).splitlines():
        message = json.loads(line)
        if message.get("executable"):
            return message["executable"]
    sys.exit("instructions.py: nothing was built")


def made_with():
    return {
        "rustc": said("rustc", "--version"),
        "machine": platform.machine(),
        "libc": " ".join(platform.libc_ver()),
        "valgrind": said("valgrind", "--version"),
    }


def functions(profile):
    """The instructions of each function itself, from callgrind's file."""
    names, counts, current, skip = {}, Counter(), None, False
    for line in profile.read_text().splitlines():
        if line.startswith("fn="):
            number, _, name = line[3:].partition(" ")
            if name:
                names[number] = re.sub(r"::h[0-9a-f]{16}$", "", name)
            current = names[number]
        elif line.startswith(("cfn=", "cfi=", "cob=")):
            number, _, name = line.split("=", 1)[1].partition(" ")
            if line.startswith("cfn=") and name:
                names[number] = re.sub(r"::h[0-9a-f]{16}$", "", name)
        elif line.startswith("calls="):
            skip = True  # The next line is what the callee cost.
        elif line[:1] in "0123456789+-*" and line:
            if not skip:
                counts[current] += int(line.split()[1])
            skip = False
    return counts


def count(program, path, times, folder):
    profile = folder / f"{path}-{times}"
    tool = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={profile}"]
    subprocess.run([program, "path", path, str(times), "--", *tool], check=True, timeout=120)
    return functions(profile)


def measure(program):
    measured = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in PATHS:
            once, twice = (count(program, path, n * TIMES, Path(folder)) for n in (1, 2))
            each = {name: (twice[name] - once[name]) / TIMES for name in twice}
            total = sum(each.values())
            large = sorted((-n, name) for name, n in each.items() if n >= total * LEAST)
            measured[path] = {
                "instructions": round(total),
                "functions": {name: round(-n) for n, name in large},
            }
    return measured


def changes(before, now):
    """What the functions' counts have changed by, the largest change first."""
    before, now = before["functions"], now["functions"]
    for name in sorted({*before, *now}, key=lambda name: -abs(now.get(name, 0) - before.get(name, 0)))[:8]:
        if now.get(name) != before.get(name):
            yield f"      {before.get(name, '-'):>6} -> {now.get(name, '-'):>6}  {name}"


def compare(recorded, measured, tolerance):
    """Says what has changed; true if nothing has become dearer."""
    fine = True
    for path in PATHS:
        before, now = recorded[path]["instructions"], measured[path]["instructions"]
        change = (now - before) / before * 100
        verdict = ""
        if abs(change) > tolerance:
            fine = fine and change < 0
            verdict = ": dearer" if change > 0 else ": cheaper; record it, so that it stays so"
        print(f"{path:8} {before:6} -> {now:6}  {change:+.1f} %{verdict}")
        if verdict:
            print("\n".join(changes(recorded[path], measured[path])))
    return fine


def main():
    parser = argparse.ArgumentParser(description="Counts instructions, and compares them with what was recorded.")
    parser.add_argument("--record", action="store_true", help="write what is counted into instructions.json")
    parser.add_argument("--tolerance", type=float, default=3.0, metavar="PERCENT")
    arguments = parser.parse_args()
    if platform.system() != "Linux":
        sys.exit("instructions.py: callgrind counts on Linux")
    ensure_valgrind()
    measured, tools = measure(build()), made_with()
    recorded = json.loads(RECORD.read_text()) if RECORD.exists() else None
    fine = recorded is None or compare(recorded["paths"], measured, arguments.tolerance)
    if arguments.record or recorded is None:
        RECORD.write_text(json.dumps({"made with": tools, "paths": measured}, indent=2) + "\n")
        print(f"recorded in {RECORD.name}")
    elif recorded["made with"] != tools:
        print(f"recorded with {recorded['made with']}, counted with {tools}: no comparison of the code alone")
    elif not fine:
        sys.exit("instructions.py: a path has become dearer; where that is meant, --record")


if __name__ == "__main__":
    main()
