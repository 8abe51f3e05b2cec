/* rank.c -- an index of words: each with the documents it stands in. The words are sorted, so that
 * those with one beginning lie together; slips are looked for among all of them, behind a filter of
 * the letters that they have. */
#include "kit/rank.h"
#include "base/str.h"
#include "base/utf8.h"
#include <math.h>
#include <stdlib.h>

enum { BLOCK_BYTES = 64 * 1024, WORD_MOST = 40, PREFIX_LEAST = 2, ONE_SLIP = 4, TWO_SLIPS = 8 };
static const double K1 = 1.2, B = 0.75;
static const double of_prefix = 0.8, of_slip = 0.6, of_slips = 0.4;

struct posting {
    u32 doc, times; /* weighted */
};
struct word {
    const char *text;
    u8 length;
    u32 letters; /* a bit for each letter or digit that it has */
    const struct posting *in;
    size_t count;
};
struct rank {
    struct arena *arena;
    struct word *words;
    size_t word_count, doc_count;
    u32 *lengths; /* of documents, in words */
    double mean;
};

/* A word of a document, before they are sorted. */
struct use {
    const char *text;
    u32 doc, weight;
};

static u32 letters_of(const char *word)
{
    u32 bits = 0;

    for (; *word; word++)
        bits |= 1u << ((unsigned char)*word & 31);
    return bits;
}

static size_t count_words(const char *words)
{
    size_t n = *words != '\0';

    for (; *words; words++)
        n += *words == ' ';
    return n;
}

static size_t add_uses(struct arena *a, const char *words, u32 doc, u32 weight, struct use *out)
{
    struct str rest = str_from(words), one;
    size_t n = 0;

    while (str_split(&rest, ' ', &one)) {
        if (one.len == 0)
            continue;
        const char *text = str_dup(a, one);
        out[n++] =
            (struct use){ one.len <= WORD_MOST ? text : utf8_cut(a, text, WORD_MOST), doc, weight };
    }
    return n;
}

static int by_word(const void *left, const void *right)
{
    const struct use *a = left, *b = right;
    int order = strcmp(a->text, b->text);

    return order ? order : (a->doc > b->doc) - (a->doc < b->doc);
}

/* Sorted uses become words with their documents. */
static void gather(struct rank *r, const struct use *uses, size_t count)
{
    struct posting *posting = NEW_N(r->arena, struct posting, count + 1);
    size_t n = 0;

    r->words = NEW_N(r->arena, struct word, count + 1);
    for (size_t i = 0; i < count;) {
        struct word *w = &r->words[r->word_count++];
        size_t begin = n, at = i;
        for (; i < count && text_is(uses[i].text, uses[at].text); i++) {
            if (n == begin || posting[n - 1].doc != uses[i].doc)
                posting[n++] = (struct posting){ uses[i].doc, 0 };
            posting[n - 1].times += uses[i].weight;
        }
        *w = (struct word){ uses[at].text, (u8)strlen(uses[at].text), letters_of(uses[at].text),
                            posting + begin, n - begin };
    }
}

struct rank *rank_new(const struct rank_doc *docs, size_t count)
{
    struct arena *a = arena_new(BLOCK_BYTES), *work = arena_new(BLOCK_BYTES);
    struct rank *r = NEW(a, struct rank);
    const char **titles = NEW_N(work, const char *, count + 1),
               **texts = NEW_N(work, const char *, count + 1);
    struct use *uses;
    size_t room = 0, n = 0;
    u64 all = 0;

