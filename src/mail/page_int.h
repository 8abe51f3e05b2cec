/* page_int.h -- what the public pages of mail share. */
#pragma once
#include "kit/web.h"

/* A page that says one thing. */
enum status mail_say(struct req *rq, int status, const char *title, const char *text);
