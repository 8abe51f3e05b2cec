/* identity.h -- one person: visitors are joined with the contact they turn out to be, and what is
 * known of where they came from is kept with the contact. */
#pragma once
#include "kit/kit.h"

/* Visitor key of a consented first-party id (the tracker's cookie), or of a day: without consent a
 * visitor is only the hash of address, client and the day's salt, and joins nothing beyond that
 * day. The company's sites share it, since they are one house. Never 0. */
u64 visitor_of_id(const char *first_party_id);
u64 visitor_of_day(const char *salt, i64 day, const char *address, const char *client);

/* Joins the visitor with the contact, in this transaction: the alias goes through the outbox, and
 * the contact gets the first touch of the visitor's journey when that is older than its own. `row`
 * is saved by the caller afterwards. A browser whose visitor is somebody else by now (people share
 * machines) is this contact's from here on; what was before stays theirs. visitor 0: nothing. */
MUST_CHECK enum status identity_join(struct ctx *cx, struct row *contact, u64 visitor);
/* A touch of a contact turned up that is not of today: when it is older than the first one the
 * contact has, or that has none, it becomes it. As the system; needs a writing connection. */
struct event;
MUST_CHECK enum status identity_older_touch(struct ctx *cx, i64 contact_id,
                                            const struct event *touch);
