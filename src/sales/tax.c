/* tax.c -- see tax.h. */
#include "sales/tax.h"
#include "base/locale.h"
#include "base/vat.h"
#include "base/words.h"
#include "bridge/company.h"
#include "bridge/contact.h"

const struct choice tax_treatments[] = { { "domestic", "At home", "gray" },
                                         { "reverse_charge", "Reverse charge", "violet" },
                                         { "eu_goods", "Goods within the EU", "teal" },
                                         { "eu_consumer", "EU without VAT id", "blue" },
                                         { "export", "Export", "orange" },
                                         { NULL, NULL, NULL } };

const char *tax_label(const char *treatment)
{
    for (const struct choice *c = tax_treatments; c->value; c++)
        if (text_is(c->value, treatment))
            return c->label;
    return "";
}

bool tax_is_free(const char *treatment)
{
    return text_is(treatment, "reverse_charge") || text_is(treatment, "eu_goods") ||
           text_is(treatment, "export");
}

/* ---- deciding ---- */
static struct tax_decision because(const char *treatment, const char *why)
{
    return (struct tax_decision){ treatment, why };
}

static struct tax_decision within_union(struct arena *a, const struct tax_sides *s)
{
    const char *home = country_name(a, s->seller), *there = country_name(a, s->buyer),
               *of = vat_country(s->vat_id);

    if (text_empty(s->vat_id))
        return because("eu_consumer", arena_printf(a,
                                                   "The buyer's country is %s, and it has no VAT "
                                                   "id: taxed at the rates of %s.",
                                                   there, home));
    if (text_is(of, s->seller))
        return because("domestic",
                       arena_printf(a,
                                    "The buyer's country is %s, but the VAT id %s is of "
                                    "%s: taxed as there.",
                                    there, s->vat_id, home));
    if (!vat_in_union(of))
        return because("eu_consumer",
                       arena_printf(a,
                                    "The buyer's country is %s, but the VAT id %s is "
                                    "of no member of the EU: taxed at the rates of "
                                    "%s.",
                                    there, s->vat_id, home));
    return because(
        "reverse_charge",
        arena_printf(a, "The buyer's country is %s, and it has the VAT id %s.", there, s->vat_id));
}

struct tax_decision tax_decide(struct arena *a, const struct tax_sides *s)
{
    const char *home = country_name(a, s->seller), *there = country_name(a, s->buyer);
    bool union_sells = vat_in_union(s->seller);

    if (text_empty(s->seller))
        return because("", "");
    if (text_empty(s->buyer))
        return because(
            "domestic",
            text_empty(s->buyer_said)
                ? arena_printf(a, "The buyer's country is not known: taxed as in %s.", home)
                : arena_printf(a,
                               "\"%s\" is no country by a name that is known here: "
                               "taxed as in %s.",
                               s->buyer_said, home));
    if (text_is(s->buyer, s->seller))
        return because("domestic", arena_printf(a, "The buyer's country is ours, %s.", home));
    if (union_sells && vat_in_union(s->buyer))
        return within_union(a, s);
    return because("export", arena_printf(a, "The buyer's country, %s, is outside of %s.", there,
                                          union_sells ? "the EU" : home));
}

/* ---- who they are ---- */
static enum status or_nobody(struct ctx *cx, const struct record_type *t, i64 id, struct row **out)
{
    enum status s = id ? record_get(cx, t, id, out) : OK;

    if (id == 0 || s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        *out = NULL;
        return OK;
    }
    return s;
}

enum status tax_sides_read(struct ctx *cx, i64 company_id, i64 contact_id, struct tax_sides *out)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *company, *contact;

    *out = (struct tax_sides){ country_named(tax_home(cx)), "", "", "" };
    TRY(or_nobody(cx, &company_type, company_id, &company));
    TRY(or_nobody(cx, &contact_type, contact_id, &contact));
    if (company) {
        out->vat_id = row_text(company, COMPANY_VAT);
        out->buyer_said = row_text(company, COMPANY_COUNTRY);
    }
    if (contact && text_empty(out->buyer_said))
        out->buyer_said = row_text(contact, CONTACT_COUNTRY);
    out->buyer = country_named(out->buyer_said);
    return OK;
}

