/* pipeline.h -- pipelines and their stages, for those that move deals through them. */
#pragma once
#include "kit/kit.h"

enum pipeline_field { PIPELINE_NAME, PIPELINE_DEFAULT, PIPELINE_RENEWAL, PIPELINE_FIELDS };
enum stage_field { STAGE_NAME, STAGE_PIPELINE, STAGE_POSITION, STAGE_PROBABILITY, STAGE_KIND,
    STAGE_CATEGORY, STAGE_QUIET_DAYS, STAGE_DAYS, STAGE_USUAL_DAYS, STAGE_PEOPLE, STAGE_EXIT,
    STAGE_EXIT_WHY, STAGE_FIELDS };
extern const struct record_type pipeline_type, stage_type;
