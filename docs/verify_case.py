#!/usr/bin/env python3
"""Checks an exported case: was its history changed since it was written down?

    python3 verify_case.py FILE...         [--head SEQ:HASH]

Needs Python 3.8 and nothing else: no Peshi, no key, no network. Every entry of a case's journal carries a hash over itself
and over the hash before it, so nobody can change, drop, swap or insert an entry without changing every hash that follows.
What the entries say stays sealed; only that they are unchanged is checked. The form is described in journal-format.md.

Cutting entries off the end leaves a shorter chain that holds. It shows against a head kept elsewhere: the weekly digest
prints one for each case, and --head compares it.
"""
import base64
import hashlib
import json
import sys

FIELDS = {"seq": int, "recorded_at": int, "occurred_at": int, "actor": str, "instance": str,
          "kind": str, "payload": str, "prev": str, "hash": str}


class Broken(Exception):
    """The chain does not hold, and where."""


def text(value):
    """A text with its length before it, so that no two entries run together alike."""
    data = value.encode("utf-8")
    return len(data).to_bytes(8, "big") + data


def number(value):
    return value.to_bytes(8, "big", signed=True)


def entry_hash(case, prev, entry):
    """The hash that an entry must have after the hash `prev`."""
    payload = base64.b64decode(entry["payload"], validate=True)
    return hashlib.sha256(
        b"peshi-journal-1\0" + prev + text(case) + number(entry["seq"]) + number(entry["recorded_at"])
        + number(entry["occurred_at"]) + text(entry["actor"]) + text(entry["instance"]) + text(entry["kind"])
        + hashlib.sha256(payload).digest()).digest()


def read(line, place):
    """One line as JSON. A field that stands twice could be read in two ways, so it is refused."""
    def once(pairs):
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a field stands twice")
        return dict(pairs)
    try:
        return json.loads(line, object_pairs_hook=once)
    except ValueError as error:
        raise Broken(f"{place} cannot be read: {error}") from None


def check_entry(entry, place, case, seq, prev):
    """Gives the entry's hash if it is whole and follows `prev`."""
    if not isinstance(entry, dict) or {name: type(value) for name, value in entry.items()} != FIELDS:
        raise Broken(f"{place}: its fields are not those of an entry")
    if entry["seq"] != seq:
        raise Broken(f"{place}: it says it is entry {entry['seq']}, but entry {seq} belongs here: "
                     "an entry was dropped, added or moved")
    if entry["prev"] != prev.hex():
        raise Broken(f"{place}, entry {seq}: it does not follow the entry before it: one of the two was replaced")
    try:
        found = entry_hash(case, prev, entry)
    except (ValueError, OverflowError) as error:
        raise Broken(f"{place}, entry {seq}: it cannot be hashed: {error}") from None
    if entry["hash"] != found.hex():
        raise Broken(f"{place}, entry {seq}: its content is not what was recorded")
    return found


def check(path, kept_head):
    """Checks one file; gives a line that says so."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().rstrip("\n").split("\n")
    header = read(lines[0], "line 1")
    if not isinstance(header, dict):
        header = {}
    if header.get("format") != "peshi-case-1":
        raise Broken("line 1 is not the header of an exported case")
    head, hashes = bytes(32), {}
    for place, line in enumerate(lines[1:], start=2):
        seq = place - 1
        head = check_entry(read(line, f"line {place}"), f"line {place}", header["case"], seq, head)
        hashes[seq] = head.hex()
    if header["entries"] != len(hashes) or header["head"] != head.hex():
        raise Broken(f"the file ends with entry {len(hashes)} and hash {head.hex()}, but its first line promises "
                     f"{header['entries']} entries and hash {header['head']}: the end was cut off, or line 1 was changed")
    if kept_head:
        seq, _, kept = kept_head.partition(":")
        if not kept or not hashes.get(int(seq), "").startswith(kept.lower()):
            raise Broken(f"entry {seq} is not the one whose hash was kept: the history was written anew since then")
    return f"holds: case {header['reference']}, {len(hashes)} entries, head {len(hashes)}:{head.hex()}"


def main(arguments):
    kept_head = None
    if "--head" in arguments[:-1]:
        at = arguments.index("--head")
        kept_head = arguments[at + 1]
        del arguments[at:at + 2]
    if not arguments:
        sys.exit(__doc__)
    bad = 0
    for path in arguments:
        try:
            print(f"{path}: {check(path, kept_head)}")
        except (Broken, OSError, KeyError, UnicodeDecodeError, ValueError) as problem:
            print(f"{path}: BROKEN: {problem if not isinstance(problem, KeyError) else f'line 1 has no {problem}'}")
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
