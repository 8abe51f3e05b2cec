/* words.c -- whom and what the demo company deals with, by country: names of people, places and
 * companies. All invented; addresses end in .example, phone numbers are of ranges kept for fiction
 * where there are such. */
#include "demo/demo_int.h"

#define WORDS(...) \
    (const char *const[]) { __VA_ARGS__, NULL }

const struct country countries[COUNTRIES] = {
    { "Germany", "DE", "de", "EUR", CULTURE_DE, 36, "+49 30 23125 ",
      WORDS("Lindau", "Meckenbeuren", "Jork", "Bernkastel", "Freiburg", "Würzburg", "Deidesheim",
            "Meißen", "Naumburg", "Stade", "Bühl", "Radolfzell", "Offenburg", "Trier", "Werder",
            "Heilbronn", "Ravensburg", "Bad Dürkheim", "Ingelheim", "Kressbronn") },
    { "Austria", "AT", "de", "EUR", CULTURE_DE, 9, "+43 1 5550 ",
      WORDS("Krems", "Langenlois", "Gleisdorf", "Rust", "Leibnitz", "Puch", "Retz", "Weiz",
            "Eisenstadt", "Dornbirn") },
    { "Switzerland", "CH", "de", "EUR", CULTURE_DE, 7, "+41 44 5550 ",
      WORDS("Frauenfeld", "Arbon", "Sursee", "Maienfeld", "Sion", "Aarau", "Wädenswil") },
    { "Italy", "IT", "it", "EUR", CULTURE_IT, 15, "+39 0471 5550 ",
      WORDS("Bozen", "Meran", "Trento", "Alba", "Verona", "Cles", "Forlì", "Asti", "Conegliano",
            "Cuneo", "Montepulciano", "Faenza", "Marsala", "Lana") },
    { "France", "FR", "fr", "EUR", CULTURE_FR, 12, "+33 1 99 00 ",
      WORDS("Beaune", "Épernay", "Colmar", "Libourne", "Agen", "Montélimar", "Saumur", "Angers",
            "Carpentras", "Béziers", "Cahors", "Mâcon", "Gaillac") },
    { "Netherlands", "NL", "nl", "EUR", CULTURE_NL, 8, "+31 20 5550 ",
      WORDS("Tiel", "Goes", "Dronten", "Geldermalsen", "Maastricht", "Kapelle", "Zeewolde",
            "Houten") },
    { "Belgium", "BE", "nl", "EUR", CULTURE_NL, 4, "+32 2 5550 ",
      WORDS("Sint-Truiden", "Hasselt", "Borgloon", "Tienen", "Gembloux", "Ieper") },
    { "United Kingdom", "GB", "en", "GBP", CULTURE_EN, 10, "+44 1632 960",
      WORDS("Faversham", "Maidstone", "Hereford", "Ledbury", "Chichester", "Wisbech", "Evesham",
            "Tenterden", "Ross-on-Wye") },
    { "United States", "US", "en", "USD", CULTURE_EN, 5, "+1 555 0100 ",
      WORDS("Yakima", "Healdsburg", "Paso Robles", "Wenatchee", "Hood River", "Geneva",
            "Traverse City") },
};

