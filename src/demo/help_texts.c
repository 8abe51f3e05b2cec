/* help_texts.c -- what the demo company's help centre says, and what its customers look for. */
#include "demo/help_int.h"

const struct help_section_text help_sections[] = {
    { "Setting up", "setting-up", "", "From the parcel to the first reading." },
    { "Devices", "devices", "", "Probes, gateways, batteries, and what their lamps say." },
    { "Probes", "probes", "devices", "Soil and air probes." },
    { "Frost alarm", "frost-alarm", "", "Who is called, when, and what to do in the night." },
    { "Account and bills", "account", "", "Users, invoices, contracts." },
    { NULL },
};

const struct help_article_text help_articles[] = {
    { "probe-is-silent", "probes", "en", NULL, "published", "public",
      "A probe is silent: what to do", "The lamp says which of three things it is.",
      "offline not sending red lamp update",
      "A probe that has sent nothing for an hour is marked **silent** on the map. Three things "
      "cause nine of ten cases.\n\n## Look at the lamp\n\n1. *Red*: it did not finish an update. "
      "Hold its button for ten seconds; it fetches the update again.\n2. *Off*: the battery is "
      "empty. See [Change the batteries](/help/change-batteries).\n3. *Green*: it sends, and "
      "nothing arrives. Then it is the way to the gateway.\n\n## When the lamp is green\n\nMove "
      "the "
      "probe a few metres, or put its mast higher. Behind a barn or a slope count on 250 metres, "
      "see [How far probes reach](/help/how-far-probes-reach).\n\n## When nothing helps\n\nNote "
      "the "
      "serial number under the lid (`4711-0832`) and [write to us](/help/contact). We see from "
      "here what it said last." },
    { "install-first-probe", "setting-up", "en", NULL, "published", "public",
      "Install the first probe", "Ten minutes, without tools.", "start begin mount put up first",
      "You need the probe, its mast and the app.\n\n1. Push the mast into the ground until the "
      "mark "
      "is level with the soil.\n2. Put the probe on, its **shield facing south**.\n3. Open the "
      "app, "
      "choose *Add a probe*, and hold the phone to its lid.\n4. Wait for the green lamp: the first "
      "reading comes within five minutes.\n\n> Do not install probes in a hollow unless you want "
      "to "
      "know how cold the hollow gets.\n\n## How deep\n\n- Vines: 30 and 60 cm\n- Apples, pears: 25 "
      "and 50 cm\n- Vegetables: 15 cm" },
    { "connect-gateway", "setting-up", "en", NULL, "published", "public", "Connect the gateway",
      "Power, network, a place with a view.", "router wifi lan sim offline install",
      "The gateway takes what the probes say to us. It needs power, a network, and a place from "
      "which it *sees* the rows.\n\n## The place\n\nHigh, and not behind metal: a gable is better "
      "than a cellar.\n\n## The network\n\nWith a cable it works by itself. For mobile networks "
      "put "
      "the card in before you plug it in. The lamp turns:\n\n- red: no network\n- amber: it looks "
      "for us\n- green: connected" },
    { "how-far-probes-reach", "probes", "en", NULL, "published", "public", "How far probes reach",
      "800 metres in the open, 250 behind a barn.",
      "range distance relay repeater reception terraces",
      "In the open a probe reaches its gateway over **800 metres**, behind a barn or a slope over "
      "some 250. Probes pass on what their neighbours say, so rows carry further than one "
      "probe.\n\n## When it is not enough\n\nA *relay* on a roof brings you to 800 metres again. "
      "On "
      "terraces one relay on top does for about nine hectares." },
    { "change-batteries", "probes", "en", NULL, "published", "public", "Change the batteries",
      "Two AA lithium cells, every two years.", "battery empty dead power cells",
      "Probes say three weeks before that their batteries end.\n\n1. Open the lid with a coin.\n2. "
      "Put in two **AA lithium** cells; others freeze.\n3. Close the lid until it clicks: the seal "
      "keeps the water out.\n\nA battery that is empty after months is not right: the series "
      "4711-05 to 4711-09 is replaced. [Tell us its number](/help/contact)." },
    { "temperature-too-high", "probes", "en", NULL, "published", "public",
      "The temperature seems wrong", "Nearly always it is the sun.",
      "degrees differs thermometer hot accuracy",
      "Compare at night first: without the sun a probe is within 0.3 degrees.\n\n- If it differs "
      "at "
      "noon only, the **shield does not face south**.\n- If it differs at night, it stands too "
      "near "
      "to a wall or to stones, which keep the warmth.\n\nHeight matters: ours is the temperature "
      "at "
      "50 cm, where blossoms freeze, not at two metres as in the weather report." },
    { "lamps", "devices", "en", NULL, "published", "public", "What the lamps say",
      "Colours and blinking, on one page.", "light led blinking red green amber",
      "- **Green**, steady: all is well\n- **Green**, blinking: a reading goes out\n- **Amber**: "
      "looks for the network\n- **Red**, steady: an update did not finish\n- **Red**, blinking: "
      "call us\n- **Off**: no power" },
    { "gateway-offline-at-night", "devices", "en", NULL, "published", "public",
      "The gateway is offline at night", "Routers that restart by themselves.",
      "disconnects network lost two o'clock restart",
      "Many routers restart at two in the night, just when frost comes. The gateway waits a minute "
      "and connects again, from version 3.2 on; older ones wait an hour.\n\nLet the router restart "
      "at noon, or take a mobile card as a second way." },
    { "who-is-called", "frost-alarm", "en", NULL, "published", "public",
      "Choose who is called by the frost alarm",
      "Phones, order, and what happens when nobody answers.",
      "phone number change alarm call sms wrong father",
      "Under **Settings, Alarm, Phones** stand the numbers, in the order in which they are "
      "called.\n\n1. Press *Add a phone* and type the number with its country code.\n2. Drag it to "
      "its place.\n3. Press *Try it*: it rings now.\n\nWho does not answer within a minute is "
      "called "
      "again after the next one. An alarm ends when somebody presses **1**." },
    { "alarm-lines", "frost-alarm", "en", NULL, "published", "public",
      "Set the lines of the frost alarm", "Warning, alarm, all clear.",
      "threshold limit temperature degrees blossom",
      "Two lines matter: the **warning** (we suggest 2 degrees) and the **alarm** (0.5 degrees at "
      "blossom). Both look at the wet bulb where a probe measures humidity, since that is what a "
      "blossom feels when you sprinkle.\n\nThe all clear comes when every probe has been above the "
      "warning for an hour." },
    { "frost-night", "frost-alarm", "en", NULL, "published", "public",
      "Before a frost night: a list", "What to look at in the afternoon.",
      "checklist prepare tonight emergency nothing works",
      "1. Does the map show **all probes green**?\n2. Is your phone charged, and its sound on?\n3. "
      "Press *Try it* under Alarm.\n4. Are pumps and nozzles free?\n\nIf a probe is silent, hold "
      "its "
      "button for ten seconds. If none answers, plug the gateway out and in again; in the night of "
      "an announced frost our line is open until six." },
    { "invite-colleagues", "account", "en", NULL, "published", "public",
      "Invite colleagues, and what they may do", "Readers look, workers change, owners pay.",
      "user foreman second login rights role reader",
      "Press **Invite** under *People* and type a mail address. Roles:\n\n- *Reader*: sees maps "
      "and "
      "numbers\n- *Worker*: may set alarms and add devices\n- *Owner*: sees invoices too" },
    { "export-season", "account", "en", NULL, "published", "public", "Export a season's data",
      "As a table, for advisers and subsidies.", "csv excel download report table history",
      "Under **Reports** choose the season and press *CSV*. Each line is one reading: time in UTC, "
      "probe, temperature, moisture. For a table a day choose *By day* first." },
    { "invoices", "account", "en", NULL, "published", "public",
      "Invoices: where they are, how to change the address", "",
      "bill payment address tax paid twice",
      "All invoices stand under **Account, Invoices** as PDF. A new address counts from the next "
      "invoice on; for an old one [write to us](/help/contact), we make it anew. What was paid "
      "twice we send back within two days." },
    { "sonde-sendet-nicht", "probes", "de", "probe-is-silent", "published", "public",
      "Eine Sonde sendet nicht mehr", "Die Lampe sagt, woran es liegt.",
      "offline rot stumm Aktualisierung",
      "## Auf die Lampe sehen\n\n1. *Rot*: Die Aktualisierung wurde nicht fertig. Den Knopf zehn "
      "Sekunden halten.\n2. *Aus*: Die Batterie ist leer.\n3. *Grün*: Sie sendet, aber nichts "
      "kommt "
      "an. Ein paar Meter versetzen oder den Mast höher stellen.\n\nHilft nichts davon, [schreiben "
      "Sie uns](/help/contact) mit der Seriennummer unter dem Deckel." },
    { "alarm-telefon-aendern", "frost-alarm", "de", "who-is-called", "published", "public",
      "Wen der Frostalarm anruft", "Nummern, Reihenfolge, Probe.",
      "Telefon Handy Nummer ändern Anruf",
      "Unter **Einstellungen, Alarm, Telefone** stehen die Nummern in der Reihenfolge, in der "
      "angerufen wird. Mit *Probieren* klingelt es gleich. Der Alarm endet, wenn jemand die **1** "
      "drückt." },
    { "goodwill", "account", "en", NULL, "published", "internal",
      "Goodwill: what we may give without asking", "For colleagues: up to 150 euros.",
      "discount refund voucher replacement free",
      "- A probe of the series 4711-05 to 4711-09: replaced, always\n- A frost night on which our "
      "line failed: one month of the service\n- Anything else up to **150 euros**: decide, and say "
      "so in a note" },
    { "when-sales", "account", "en", NULL, "published", "internal",
      "When a ticket belongs to sales", "Prices for cooperatives, more than ten devices.",
      "quote price offer cooperative hand over",
      "Give it to sales when somebody asks for **more than ten** devices, for the price of a "
      "cooperative, or names a competitor. Leave the ticket pending and mention the owner of the "
      "company." },
    { "sensor-3-update", "devices", "en", NULL, "draft", "public",
      "Sensor 3: what changes with the update", "", "version firmware new",
      "Draft for December: what is new, how long it takes, what to do when it stops half way." },
    { NULL },
};

