/* geo.c -- country of an address. The format: maxmind.github.io/MaxMind-DB. Files differ in what
 * they call the country: country.iso_code in MaxMind's, country_code in those of ip-location-db. */
#include "marketing/geo.h"
#include "base/log.h"
#include "marketing/network.h"
#include <arpa/inet.h>
#include <maxminddb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const names[][3] = {
    { "country", "iso_code", NULL },
    { "country_code", NULL },
    { "registered_country", "iso_code", NULL },
};

static void geo_free(void *state)
{
    MMDB_close(state);
    free(state);
}

static void say_none(const char *path, const char *cause)
{
    log_line(LOG_WARN, "geo.none", "file=%s cause=\"%s\" effect=\"countries stay unknown\"", path,
             cause);
}

static bool open_file(struct kit *k, const char *path)
{
    MMDB_s *db = calloc(1, sizeof *db);
    int code;

    assert(db != NULL);
    code = MMDB_open(path, MMDB_MODE_MMAP, db);
    if (code != MMDB_SUCCESS) {
        free(db);
        say_none(path, MMDB_strerror(code));
        return false;
    }
    kit_set_state(k, "geo", db, geo_free);
    log_line(LOG_INFO, "geo.open", "file=%s built=%llu", path,
             (unsigned long long)db->metadata.build_epoch);
    return true;
}

void geo_start(struct kit *k, const char *path, const char *data_dir)
{
    char place[4096], own[2048];
    ssize_t len = readlink("/proc/self/exe", own, sizeof own - 1);

    own[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(own, '/');
    if (slash != NULL)
        *slash = '\0';
    if (path[0] != '\0') {
        (void)open_file(k, path);
        return;
    }
    const struct {
        const char *folder, *under;
    } places[] = { { data_dir, "" }, { own, "" }, { own, "/../share/furrow" } };
    for (size_t i = 0; i < countof(places); i++) {
        snprintf(place, sizeof place, "%s%s/geo.mmdb", places[i].folder, places[i].under);
        if (access(place, R_OK) == 0) {
            (void)open_file(k, place);
            return;
        }
    }
    say_none("geo.mmdb", "there is none");
}

/* No resolver is asked: an address is read, and a tree of bits walked. */
static bool socket_address(const char *address, struct sockaddr_storage *out)
{
    static const u8 v4[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    struct network n;

    memset(out, 0, sizeof *out);
    if (!network_read(str_from(address), &n) || n.bits != 128)
        return false;
    if (memcmp(n.bytes, v4, sizeof v4) == 0) {
        struct sockaddr_in *in = (struct sockaddr_in *)out;
        in->sin_family = AF_INET;
        memcpy(&in->sin_addr, n.bytes + sizeof v4, 4);
    } else {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
        in6->sin6_family = AF_INET6;
        memcpy(&in6->sin6_addr, n.bytes, 16);
    }
    return true;
}

u16 geo_country(struct kit *k, const char *address)
{
    MMDB_s *db = kit_state(k, "geo");
    struct sockaddr_storage socket;
    MMDB_lookup_result_s found;
    MMDB_entry_data_s data;
    int code;

    if (db == NULL || !socket_address(address, &socket))
        return 0;
    if (socket.ss_family == AF_INET6 && db->metadata.ip_version == 4)
        return 0;
    found = MMDB_lookup_sockaddr(db, (struct sockaddr *)&socket, &code);
    if (code != MMDB_SUCCESS || !found.found_entry)
        return 0;
    for (size_t i = 0; i < countof(names); i++)
        if (MMDB_aget_value(&found.entry, &data, names[i]) == MMDB_SUCCESS && data.has_data &&
            data.type == MMDB_DATA_TYPE_UTF8_STRING && data.data_size == 2 &&
            data.utf8_string[0] >= 'A' && data.utf8_string[0] <= 'Z' &&
            data.utf8_string[1] >= 'A' && data.utf8_string[1] <= 'Z')
            return (u16)(data.utf8_string[0] << 8 | data.utf8_string[1]);
    return 0;
}

const struct feature feature_geo = { .name = "geo" };
