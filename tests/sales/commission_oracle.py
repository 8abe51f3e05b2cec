#!/usr/bin/env python3
"""Counts commissions by Python's decimal and fractions: the independent judge of sales/commission.h.

One case a line on standard input, one answer a line on standard output, both JSON in whole numbers:
  {"quota": q, "tiers": [[from, rate], ...], "whole": 0, "cap": c, "credits": [[minor, own rate], ...]}
  [what each credit earns, ...]
"""
import json, sys
from decimal import Decimal, ROUND_HALF_UP, getcontext
from fractions import Fraction

getcontext().prec = 80

def rounded(x):
    """Half away from zero, of a Fraction."""
    return int((Decimal(x.numerator) / Decimal(x.denominator)).quantize(Decimal(1), ROUND_HALF_UP))

def rate_of(boundaries, amount):
    """Of the unit above this amount."""
    found = boundaries[0][1]
    for begins, rate in boundaries[1:]:
        if begins is not None and amount >= begins:
            found = rate
    return found

def earns(boundaries, low, high):
    """Cuts [low, high) at every boundary in it and adds up the pieces."""
    if high < low:
        return -earns(boundaries, high, low)
    cuts = sorted({low, high} | {b for b, _ in boundaries[1:] if b is not None and low < b < high})
    return sum(((to - at) * rate_of(boundaries, at) for at, to in zip(cuts, cuts[1:])), Fraction(0))

def count(case):
    quota = case["quota"]
    boundaries = []
    for share, rate in case["tiers"]:
        begins = 0 if share == 0 else rounded(Fraction(quota * share, 1000000)) if quota > 0 else None
        boundaries.append((begins, Fraction(rate, 1000000)))
    credited, total, out, earned = 0, Fraction(0), [], 0
    whole = rate_of(boundaries, sum(m for m, _ in case["credits"]))
    for minor, own in case["credits"]:
        if own >= 0:
            total += minor * Fraction(own, 1000000)
        elif case["whole"]:
            total += minor * whole
        else:
            total += earns(boundaries, credited, credited + minor)
        credited += minor
        now = rounded(total)
        if case["cap"] > 0:
            now = min(now, case["cap"])
        out.append(now - earned)
        earned = now
    return out

for line in sys.stdin:
    print(json.dumps(count(json.loads(line))))
