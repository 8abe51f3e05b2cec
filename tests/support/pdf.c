/* pdf.c -- see pdf.h. */
#include "support/pdf.h"
#include "base/testing.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TEXT_BYTES = 256 * 1024 };

static char *read_by(struct arena *a, const char *command, const char *after, struct str pdf)
{
    char name[] = "/tmp/furrow-pdf-XXXXXX";
    char *text = arena_alloc(a, TEXT_BYTES, 1);
    int fd = mkstemp(name);
    size_t len;
    FILE *p;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, pdf.p, pdf.len), pdf.len);
    close(fd);
    p = popen(arena_printf(a, "%s %s%s", command, name, after), "r");
    assert_non_null(p);
    len = fread(text, 1, TEXT_BYTES - 1, p);
    text[len] = '\0';
    assert_int_equal(pclose(p), 0);
    unlink(name);
    return text;
}

char *plain_blanks(struct arena *a, const char *text)
{
    char *out = arena_text(a, text), *to = out;

    for (const char *p = text; *p; p++)
        if (p[0] == '\xc2' && p[1] == '\xa0') {
            *to++ = ' ';
            p++;
        } else {
            *to++ = *p;
        }
    *to = '\0';
    return out;
}

const char *pdf_text(struct arena *a, struct str pdf)
{
    return plain_blanks(a, read_by(a, "pdftotext -layout -enc UTF-8", " -", pdf));
}

const char *pdf_pictures(struct arena *a, struct str pdf)
{
    char *text = read_by(a, "pdfimages -list", "", pdf), *to = text;

    for (const char *p = text; *p; p++) /* one blank between words */
        if (*p != ' ' || (to > text && to[-1] != ' ' && to[-1] != '\n'))
            *to++ = *p;
    *to = '\0';
    return text;
}
