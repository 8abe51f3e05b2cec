/* texts.c -- what people write: calls, meetings, notes, tasks, answers. Sentences are put together
 * from parts, so that few read alike; what stands in {braces} is filled in from the case. */
#include "demo/demo_int.h"

#define PARTS(...) \
    (const char *const[]) { __VA_ARGS__, NULL }

static const char *const *const kinds[TEXT_KINDS][3] = {
    [TEXT_CALL_SUBJECT] = { PARTS("First call with {f}", "Call with {f} {l}", "Called {f} back",
                                  "Qualification call", "Call about {p}", "Quick call, {f}",
                                  "Follow-up call", "Checked in with {f}") },
    [TEXT_REACHED] = { PARTS("Good talk with {f}.", "Reached {f} on the mobile, out in the rows.",
                             "{f} picked up at once and had ten minutes.",
                             "Short call, {f} was on the tractor.",
                             "{f} had my mail open when I called.",
                             "Friendly call, {f} knows our site well.",
                             "{f} had asked for a call after reading the frost page.",
                             "Talked to {f}, who runs the technical side."),
                       PARTS("They grow {k} on {n} ha and water by hand today.",
                             "{n} ha of {k}, last frost cost them about a third of the crop.",
                             "They have two old weather stations and want to see the data on a "
                             "phone.",
                             "Main worry is water: the well is limited to {n} cubic metres a day "
                             "in August.",
                             "They compare us with {x} and want to know how the radio works in the "
                             "valley.",
                             "Interested in {p} for {n} ha, the rest later if the first season "
                             "works.",
                             "{n} blocks, each with its own soil; wants a sensor in every one of "
                             "them.",
                             "Budget is planned for spring, decision with the brother who does the "
                             "books.",
                             "Grant application is in, they may order only after the approval.",
                             "They lost a whole block of {k} two years ago and do not want that "
                             "again.",
                             "Works with an adviser who recommended us after the trial in {t}.",
                             "Wants to start small: one gateway, {n} sensors."),
                       PARTS("Sends me a map of the blocks.",
                             "I send the price list and two references.",
                             "Next: meeting with the people who decide.",
                             "Calls me back after the spraying.",
                             "Wants an offer with and without installation.", "We meet next {d}.",
                             "Asked for a reference nearby.", "I check the radio coverage first.",
                             "Open question: who installs.") },
    [TEXT_DEAL_CALL_SUBJECT] = { PARTS("Call with {f}", "Open questions", "{f} about the offer",
                                       "Call about {p}", "Status with {f} {l}",
                                       "Checked in with {f}", "Timing and installation") },
    [TEXT_DEAL_CALL] = { PARTS("{f} has talked to the family.",
                               "Went through the list of positions with {f}.",
                               "{f} had two questions and a half.", "Good mood, rain at last.",
                               "{f} called back from the packing hall."),
                         PARTS("Need is clear: {n} ha of {k}, water by the hour.",
                               "Radio check is done, one repeater is enough.",
                               "They want to begin with the frost hole and the two lower blocks.",
                               "{n} sensors instead of what we planned, the slope gets its own.",
                               "Compared us with {x} line by line, installation makes the "
                               "difference.",
                               "Grant papers are in, answer expected in {m}.",
                               "Asked for a second visit with the adviser."),
                         PARTS("Offer follows.", "They talk to the bank on {d}.",
                               "I send the block plan.", "Call again on {d}.") },
    [TEXT_LAST_CALL] = { PARTS("{f} has the contract on the desk.", "Last round on the price.",
                               "{f} and the bookkeeper on the line.",
                               "Short call, {f} wants it settled."),
                         PARTS("Asked for eight percent, we met at four.",
                               "Payment in two parts, the second after harvest.",
                               "Free installation if they take three seasons.",
                               "One open point: who climbs the mast.",
                               "{x} came back with a lower price, {f} asked us to move a little.",
                               "The cooperative's committee meets on {d}."),
                         PARTS("Answer by {d}.", "I think this one comes.", "We will see.",
                               "Service keeps a date in {m}.") },
    [TEXT_MISSED] = { PARTS("No answer, tried twice.", "Nobody picked up. Again tomorrow morning.",
                            "Rang out. Sent a short mail instead.", "Mailbox full.",
                            "Out in the field, back after five says the office.",
                            "Busy, tried again an hour later, still busy.") },
    [TEXT_MESSAGE] = { PARTS(
        "Left a message with my number.", "Spoke to the office, they leave {f} a note.",
        "Left a message: call back about {p}.", "Asked for a call back on {d}.") },
    [TEXT_MEETING_SUBJECT] = { PARTS("Demo for {c}", "On site at {c}", "Video call: {p}",
                                     "Needs analysis with {f}", "Walk through the blocks, {c}",
                                     "Offer talk, {c}", "Meeting with {f} {l}") },
    [TEXT_MEETING] = { PARTS(
                           "Showed the app with live data of the trial field.",
                           "Walked through three blocks with {f}; the lower one is the frost hole.",
                           "{f} and two colleagues, one of them sceptical about batteries.",
                           "Went through the season: frost in April, irrigation from June, harvest "
                           "forecast.",
                           "Demo on a shared screen, sound was poor but the maps convinced.",
                           "On site. {n} ha of {k}, drip lines are there already, valves are not.",
                           "The son wants it, the father wants to see numbers first."),
                       PARTS("Sensors at two depths make sense, {n} in total.",
                             "They asked for an export for the certifier.",
                             "Power at the pump house is there, so the gateway can stand inside.",
                             "{x} made an offer last week, cheaper in hardware, with a fee for "
                             "each user.",
                             "Alarm by phone call at night is a must, push is not enough.",
                             "They would like to pay after the first season.",
                             "Radio is fine on the slope, one repeater for the valley.",
                             "Data of the old stations should be taken over."),
                       PARTS("Offer by {d}.", "They decide after the committee in {m}.",
                             "I send the plan with positions.", "Reference visit to be arranged.",
                             "{f} collects the block data.",
                             "Next talk includes the bookkeeper.") },
    [TEXT_NOTE] = { PARTS(
        "{f} prefers calls before eight.", "Harvest until mid {m}, do not disturb.",
        "Neighbour of a customer in {t}.", "Family business, third generation.",
        "Writes short mails, answers at night.", "Heard of us at the field day, took the brochure.",
        "Certified organic since last year.", "Sells direct, farm shop at the road.",
        "Has {n} ha more on lease from next year.", "Do not mention {x}, bad experience.",
        "Decides together with the cooperative.", "Grant office wants two offers.",
        "Old pump, will be replaced in {m}.") },
    [TEXT_TASK] = { PARTS(
        "Send price list to {f}", "Call {f} back", "Offer for {c}", "Check radio coverage for {c}",
        "Ask {f} for the block map", "Arrange reference visit for {c}", "Send grant papers to {f}",
        "Follow up on the offer, {c}", "Prepare demo for {c}", "Confirm installation date with {f}",
        "Contract to {c}", "Answer {f}: data export", "Ask service about a repeater for {c}") },
    [TEXT_MAIL_SUBJECT] = { PARTS("Your question about {p}", "Offer for {c}", "Our call",
                                  "References near {t}", "Next steps", "Positions of the sensors",
                                  "Price list and season package", "Dates for a visit") },
    [TEXT_MAIL] = { PARTS("Hello {f}, thank you for the talk.",
                          "Hello {f}, as promised the papers.",
                          "Hello {f}, here is what we spoke about.",
                          "Hello {f}, I checked with our engineers."),
                    PARTS("Attached the offer for {n} sensors with one gateway.",
                          "Two growers near {t} are happy to show you theirs.",
                          "The repeater is included, you pay for the hardware only.",
                          "The app exports everything as CSV, your certifier can read that.",
                          "If you order in {m}, installation is before the buds open.",
                          "The grant covers up to 40 percent, the form is attached."),
                    PARTS("When may I call?", "Shall we talk on {d}?",
                          "Let me know what is missing.", "Does next week suit you?",
                          "Kind regards, {r}") },
    [TEXT_NEXT_STEP] = { PARTS(
        "Call on {d}", "Offer by {d}", "Waiting for the block map", "On-site visit",
        "Decision in {m}", "Grant approval", "Contract out for signature", "Reference visit",
        "Talk to the bookkeeper", "Agree on payment after the season", "Demo for the committee") },
    [TEXT_DEAL] = { PARTS("{c}: {p}", "{c}, {n} ha {k}", "{p} for {c}",
                          "{c}: trial with {n} sensors", "{c}, first season",
                          "{c}: {p}, {n} blocks") },
    [TEXT_EXPANSION] = { PARTS("{c}: second block", "{c}, {n} more sensors", "{c}: renewal and {p}",
                               "{c}: next season", "{c}: {p} on top") },
    [TEXT_HANDOFF_REASON] = { PARTS(
        "Asked about prices in the webinar", "Replied to the newsletter with a question about {p}",
        "Met at the fair, wants a visit before the season",
        "Second colleague from {c} on the site this week", "Read every case study about {k}",
        "Adviser in {t} recommended us") },
    [TEXT_HANDOFF_NOTE] = { PARTS("{f} is on the pricing page nearly every day.",
                                  "Talked to {f} for five minutes at the stand.",
                                  "{c} fits well: {n} ha, own pump.",
                                  "Clear need, frost damage in the spring.",
                                  "Small, but known in {t}."),
                            PARTS("Please call before the weekend.", "They look at {x} too.",
                                  "Asked for a German-speaking contact for the installation.",
                                  "Newsletter reader for a year.", "Ask about the grant.") },
    [TEXT_FORM_MESSAGE] = { PARTS(
        "We grow {k} on {n} ha and lost a lot to frost. What do you "
        "recommend?",
        "Please call me about {p}.", "Do your sensors work on a slope?",
        "Can the data be exported for our adviser?",
        "We want to save water. {n} ha, drip irrigation.", "What does {p} cost for {n} ha?",
        "A neighbour in {t} showed us your app.", "Is there somebody in our region who installs?",
        "We compare several suppliers, please send an offer.") },
    [TEXT_COMMENT] = { PARTS(
        "Spoke to service, a repeater is in stock.", "Let us not go below ten percent here.",
        "I know the neighbour, can ask for a reference.",
        "Nice one. Can we use this as a case study later?",
        "Please keep marketing in the loop, they came through the campaign.",
        "Finance is fine with payment after harvest.", "Was the grant approved?",
        "Take {p} out, they will add it next year.", "Visited them in {m}, very open people.") },
    [TEXT_LOST_PRICE] = { PARTS("{x} was a third cheaper.",
                                "Too expensive for {n} ha, says the bookkeeper.",
                                "Wanted 25 percent off, we stopped at ten.") },
    [TEXT_LOST_COMPETITOR] = { PARTS("{x} had a dealer next door.",
                                     "The cooperative has a frame contract with {x}.",
                                     "They stay with {x}, the app was not the point.") },
    [TEXT_LOST_BUDGET] = { PARTS("Hail in {m}, no investments this year.", "Grant was refused.",
                                 "The press broke, the money went there.") },
    [TEXT_LOST_FEATURE] = { PARTS("Needs a connection to their cellar software.",
                                  "Wants valves from us too.", "Works offline only, we do not.") },
    [TEXT_LOST_TIMING] = { PARTS("Again next season, says {f}.", "New manager comes in {m}.",
                                 "First the replanting, then sensors.") },
    [TEXT_LOST_SILENT] = { PARTS("Five calls, three mails, nothing.",
                                 "Silent since the offer. Closing it.",
                                 "Nobody answers any more.") },
    [TEXT_LOST_FIT] = { PARTS("{n} ares in the garden, that is not for us.", "Greenhouse only.",
                              "Arable land, they need something else.") },
    [TEXT_NO_BUDGET] = { PARTS("No money before the next grant round.",
                               "Interested, but nothing to spend this year.") },
    [TEXT_NO_NEED] = { PARTS("Just curious, hobby trees.", "Writes a thesis, no buyer.",
                             "Has a station already and is happy with it.") },
    [TEXT_WRONG_PERSON] = { PARTS("{f} is an intern, the manager knows nothing of it.",
                                  "Left the company last month.",
                                  "Is a supplier who wants to sell to us.") },
    [TEXT_NOT_REACHED] = { PARTS("Six tries at different hours.", "Number does not exist, mail "
                                                                  "without an answer.") },
    [TEXT_TOO_EARLY] = { PARTS("Plants next year, talk again in {m}.",
                               "Wants to see one season at the neighbour's first.",
                               "Good fit, but decides after harvest. Please keep warm.") },
    [TEXT_BOUGHT] = { PARTS("Signed with {x} two weeks ago.", "Cooperative chose {x} for all.") },
    [TEXT_BAD_DATA] = { PARTS("Name and company are invented.", "Phone number of a bakery.") },
    [TEXT_DUPLICATE] = { PARTS("I am talking to a colleague of {f} already.",
                               "Same farm as another lead of mine.") },
    [TEXT_ACCEPTED] = { PARTS("Calling today.", "Good one, thank you.", "On it.",
                              "Know the farm, will call {f}.", "Fits, I take it.", "") },
    [TEXT_COMPANY] = { PARTS("{n} ha, mainly {k}.", "Cooperative with {n} members near {t}.",
                             "{k} and a little {p} already from another maker.",
                             "Farm shop and direct sales, {n} ha {k}.",
                             "Grows {k} on slopes, irrigates {n} ha.") },
};

