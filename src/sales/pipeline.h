/* pipeline.h -- pipelines and their stages, for those that move deals through them. */
#pragma once
#include "kit/kit.h"

enum pipeline_field { PIPELINE_NAME, PIPELINE_DEFAULT, PIPELINE_RENEWAL, PIPELINE_FIELDS };
enum stage_field { STAGE_NAME, STAGE_PIPELINE, STAGE_POSITION, STAGE_PROBABILITY, STAGE_KIND,
    STAGE_CATEGORY, STAGE_QUIET_DAYS, STAGE_DAYS, STAGE_USUAL_DAYS, STAGE_PEOPLE, STAGE_EXIT,
    STAGE_EXIT_WHY, STAGE_FIELDS };
extern const struct record_type pipeline_type, stage_type;

/* How a pipeline begins. */
struct stage_plan {
    const char *name;
    i64 probability;
    const char *kind;   /* "open" "won" "lost" */
    bool waits;         /* deals may stand there for years without being neglected */
};
/* Saves a new pipeline and makes its stages, in this order. */
MUST_CHECK enum status pipeline_make(struct ctx *cx, struct row *pipeline,
                                     const struct stage_plan *stages, size_t count);
