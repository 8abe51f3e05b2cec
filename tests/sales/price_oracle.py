#!/usr/bin/env python3
"""Counts quotes by Python's decimal and fractions: the independent judge of sales/price.h.

One quote a line on standard input, one answer a line on standard output, both JSON in whole numbers:
  {"included": 0, "by_line": 0, "discounts": [[is_amount, value], ...], "lines": [[quantity, unit, cost,
   tax_rate, months, left_out, [[is_amount, value], ...]], ...]}
  {"lines": [[list, sum, share, base, tax, cost], ...], "all": [sum, discount, base, tax, due, cost],
   "totals": [[months, sum, discount, base, tax, due, cost], ...], "taxes": [[months, rate, base, tax], ...]}
"""
import json, sys
from decimal import Decimal, ROUND_HALF_UP, getcontext
from fractions import Fraction

getcontext().prec = 80

def rounded(x):
    """Half away from zero, of a Fraction."""
    return int((Decimal(x.numerator) / Decimal(x.denominator)).quantize(Decimal(1), ROUND_HALF_UP))

def percent(v):
    return Fraction(v, 1000000)

def take_off(amount, discounts):
    for is_amount, value in discounts:
        amount -= value if is_amount else rounded(Fraction(amount) * percent(value))
    return amount

def spread(amount, weights):
    """Hamilton's method."""
    total = sum(weights)
    exact = [Fraction(amount * w, total) for w in weights]
    parts = [e.numerator // e.denominator for e in exact]
    order = sorted(range(len(parts)), key=lambda i: (-(exact[i] - parts[i]), i))
    for i in order[:amount - sum(parts)]:
        parts[i] += 1
    return parts

def tax(amount, rate, included):
    if included:
        return amount - rounded(Fraction(amount) / (1 + percent(rate)))
    return rounded(Fraction(amount) * percent(rate))

def count(quote):
    lines = []
    for quantity, unit, cost, rate, months, out, discounts in quote["lines"]:
        amount = rounded(Fraction(quantity, 10000) * Fraction(unit, 10000))
        lines.append({"list": amount, "sum": take_off(amount, discounts), "share": 0, "rate": rate, "months": months,
                      "out": out, "cost": rounded(Fraction(quantity, 10000) * Fraction(cost, 10000))})
    chosen = [l for l in lines if not l["out"]]
    whole = sum(l["sum"] for l in chosen)
    off = whole - take_off(whole, quote["discounts"])
    if off:
        for l, share in zip(chosen, spread(off, [l["sum"] for l in chosen])):
            l["share"] = share
    for l in lines:
        l["left"] = l["sum"] - l["share"]
    for group in sorted({(l["months"], l["rate"]) for l in chosen}):
        of = [l for l in chosen if (l["months"], l["rate"]) == group]
        if quote["by_line"]:
            taxes = [tax(l["left"], group[1], quote["included"]) for l in of]
        else:
            total = sum(l["left"] for l in of)
            taxes = spread(tax(total, group[1], quote["included"]), [l["left"] for l in of]) if total else [0] * len(of)
        for l, t in zip(of, taxes):
            l["tax"] = t
    for l in lines:
        if l["out"]:
            l["tax"] = tax(l["sum"], l["rate"], quote["included"])
        l["base"] = l["left"] - (l["tax"] if quote["included"] else 0)

    def total(of):
        return [sum(l[k] for l in of) for k in ("sum", "share", "base", "tax")] + \
               [sum(l["base"] + l["tax"] for l in of), sum(l["cost"] for l in of)]

    return {"lines": [[l[k] for k in ("list", "sum", "share", "base", "tax", "cost")] for l in lines],
            "all": total(chosen),
            "totals": [[m] + total([l for l in chosen if l["months"] == m]) for m in sorted({l["months"] for l in chosen})],
            "taxes": [[m, r] + [sum(l[k] for l in chosen if (l["months"], l["rate"]) == (m, r)) for k in ("base", "tax")]
                      for m, r in sorted({(l["months"], l["rate"]) for l in chosen})]}

for line in sys.stdin:
    print(json.dumps(count(json.loads(line)), separators=(",", ":")))