static const struct {
    const char *const *first, *const *last;
} people[CULTURES] = {
    [CULTURE_DE] = { WORDS("Anna", "Lena", "Katharina", "Sabine", "Jana", "Friederike", "Ulrike",
                           "Heike", "Miriam", "Johanna", "Petra", "Nele", "Theresa", "Antje",
                           "Käthe", "Birgit", "Franziska", "Svenja", "Martina", "Carolin", "Thomas",
                           "Stefan", "Jürgen", "Florian", "Matthias", "Andreas", "Jörg", "Lukas",
                           "Tobias", "Uwe", "Christoph", "Moritz", "Björn", "Hannes", "Günther",
                           "Felix", "Sebastian", "Dominik", "Rainer", "Vinzenz", "Alois", "Holger"),
                     WORDS("Müller", "Schäfer", "Weber", "Brandt", "Lindner", "Hofmann", "Krüger",
                           "Steinbach", "Vogel", "Kessler", "Baumgartner", "Obermeier", "Huber",
                           "Fuchs", "Winkler", "Rößler", "Ackermann", "Pfeiffer", "Sommer",
                           "Bergmann", "Dietrich", "Engel", "Förster", "Gruber", "Haas", "Jäger",
                           "Kern", "Löffler", "Maier", "Neumann", "Ostertag", "Pichler", "Quandt",
                           "Reinhardt", "Sauer", "Thalmann", "Ulrich", "Vogt", "Wagner",
                           "Zimmermann", "Kirschner", "Apfelbeck", "Holzer", "Rebmann", "Stöckl",
                           "Trautmann", "Wenzel", "Zoller", "Amann", "Bischof") },
    [CULTURE_EN] = { WORDS("Emma", "Olivia", "Charlotte", "Grace", "Hannah", "Rebecca", "Alice",
                           "Fiona", "Megan", "Imogen", "Laura", "Judith", "Claire", "Sarah",
                           "Naomi", "Jack", "Oliver", "Thomas", "Henry", "George", "Callum", "Ewan",
                           "Harry", "Simon", "Nicholas", "Peter", "Rory", "Dylan", "Marcus", "Adam",
                           "Edward", "Toby", "Miguel", "Derek", "Walter"),
                     WORDS("Ashdown", "Barlow", "Carter", "Dawson", "Eldridge", "Fletcher",
                           "Greenwood", "Hartley", "Ingram", "Jennings", "Kendrick", "Lockwood",
                           "Marsh", "Norris", "Orchard", "Pemberton", "Quinn", "Radcliffe",
                           "Sheldon", "Thorne", "Underhill", "Vickers", "Whitaker", "Yates",
                           "Appleby", "Brewster", "Cobb", "Dunmore", "Everett", "Fairfax",
                           "Garland", "Holloway", "Kemp", "Langley", "Mercer", "O'Dowd", "Pruitt",
                           "Salter", "Tilley", "Winslow") },
    [CULTURE_FR] = { WORDS("Amélie", "Camille", "Chloé", "Élodie", "Hélène", "Inès", "Jeanne",
                           "Léa", "Manon", "Margaux", "Noémie", "Sylvie", "Véronique", "Zoé",
                           "Antoine", "Baptiste", "Clément", "Damien", "Étienne", "François",
                           "Gérard", "Hugo", "Jérôme", "Julien", "Loïc", "Mathieu", "Nicolas",
                           "Olivier", "Pascal", "Rémi", "Sébastien", "Thibault", "Yves"),
                     WORDS("Aubert", "Bonnet", "Chevalier", "Delacroix", "Étievant", "Fontaine",
                           "Garnier", "Hébert", "Joubert", "Lacombe", "Lefèvre", "Marchand", "Noël",
                           "Perrin", "Rousseau", "Roche", "Savigny", "Tessier", "Vasseur", "Dumas",
                           "Besson", "Caron", "Dufour", "Fabre", "Guérin", "Imbert", "Laurent",
                           "Moreau", "Pasquier", "Renaud", "Tournier", "Vidal", "Clos", "Vernet",
                           "Bourdin", "Charpentier") },
    [CULTURE_IT] = { WORDS("Alessia", "Beatrice", "Chiara", "Daniela", "Elena", "Francesca",
                           "Giulia", "Ilaria", "Lucia", "Martina", "Nicoletta", "Paola", "Sofia",
                           "Valentina", "Alessandro", "Bruno", "Carlo", "Davide", "Enrico", "Fabio",
                           "Giovanni", "Luca", "Marco", "Niccolò", "Paolo", "Roberto", "Simone",
                           "Tommaso", "Vittorio", "Andrea"),
                     WORDS("Bianchi", "Colombo", "De Luca", "Esposito", "Ferrari", "Gallo", "Leone",
                           "Mancini", "Negri", "Orlandi", "Pellegrini", "Rinaldi", "Santoro",
                           "Testa", "Vitale", "Zanetti", "Bassi", "Caputo", "Donati", "Fiore",
                           "Grassi", "Longo", "Marchetti", "Oberhofer", "Palumbo", "Ricci",
                           "Sartori", "Tomasi", "Valdoro", "Zandonai", "Bertolini", "Costa",
                           "Frisoni", "Mazzoni", "Dallarosa") },
    [CULTURE_NL] = { WORDS("Anouk", "Britt", "Eline", "Femke", "Hanneke", "Ilse", "Lotte", "Maaike",
                           "Noor", "Roos", "Saskia", "Willemijn", "Bas", "Daan", "Geert", "Hendrik",
                           "Joost", "Koen", "Lars", "Maarten", "Niels", "Pieter", "Ruben", "Sander",
                           "Teun", "Wouter", "Jan Willem", "André"),
                     WORDS("Bakker", "de Boer", "de Vries", "van Dijk", "van der Meer", "Visser",
                           "Jansen", "Mulder", "Smit", "Bos", "Peeters", "Claes", "Hoekstra",
                           "Kuipers", "van Leeuwen", "Maes", "Postma", "Schouten", "Timmermans",
                           "Verhoeven", "Willems", "Boomgaard", "van den Berg", "Dekker",
                           "Goossens", "Hermans", "Kok", "Lambrecht", "Prins", "Wouters") },
};

