/* tax.h -- how a buyer is taxed: decided by where seller and buyer are and by the buyer's VAT id,
 * said with its reason, printed with the sentence that the law wants. Of the decision only two
 * things follow for amounts: the lines' own rates count, or none does.
 *
 * domestic        in one country; also where the buyer's country is not known, or its VAT id is of
 *                 the seller's country. The lines' rates.
 * reverse_charge  both in the EU, the buyer with a VAT id of another member: no tax.
 * eu_goods        only chosen by hand: goods that go to such a buyer, free of tax.
 * eu_consumer     both in the EU, the buyer without: the lines' rates.
 * export          to outside of the EU, or of the seller's own country: no tax.
 * "" (undecided)  the setting "tax.country" is empty: the lines' rates, nothing is said.
 *
 * Not done: rates of the buyer's country for consumers (OSS), territories with rules of their own
 * (the Canaries, Livigno, ...), asking VIES whether an id was given to that buyer. */
#pragma once
#include "kit/kit.h"

/* Where both are, by code; "" where it is not known. buyer_said: the country as it was typed. */
struct tax_sides {
    const char *seller, *buyer, *buyer_said, *vat_id;
};
struct tax_decision {
    const char *treatment; /* a value of tax_treatments */
    const char *why;       /* a sentence, for us; "" undecided */
};
extern const struct choice tax_treatments[]; /* of fields that hold one */

struct tax_decision tax_decide(struct arena *a, const struct tax_sides *sides);
/* The buyer of a quote, an order or an invoice: the company, of one without a country the contact.
 * As the system; 0: there is none. */
MUST_CHECK enum status tax_sides_read(struct ctx *cx, i64 company_id, i64 contact_id,
                                      struct tax_sides *out);
/* The same, decided; a treatment that was chosen by hand ("" none was) stands, and why says so. */
MUST_CHECK enum status tax_of_buyer(struct ctx *cx, i64 company_id, i64 contact_id,
                                    const char *chosen, struct tax_decision *out);
bool tax_is_free(const char *treatment); /* no tax, whatever the lines say */
const char *tax_label(const char *treatment); /* "Reverse charge"; static */
/* What the paper says of it in a language; "" where nothing need be said. In arena. */
const char *tax_sentence(struct ctx *cx, const char *treatment, const char *language);
/* What is missing for it on the paper, for us; "" for nothing. */
const char *tax_warning(struct ctx *cx, const char *treatment);
/* The seller's country as rates name theirs, "" where it is not set: for tax_default. */
const char *tax_home(struct ctx *cx);