const struct help_words_text help_words[] = {
    { "probe silent", 3, 18 },
    { "battery", 2, 14 },
    { "change phone number", 2, 11 },
    { "frost alarm", 4, 16 },
    { "export csv", 1, 8 },
    { "invoice address", 1, 7 },
    { "gateway offline", 2, 12 },
    { "red lamp", 3, 9 },
    { "range", 1, 6 },
    { "invite user", 1, 5 },
    { "humidity", 1, 4 },
    { "hail", 0, 9 },
    { "cancel contract", 0, 7 },
    { "apple watch", 0, 6 },
    { "wind sensor", 0, 5 },
    { "api key", 0, 4 },
    { "kündigen", 0, 4 },
    { "leaf wetness", 0, 3 },
    { "mildew forecast", 0, 3 },
    { NULL },
};

const struct help_solved_text help_solved[] = {
    { "Probe is silent since the update", "probe-is-silent" },
    { "How far may probes stand from the gateway?", "how-far-probes-reach" },
    { "Battery empty after four months", "change-batteries" },
    { "Alarm goes to the wrong phone", "who-is-called" },
    { "Second user for our foreman", "invite-colleagues" },
    { "Temperature is two degrees too high", "temperature-too-high" },
    { "Export of last season's data", "export-season" },
    { "Gateway loses the network every night", "gateway-offline-at-night" },
    { NULL },
};

const char *const help_praise[] = {
    "That was it, thank you.",           "Clear and short.", "", "", "", "",
    "The lamp was red, now it is green."
};
const char *const help_blame[] = { "Where is the button? A picture would help.",
                                   "It is still silent.", "", "I have another version of the app.",
                                   "" };
const size_t help_praise_count = countof(help_praise), help_blame_count = countof(help_blame);