const char *const crops[] = { "apples",      "pears",        "cherries",
                              "Riesling",    "Pinot noir",   "plums",
                              "apricots",    "blueberries",  "Sauvignon blanc",
                              "raspberries", "table grapes", "cider apples",
                              "hops",        "Merlot",       NULL };
const char *const products[] = { "soil sensors",       "frost alert",
                                 "irrigation control", "vine vigour imaging",
                                 "weather stations",   "the gateway kit",
                                 "the season package", NULL };
const char *const competitors[] = { "Terranomic", "AgriPulse", "VitiSense",
                                    "Feldblick",  "HydroRow",  NULL };

/* ---- companies: how they are called where ---- */
static const struct {
    const char *pattern; /* %L family name, %C town, %W one of the words */
    const char *industry;
} shapes[CULTURES][10] = {
    [CULTURE_DE] = { { "Obsthof %L", "agriculture" },
                     { "Weingut %L", "agriculture" },
                     { "%L Obstbau GmbH", "agriculture" },
                     { "Winzergenossenschaft %C", "agriculture" },
                     { "%L & Söhne", "agriculture" },
                     { "Beerenhof %L", "agriculture" },
                     { "Landhandel %L GmbH", "retail" },
                     { "%L Bewässerungstechnik", "services" },
                     { "Fruchtkontor %C", "logistics" },
                     { "Lehranstalt %C", "education" } },
    [CULTURE_EN] = { { "%L Orchards", "agriculture" },
                     { "%L Vineyards", "agriculture" },
                     { "%W Farm Ltd", "agriculture" },
                     { "%L Fruit Growers", "agriculture" },
                     { "%W Estate", "agriculture" },
                     { "%L & Daughters", "agriculture" },
                     { "%C Farm Supplies", "retail" },
                     { "%L Irrigation", "services" },
                     { "%L Packhouse", "logistics" },
                     { "%L Advisory", "services" } },
    [CULTURE_FR] = { { "Domaine %L", "agriculture" },
                     { "Château %W", "agriculture" },
                     { "Vergers de %C", "agriculture" },
                     { "Cave coopérative de %C", "agriculture" },
                     { "%L Père & Fils", "agriculture" },
                     { "EARL %L", "agriculture" },
                     { "Agrofournitures %L", "retail" },
                     { "%L Conseil", "services" },
                     { "Fruits %L", "logistics" },
                     { "Lycée viticole de %C", "education" } },
    [CULTURE_IT] = { { "Azienda Agricola %L", "agriculture" },
                     { "Cantina %L", "agriculture" },
                     { "Tenuta %W", "agriculture" },
                     { "Frutteti %L", "agriculture" },
                     { "Consorzio %C", "agriculture" },
                     { "%L & Figli", "agriculture" },
                     { "Agraria %L", "retail" },
                     { "%L Irrigazione", "services" },
                     { "Ortofrutta %C", "logistics" },
                     { "Istituto Agrario %C", "education" } },
    [CULTURE_NL] = { { "Fruitteelt %L", "agriculture" },
                     { "Fruitbedrijf %L", "agriculture" },
                     { "Wijngaard %W", "agriculture" },
                     { "%L Boomgaarden", "agriculture" },
                     { "Telersvereniging %C", "agriculture" },
                     { "Gebroeders %L", "agriculture" },
                     { "%L Agrohandel", "retail" },
                     { "%L Watertechniek", "services" },
                     { "Veiling %C", "logistics" },
                     { "%L Advies", "services" } },
};
static const u16 shape_weights[10] = { 18, 18, 14, 6, 10, 10, 6, 7, 6, 3 };
static const char *const *const fancy[CULTURES] = {
    [CULTURE_DE] = WORDS("Sonnenhang"),
    [CULTURE_EN] = WORDS("Larkfield", "Brookmead", "Hollowtree", "Sandhurst Hill", "Two Rivers",
                         "Fernhill", "Stonecroft", "Old Mill", "Marden Vale", "Windrush", "Redbarn",
                         "Kestrel Ridge", "Longmeadow", "Chalkdown"),
    [CULTURE_FR] = WORDS("des Tilleuls", "de la Roche", "Bellevue", "du Vieux Moulin", "Clairval",
                         "des Alouettes", "Montfleury", "de l'Aubépine", "Saint-Amand",
                         "des Trois Chênes", "La Garenne", "Beauséjour"),
    [CULTURE_IT] = WORDS("Valdoro", "La Quercia", "Poggio Alto", "San Michele", "Colle Fiorito",
                         "Le Vigne", "Santa Lucia", "Montebello", "Il Melo", "Casa Rossa"),
    [CULTURE_NL] = WORDS("De Zonnehoek", "'t Heuvelland", "De Oude Hoeve", "Lingezicht", "De Wilg",
                         "Bloesemrijk", "De Drie Linden"),
};

