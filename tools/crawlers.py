#!/usr/bin/env python3
"""Words by which programs name themselves, as a C table, from the npm package crawler-user-agents.

usage: crawlers.py OUT.c [crawler-user-agents.json]

The package's patterns are regular expressions of little: classes, alternatives, anchors. Each becomes the
plain texts that it stands for; one that stands for too many is left out. Without the file the table is empty.
"""
import itertools
import json
import sys

try:
    from re import _parser as parser
except ImportError:  # before Python 3.11
    import sre_parse as parser

MOST = 64  # texts that one pattern may stand for


def texts(tree):
    """All texts that a parsed pattern stands for, '^' in front and '$' behind where they are bound; None: too many."""
    parts = []
    for op, arg in tree:
        name = str(op)
        if name == 'LITERAL':
            parts.append([chr(arg)])
        elif name == 'IN' and all(str(o) == 'LITERAL' for o, _ in arg):
            parts.append([chr(c) for _, c in arg])
        elif name == 'AT':
            parts.append(['\x01' if str(arg) == 'AT_BEGINNING' else '\x02'])
        elif name == 'SUBPATTERN':
            parts.append(texts(arg[3]))
        elif name == 'BRANCH':
            branches = [texts(branch) for branch in arg[1]]
            parts.append(None if None in branches else [text for branch in branches for text in branch])
        else:
            return None
        if parts[-1] is None:
            return None
    made = [''.join(choice) for choice in itertools.islice(itertools.product(*parts), MOST + 1)]
    return made if len(made) <= MOST else None


def words(patterns):
    found = set()
    for pattern in patterns:
        for text in texts(parser.parse(pattern)) or []:
            bare = text.strip('\x01\x02')
            if len(bare) >= 3 and '\x01' not in bare and '\x02' not in bare and bare.isascii():
                found.add((bare, text.startswith('\x01'), text.endswith('\x02')))
    return sorted(found)


def main():
    out = sys.argv[1]
    table = []
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding='utf-8') as f:
            table = words(entry['pattern'] for entry in json.load(f))
    first = [0] * 257
    for text, _, _ in table:
        first[ord(text[0]) + 1] += 1
    for i in range(256):
        first[i + 1] += first[i]
    with open(out, 'w', encoding='utf-8') as f:
        f.write('/* Made by tools/crawlers.py. */\n#include "marketing/client_int.h"\n')
        f.write('const struct crawler crawlers[] = {\n')
        for text, begins, ends in table:
            f.write('    { "%s", %d, %d, %d },\n' % (text.replace('\\', '\\\\').replace('"', '\\"'), len(text), begins, ends))
        f.write('    { "", 0, 0, 0 },\n};\n')
        f.write('const unsigned short crawlers_by_byte[257] = { %s };\n' % ', '.join(map(str, first)))


main()
