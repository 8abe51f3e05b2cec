/* pdf.h -- what others read in our PDFs: poppler's programs. */
#pragma once
#include "base/arena.h"
#include "base/str.h"

/* The text with each blank that does not break as a blank. In arena. */
char *plain_blanks(struct arena *a, const char *text);
/* The letters as they lie on the page, with plain blanks; pages end in \f. In
 * arena; fails the test where it is no PDF. */
const char *pdf_text(struct arena *a, struct str pdf);
/* One line for each picture in it: "1 0 image 24 8 rgb 3 8 jpeg ...". Likewise. */
const char *pdf_pictures(struct arena *a, struct str pdf);