enum status tax_of_buyer(struct ctx *cx, i64 company_id, i64 contact_id, const char *chosen,
                         struct tax_decision *out)
{
    struct tax_sides sides;

    TRY(tax_sides_read(cx, company_id, contact_id, &sides));
    *out = tax_decide(cx->arena, &sides);
    if (text_empty(chosen) || text_is(chosen, out->treatment))
        return OK;
    *out = because(chosen, text_empty(out->treatment)
                               ? "Chosen by hand."
                               : arena_printf(cx->arena, "Chosen by hand, else: %s. %s",
                                              tax_label(out->treatment), out->why));
    return OK;
}

/* ---- what is printed ---- */
static const struct word sentences[] = {
    { "reverse_charge",
      "Reverse charge: the VAT is owed by the recipient (Art. 196 of Directive 2006/112/EC).",
      "Steuerschuldnerschaft des Leistungsempfängers (Reverse Charge, Art. 196 der Richtlinie "
      "2006/112/EG)." },
    { "eu_goods",
      "Supply of goods within the EU, exempt from VAT (Art. 138 of Directive 2006/112/EC).",
      "Steuerfreie innergemeinschaftliche Lieferung (Art. 138 der Richtlinie 2006/112/EG)." },
    { "eu_consumer", "Taxed at the rates of the seller's country, %s.",
      "Besteuert zu den Sätzen im Land des Verkäufers, %s." },
    { "export", "Export to outside of the EU: no VAT is charged.",
      "Ausfuhr aus der EU: Es wird keine Umsatzsteuer berechnet." },
    { "abroad", "Export: no tax is charged.", "Ausfuhr: Es wird keine Steuer berechnet." },
};

const char *tax_sentence(struct ctx *cx, const char *treatment, const char *language)
{
    const char *home = country_named(tax_home(cx)),
               *text = word_in(sentences, countof(sentences), language,
                               text_is(treatment, "export") && !vat_in_union(home) ? "abroad"
                                                                                   : treatment),
               *gap = text ? strstr(text, "%s") : NULL;

    if (text == NULL)
        return "";
    if (gap == NULL)
        return text;
    return arena_printf(cx->arena, "%.*s%s%s", (int)(gap - text), text,
                        country_name_in(cx->arena, home, text_empty(language) ? "en" : language),
                        gap + 2);
}

const char *tax_warning(struct ctx *cx, const char *treatment)
{
    bool needs = text_is(treatment, "reverse_charge") || text_is(treatment, "eu_goods");

    return needs && text_empty(setting_text(cx, "tax.vat_id"))
               ? "Our own VAT id has to stand on it: type it in the settings, under Tax."
               : "";
}

/* ---- settings ---- */
const char *tax_home(struct ctx *cx) { return setting_text(cx, "tax.country"); }

/* Kept by its English name, as companies and tax rates mostly have theirs. */
static bool check_country(struct ctx *cx, const char **value, const char **why)
{
    const char *code = country_named(*value);

    if (code[0] == '\0') {
        *why =
            arena_printf(cx->arena, "\"%s\" is no country; write it like Germany, or DE", *value);
        return false;
    }
    *value = country_name(cx->arena, code);
    return true;
}

static bool check_vat_id(struct ctx *cx, const char **value, const char **why)
{
    const char *id = vat_read(cx->arena, *value, country_named(tax_home(cx)), why);

    if (id == NULL)
        return false;
    *value = id;
    return true;
}

static const struct setting settings[] = {
    { "tax.country", FIELD_TEXT, "The country that we sell from",
      "It decides how buyers elsewhere are taxed on quotes and invoices: reverse charge, export, "
      "or "
      "as at home. Empty: nothing is decided, each line has the rate that was chosen.",
      "", .group = "Tax", .check = check_country },
    { "tax.vat_id", FIELD_TEXT, "Our VAT id", "Stands on quotes and invoices.", "", .group = "Tax",
      .check = check_vat_id },
};
const struct feature feature_tax = { .name = "tax", SETTINGS(settings) };
