#!/usr/bin/env python3
"""Domains of mail addresses for ten minutes, as a C table of hashes, from the npm package mailchecker.

usage: disposable.py OUT.c [mailchecker/platform/node/index.js]

The hash is FNV-1a of 64 bits, ascending: src/marketing/form_guard.c looks up by halving. Without the file the
table is empty.
"""
import re
import sys


def fnv(text):
    h = 0xcbf29ce484222325
    for byte in text.encode():
        h = (h ^ byte) * 0x100000001b3 & 0xffffffffffffffff
    return h


def main():
    domains = set()
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding='utf-8') as f:
            domains = {d.lower() for d in re.findall(r'"([A-Za-z0-9.-]+\.[A-Za-z0-9-]+)"', f.read())}
    hashes = sorted({fnv(d) for d in domains})
    with open(sys.argv[1], 'w', encoding='utf-8') as f:
        f.write('/* Made by tools/disposable.py. */\n#include "marketing/disposable_int.h"\n')
        f.write('const u64 disposable_hashes[] = {\n')
        for at in range(0, len(hashes), 4):
            f.write('    ' + ' '.join('0x%016xull,' % h for h in hashes[at:at + 4]) + '\n')
        f.write('    0,\n};\nconst size_t disposable_count = %d;\n' % len(hashes))


main()