    *r = (struct rank){ .arena = a, .doc_count = count, .lengths = NEW_N(a, u32, count + 1) };
    for (size_t i = 0; i < count; i++) {
        titles[i] = utf8_search_words(work, docs[i].title);
        texts[i] = utf8_search_words(work, docs[i].text);
        room += count_words(titles[i]) + count_words(texts[i]);
    }
    uses = NEW_N(work, struct use, room + 1);
    for (size_t i = 0; i < count; i++) {
        size_t before = n;
        n += add_uses(a, titles[i], (u32)i, RANK_TITLE_WEIGHT, uses + n);
        n += add_uses(a, texts[i], (u32)i, 1, uses + n);
        r->lengths[i] = (u32)(n - before);
        all += n - before;
    }
    if (n > 1)
        qsort(uses, n, sizeof *uses, by_word);
    gather(r, uses, n);
    r->mean = count && all ? (double)all / (double)count : 1;
    arena_free(work);
    return r;
}

void rank_free(struct rank *r)
{
    if (r != NULL)
        arena_free(r->arena);
}

int rank_slips(const char *a, const char *b, int most)
{
    int rows[3][WORD_MOST + 2];
    int n = (int)strlen(a), m = (int)strlen(b);

    if (n > WORD_MOST || m > WORD_MOST || n - m > most || m - n > most)
        return most + 1;
    for (int j = 0; j <= m; j++)
        rows[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        int least = row[0] = i;
        for (int j = 1; j <= m; j++) {
            int same = a[i - 1] == b[j - 1] ? 0 : 1, best = above[j - 1] + same;
            best = above[j] + 1 < best ? above[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
            least = best < least ? best : least;
        }
        if (least > most)
            return most + 1;
    }
    return rows[n % 3][m] <= most ? rows[n % 3][m] : most + 1;
}

/* ---- asking ---- */
struct asking {
    const struct rank *r;
    double *best;  /* of this word, by document; 0: not there */
    double *score; /* of all words so far */
    u32 *had;      /* how many of the words */
    bool *titled;  /* one of them in the title */
};

static void count_in(struct asking *q, const struct word *w, double factor)
{
    const struct rank *r = q->r;
    double docs = (double)r->doc_count, in = (double)w->count;
    double idf = log(1 + (docs - in + 0.5) / (in + 0.5));

    for (size_t i = 0; i < w->count; i++) {
        const struct posting *p = &w->in[i];
        double tf = (double)p->times,
               norm = K1 * (1 - B + B * (double)r->lengths[p->doc] / r->mean),
               score = factor * idf * tf * (K1 + 1) / (tf + norm);
        q->titled[p->doc] |= p->times >= RANK_TITLE_WEIGHT;
        if (score > q->best[p->doc])
            q->best[p->doc] = score;
    }
}

/* The first word not before `text`. */
static size_t first_from(const struct rank *r, const char *text)
{
    size_t low = 0, high = r->word_count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(r->words[middle].text, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int slips_allowed(size_t length)
{
    return length >= TWO_SLIPS ? 2 : length >= ONE_SLIP ? 1 : 0;
}

static void ask_word(struct asking *q, const char *asked)
{
    const struct rank *r = q->r;
    size_t length = strlen(asked);
    u32 letters = letters_of(asked);
    int most = slips_allowed(length);

    for (size_t i = first_from(r, asked); i < r->word_count; i++) {
        const struct word *w = &r->words[i];
        if (strncmp(w->text, asked, length) != 0)
            break;
        if (w->length == length)
            count_in(q, w, 1);
        else if (length >= PREFIX_LEAST)
            count_in(q, w, of_prefix * (0.5 + 0.5 * (double)length / w->length));
    }
    for (size_t i = 0; most > 0 && i < r->word_count; i++) {
        const struct word *w = &r->words[i];
        if (__builtin_popcount(w->letters ^ letters) > 2 * most)
            continue;
        int slips = rank_slips(asked, w->text, most);
        if (slips >= 1 && slips <= most)
            count_in(q, w, slips == 1 ? of_slip : of_slips);
    }
}

static int by_score(const void *left, const void *right)
{
    const struct rank_hit *a = left, *b = right;

    if (a->score != b->score)
        return a->score < b->score ? 1 : -1;
    return (a->doc > b->doc) - (a->doc < b->doc);
}

/* Folded, as words are. Of English, German and French, in which small companies write to each
 * other. */
static bool is_filler(const char *word)
{
    static const char *const fillers[] = {
        "a",    "an",   "and",  "are",   "as",     "at",    "be",   "but",   "by",    "can",
        "do",   "does", "for",  "from",  "had",    "has",   "have", "hello", "hi",    "how",
        "i",    "if",   "in",   "is",    "it",     "its",   "me",   "my",    "no",    "not",
        "of",   "on",   "or",   "our",   "please", "so",    "that", "the",   "then",  "there",
        "they", "this", "to",   "us",    "was",    "we",    "what", "when",  "where", "which",
        "who",  "why",  "will", "with",  "you",    "your",  "aber", "auf",   "das",   "dem",
        "den",  "der",  "des",  "die",   "ein",    "eine",  "er",   "es",    "fur",   "hat",
        "ich",  "im",   "ist",  "kann",  "mein",   "meine", "mit",  "nicht", "oder",  "sie",
        "sind", "und",  "von",  "warum", "was",    "wer",   "wie",  "wir",   "wo",    "zu",
        "zum",  "zur",  "au",   "ce",    "dans",   "de",    "du",   "en",    "est",   "et",
        "il",   "je",   "la",   "le",    "les",    "mon",   "ne",   "nous",  "ou",    "par",
        "pas",  "pour", "que",  "qui",   "sur",    "un",    "une",  "vous",
    };

    for (size_t i = 0; i < countof(fillers); i++)
        if (text_is(fillers[i], word))
            return true;
    return false;
}

/* Looks for each word once; *count how many they were. */
static void ask_words(struct asking *q, struct arena *a, const char *words, bool fillers,
                      size_t *count)
{
    struct str rest = str_from(words), one;
    const char *seen[RANK_ASKED_WORDS];

    *count = 0;
    while (*count < RANK_ASKED_WORDS && str_split(&rest, ' ', &one)) {
        const char *word = utf8_cut(a, str_dup(a, one), WORD_MOST);
        bool skip = one.len == 0 || (!fillers && is_filler(word));
        for (size_t i = 0; i < *count; i++)
            skip |= text_is(seen[i], word);
        if (skip)
            continue;
        seen[(*count)++] = word;
        memset(q->best, 0, q->r->doc_count * sizeof *q->best);
        ask_word(q, word);
        for (size_t d = 0; d < q->r->doc_count; d++) {
            q->score[d] += q->best[d];
            q->had[d] += q->best[d] > 0;
        }
    }
}

struct rank_hits rank_find(const struct rank *r, struct arena *a, const struct rank_query *query)
{
    const char *asked = utf8_search_words(a, query->asked);
    struct asking q = { .r = r };
    struct rank_hits out = { 0 };
    size_t words;

    if (r->doc_count == 0)
        return out;
    q.best = NEW_N(a, double, r->doc_count);
    q.score = NEW_N(a, double, r->doc_count);
    q.had = NEW_N(a, u32, r->doc_count);
    q.titled = NEW_N(a, bool, r->doc_count);
    ask_words(&q, a, asked, false, &words);
    if (words == 0) /* nothing but such: then they are what is meant */
        ask_words(&q, a, asked, true, &words);
    out.list = NEW_N(a, struct rank_hit, r->doc_count);
    for (size_t d = 0; d < r->doc_count; d++) {
        double share = words ? (double)q.had[d] / (double)words : 0;
        if (q.score[d] <= 0 || (share < 0.5 && !(query->loose && q.titled[d])) ||
            (query->keep && !query->keep(query->arg, d)))
            continue;
        out.list[out.total++] = (struct rank_hit){ d, q.score[d] * share * share };
    }
    if (out.total > 1)
        qsort(out.list, out.total, sizeof *out.list, by_score);
    out.count = out.total < query->max ? out.total : query->max;
    return out;
}
