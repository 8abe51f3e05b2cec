/* page_int.h -- what the public pages of mail share. */
#pragma once
#include "kit/web.h"

/* The company's name for the page's head. */
void mail_page_brand(struct ctx *cx, struct val *page);
/* A page that says one thing. */
enum status mail_say(struct req *rq, int status, const char *title, const char *text);
