/* geo.h -- which country an address belongs to, by a file in MaxMind's format (MMDB), mapped into
 * memory. Only the answer is kept, never the address.
 * Threads    geo_country from any thread, without a lock. */
#pragma once
#include "kit/kit.h"

/* Opens a file for the kit's life. path "": geo.mmdb in the data folder, beside the program or in
 * share/furrow beside its folder, the first that there is. Without a file that can be read
 * countries stay unknown, and one line of the log says so. */
void geo_start(struct kit *k, const char *path, const char *data_dir);
u16 geo_country(struct kit *k, const char *address); /* two letters, as event.country; 0 unknown */
