/* survival_int.h -- what learning (survival.c) and trying out (survival_run.c) share. */
#pragma once
#include "sales/survival.h"

#define PRIOR_EVENTS 2.0 /* of a bin: how much its stage's rate counts */

int survival_bin(const struct survival_stage *st, double age);
double survival_bin_end(const struct survival_stage *st, int bin); /* INFINITY of the last */
double survival_kind_factor(const struct survival_model *m, int stage, int cause, int kind);
double survival_owner_factor(const struct survival_model *m, int cause, int owner);
