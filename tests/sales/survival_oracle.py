#!/usr/bin/env python3
"""Counts Aalen-Johansen curves in exact fractions: the independent judge of sales/survival.h.

One sample a line on standard input, one answer a line on standard output, both JSON: a list of stays [from, until, how] with how 0: seen last, 1: went
on, 2: lost; answered by [[age, at risk, on, lost], ...] at each age of an exit. Ages are whole numbers. From the definition, age by age, with the risk set
counted anew each time: at risk at an age is who was seen before it and had not left before it.
"""
import json, sys
from fractions import Fraction

def curve(stays):
    steps, stay, on, lost = [], Fraction(1), Fraction(0), Fraction(0)
    for age in sorted({until for _, until, how in stays if how}):
        at_risk = sum(1 for begin, until, _ in stays if begin < age <= until)
        went = sum(1 for begin, until, how in stays if how == 1 and until == age and begin < age)
        gone = sum(1 for begin, until, how in stays if how == 2 and until == age and begin < age)
        if at_risk == 0:
            continue
        on += stay * Fraction(went, at_risk)
        lost += stay * Fraction(gone, at_risk)
        stay -= stay * Fraction(went + gone, at_risk)
        steps.append([age, at_risk, float(on), float(lost)])
    return steps

def kaplan_meier(stays):
    """The share that is still there after the last age: with both causes taken as one."""
    stay = Fraction(1)
    for age in sorted({until for _, until, how in stays if how}):
        at_risk = sum(1 for begin, until, _ in stays if begin < age <= until)
        if at_risk:
            stay *= 1 - Fraction(sum(1 for b, u, how in stays if how and u == age), at_risk)
    return float(stay)

for line in sys.stdin:
    stays = json.loads(line)
    steps = curve(stays)
    if steps:
        assert abs(1 - steps[-1][2] - steps[-1][3] - kaplan_meier(stays)) < 1e-12
    print(json.dumps(steps))