static const char *const days[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday" };
static const char *const months[] = { "January",   "February", "March",    "April",
                                      "May",       "June",     "July",     "August",
                                      "September", "October",  "November", "December" };

static void put_word(struct buf *b, struct rng *r, char code, const struct told *t)
{
    int count;

    switch (code) {
    case 'f':
        buf_text(b, t->first);
        break;
    case 'l':
        buf_text(b, t->last);
        break;
    case 'c':
        buf_text(b, t->company);
        break;
    case 't':
        buf_text(b, t->town);
        break;
    case 'r':
        buf_text(b, t->by);
        break;
    case 'k':
        buf_text(b, word_pick(r, crops));
        break;
    case 'p':
        buf_text(b, word_pick(r, products));
        break;
    case 'x':
        buf_text(b, t->competitor ? t->competitor : word_pick(r, competitors));
        break;
    case 'd':
        buf_text(b, days[rng_below(r, countof(days))]);
        break;
    case 'm':
        buf_text(b, months[rng_below(r, countof(months))]);
        break;
    default:
        count = rng_between(r, 3, 24);
        buf_i64(b, count * rng_between(r, 1, 3));
    }
}

static void put_part(struct buf *b, struct rng *r, const char *part, const struct told *t)
{
    if (b->len && part[0])
        buf_char(b, ' ');
    for (; *part; part++)
        if (part[0] == '{') {
            put_word(b, r, part[1], t);
            part += 2;
        } else {
            buf_char(b, *part);
        }
}

const char *text_about(struct arena *a, struct rng *r, enum text_kind kind, const struct told *t)
{
    struct buf b = buf_in(a, 1500);

    for (int i = 0; i < 3 && kinds[kind][i]; i++)
        if (i < 2 || rng_percent(r, 65))
            put_part(&b, r, word_pick(r, kinds[kind][i]), t);
    if (b.len && b.p[0] >= 'a' && b.p[0] <= 'z') /* a crop may begin the sentence */
        b.p[0] = (char)(b.p[0] - 32);
    return buf_end(&b);
}