const char *word_pick(struct rng *r, const char *const *list)
{
    u32 count = 0;

    while (list[count])
        count++;
    return list[rng_below(r, count)];
}

const char *word_first(struct rng *r, enum culture c) { return word_pick(r, people[c].first); }
const char *word_last(struct rng *r, enum culture c) { return word_pick(r, people[c].last); }

const char *word_company(struct arena *a, struct rng *r, const struct country *c,
                         const char **industry)
{
    size_t which = rng_weighted(r, shape_weights, countof(shape_weights));
    const char *pattern = shapes[c->culture][which].pattern, *mark = strchr(pattern, '%');
    const char *word = mark[1] == 'L'   ? word_last(r, c->culture)
                       : mark[1] == 'C' ? word_pick(r, c->cities)
                                        : word_pick(r, fancy[c->culture]);

    *industry = shapes[c->culture][which].industry;
    int before = (int)(mark - pattern);
    bool vowel = strchr("AEIOUaeiouh", word[0]) || strncmp(word, "É", 2) == 0;
    if (vowel && before > 3 && memcmp(mark - 3, "de ", 3) == 0) /* Vergers d'Angers */
        return arena_printf(a, "%.*sd'%s%s", before - 3, pattern, word, mark + 2);
    return arena_printf(a, "%.*s%s%s", before, pattern, word, mark + 2);
}

const char *word_job(struct rng *r, const char *industry, u8 *worth)
{
    static const struct {
        const char *title;
        u8 worth;
    } farm[] = { { "Owner", 92 },
                 { "Managing director", 92 },
                 { "Orchard manager", 66 },
                 { "Vineyard manager", 66 },
                 { "Production manager", 60 },
                 { "Cellar master", 44 },
                 { "Head grower", 84 },
                 { "Farm manager", 66 },
                 { "Irrigation lead", 60 },
                 { "Technical director", 86 },
                 { "Purchasing", 36 },
                 { "Agronomist", 44 },
                 { "Operations manager", 58 },
                 { "Assistant", 14 } },
      other[] = { { "Managing director", 84 }, { "Head of purchasing", 72 },
                  { "Product manager", 34 },   { "Sales engineer", 14 },
                  { "Advisor", 26 },           { "Consultant", 16 },
                  { "Researcher", 10 },        { "Lecturer", 8 },
                  { "IT manager", 36 },        { "Project manager", 40 },
                  { "Operations manager", 48 } };
    u32 i;

    if (text_is(industry, "agriculture")) {
        i = rng_below(r, countof(farm));
        *worth = farm[i].worth;
        return farm[i].title;
    }
    i = rng_below(r, countof(other));
    *worth = other[i].worth;
    return other[i].title;
}

/* "Jürgen van der Größl" -> "juergen.vandergroessl": how names become addresses. Letters that no
 * table knows are left out. */
static const struct {
    const char *from, *to;
} plain[] = {
    { "ä", "ae" }, { "ö", "oe" }, { "ü", "ue" }, { "ß", "ss" }, { "Ä", "ae" }, { "Ö", "oe" },
    { "Ü", "ue" }, { "é", "e" },  { "è", "e" },  { "ê", "e" },  { "ë", "e" },  { "É", "e" },
    { "à", "a" },  { "â", "a" },  { "î", "i" },  { "ï", "i" },  { "ì", "i" },  { "í", "i" },
    { "Í", "i" },  { "ô", "o" },  { "ò", "o" },  { "ó", "o" },  { "ñ", "n" },  { "ç", "c" },
    { "û", "u" },  { "ù", "u" },
};

const char *word_plain(struct arena *a, const char *text, bool dashes)
{
    struct buf b = buf_in(a, 400);

    while (*text) {
        bool found = false;
        for (size_t i = 0; i < countof(plain) && !found; i++) {
            found = strncmp(text, plain[i].from, 2) == 0;
            if (found)
                buf_text(&b, plain[i].to);
        }
        if (found) {
            text += 2;
            continue;
        }
        char c = *text++;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            buf_char(&b, c);
        else if (dashes && (c == ' ' || c == '-') && b.len && b.p[b.len - 1] != '-')
            buf_char(&b, '-');
    }
    if (b.len && b.p[b.len - 1] == '-')
        b.len--;
    return buf_end(&b);
}
