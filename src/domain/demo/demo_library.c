#include "domain/demo/demo_library.h"
#include "core/text.h"
#include "domain/demo/demo_line.h"
#include "domain/demo/demo_pdf.h"
#include "domain/demo/demo_pictures.h"

enum { FILE_MAX = 4 << 20, LIST_MAX = 4 };

struct demo_asset {
    const char *type, *title, *description;
    const char *name; /* of the file; below assets/ in the store */
    const struct demo_picture *picture;
    const char *source; /* below library/ of the texts, where it is no picture */
    const char *tiers[LIST_MAX], *types[LIST_MAX]; /* all NULL: everybody */
    int weeks;                                     /* since it was published */
    char id[DEMO_UUID_SIZE];
    size_t size; /* bytes */
    long downloads;
};

/* clang-format off */
static const struct demo_asset catalogue[] = {
    {.type = "logo", .title = "Meridian logo, colour", .name = "meridian-logo.svg", .picture = &picture_logo, .weeks = 70,
     .description = "For light backgrounds. Leave half its height free on every side."},
    {.type = "logo", .title = "Meridian logo, white", .name = "meridian-logo-white.svg", .picture = &picture_logo_white, .weeks = 70,
     .description = "For dark backgrounds and photographs."},
    {.type = "logo", .title = "The mark alone", .name = "meridian-mark.svg", .picture = &picture_mark, .weeks = 70,
     .description = "For profile pictures and favicons; not smaller than 16 pixels."},
    {.type = "logo", .title = "Trusted partner badge", .name = "trusted-partner.svg", .picture = &picture_badge, .weeks = 34,
     .tiers = {"silver", "gold"}, .description = "For the website and the shop window of silver and gold partners."},
    {.type = "banner", .title = "A home that fits", .name = "banner-wide.svg", .picture = &picture_banner, .weeks = 41,
     .description = "Website banner, 1200 by 300."},
    {.type = "banner", .title = "Questions first, keys later", .name = "banner-tall.svg", .picture = &picture_skyscraper, .weeks = 41,
     .description = "Tall banner for side columns, 300 by 600."},
    {.type = "banner", .title = "Open house weekend", .name = "open-house.svg", .picture = &picture_open_house, .weeks = 6,
     .description = "For link previews and event pages, 1200 by 628. Put the building and the area into the last line."},
    {.type = "flyer", .title = "Your first home: the costs beside the price", .name = "first-home.pdf", .source = "first-home.txt", .weeks = 22,
     .description = "What is added to the price in the Emirates, and five questions for the viewing."},
    {.type = "flyer", .title = "Buying off-plan in five safe steps", .name = "off-plan-in-five-steps.pdf", .source = "off-plan-steps.txt", .weeks = 15,
     .types = {"channel", "developer", "broker", "agency"}, .description = "Escrow, registration and dates, on one page for the client."},
    {.type = "social", .title = "New this week", .name = "post-new-this-week.svg", .picture = &picture_post, .weeks = 9,
     .description = "Square post, 1080 by 1080."},
    {.type = "social", .title = "Ask a neighbour", .name = "post-ask-a-neighbour.svg", .picture = &picture_question, .weeks = 12,
     .description = "Square post that invites questions, 1080 by 1080."},
    {.type = "social", .title = "See it on Saturday", .name = "story-saturday.svg", .picture = &picture_story, .weeks = 4,
     .description = "Story in portrait format, 1080 by 1920."},
    {.type = "email", .title = "May I introduce you?", .name = "introduction.html", .source = "introduction.html", .weeks = 52,
     .description = "Asks a client for consent in four sentences. HTML, ready for your mail program."},
    {.type = "email", .title = "After the viewing", .name = "after-viewing.txt", .source = "after-viewing.txt", .weeks = 30,
     .description = "Three points the client made and the next step, as plain text."},
    {.type = "email", .title = "Monthly market letter", .name = "market-letter.html", .source = "market-letter.html", .weeks = 18,
     .tiers = {"silver", "gold"}, .description = "One area in five lines. HTML."},
    {.type = "proposal", .title = "An apartment to live in", .name = "proposal-apartment.pdf", .source = "proposal-apartment.txt", .weeks = 26,
     .description = "Template with three suggestions, all costs and a plan for three weeks."},
    {.type = "proposal", .title = "A portfolio of three units", .name = "proposal-portfolio.pdf", .source = "proposal-investor.txt", .weeks = 11,
     .tiers = {"gold"}, .description = "Template for private investors: what each unit is for, and what may go wrong."},
    {.type = "one_pager", .title = "The programme on one page", .name = "meridian-on-one-page.pdf", .source = "programme-one-page.txt", .weeks = 60,
     .description = "For colleagues who ask what Meridian is."},
    {.type = "one_pager", .title = "How commissions are worked out", .name = "commissions-explained.pdf", .source = "commissions-explained.txt", .weeks = 47,
     .description = "Rule, override, split and clawback with worked examples."},
    {.type = "case_study", .title = "Two viewings, one family", .name = "two-viewings.pdf", .source = "case-two-viewings.txt", .weeks = 20,
     .description = "Eleven viewings matched a form. The twelfth matched two sentences."},
    {.type = "case_study", .title = "From one corner shop to three", .name = "corner-shop.pdf", .source = "case-corner-shop.txt", .weeks = 8,
     .types = {"channel", "broker", "rera_agent", "service_provider"}, .description = "Retail in Bengaluru: how one follow-up brought two more deals."},
    {.type = "objection_guide", .title = "Seven objections, honest answers", .name = "seven-objections.pdf", .source = "objections.txt", .weeks = 36,
     .description = "To keep beside the phone."},
    {.type = "objection_guide", .title = "Talking about delays", .name = "talking-about-delays.pdf", .source = "talking-about-delays.txt", .weeks = 13,
     .types = {"channel", "developer", "broker"}, .description = "What to say when handover moves, and in which order."},
    {.type = "price_list", .title = "Business Bay towers", .name = "business-bay-prices.csv", .source = "business-bay.csv", .weeks = 1,
     .types = {"channel", "developer", "broker", "agency"}, .description = "22 units with area, view, price and status. Changes on Mondays."},
    {.type = "price_list", .title = "Whitefield, phase two", .name = "whitefield-prices.csv", .source = "whitefield.csv", .weeks = 2,
     .types = {"channel", "developer", "rera_agent", "agency"}, .description = "16 units with carpet area as the Act defines it, price and status."},
};
/* clang-format on */

static const char *content_type(const char *name) {
    static const char *const types[][2] = {{".svg", "image/svg+xml"},
                                           {".pdf", "application/pdf"},
                                           {".csv", "text/csv"},
                                           {".html", "text/html"},
                                           {".txt", "text/plain"}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (text_ends(name, types[i][0]))
            return types[i][1];
    }
    return "application/octet-stream";
}

static size_t list_count(const char *const list[LIST_MAX]) {
    size_t count = 0;
    while (count < LIST_MAX && list[count] != NULL)
        count++;
    return count;
}

static enum err store(const struct demo_library *library, const char *path,
                      const struct buf *content, char *error, size_t error_size) {
    const char *files = library->world->options->files;
    return files != NULL ? demo_file_write(files, path, content, error, error_size) : OK;
}

static enum err content_make(const struct demo_library *library, const struct demo_asset *asset,
                             struct demo_random random, struct buf *out, char *error,
                             size_t error_size) {
    if (asset->picture != NULL) {
        picture_write(out, asset->picture, asset->title, random);
        return OK;
    }
    struct buf source;
    char path[256];
    snprintf(path, sizeof path, "library/%s", asset->source);
    buf_init(&source, FILE_MAX);
    enum err err = demo_file_read(library->world->options->texts, path, &source, error, error_size);
    if (err == OK && text_ends(asset->name, ".pdf"))
        demo_pdf_write(out, buf_text(&source));
    else
        buf_append(out, buf_text(&source), source.len);
    buf_free(&source);
    return err;
}

static enum err asset_make(struct demo_library *library, size_t number, char *error,
                           size_t error_size) {
    struct demo_asset *asset = &library->assets[number];
    struct demo_random random = demo_random_of(library->world->options->seed, STREAM_ASSET, number);
    char path[256];
    struct buf content;
    demo_random_uuid(&random, asset->id);
    buf_init(&content, FILE_MAX);
    enum err err = content_make(library, asset, random, &content, error, error_size);
    asset->size = content.len;
    if (err == OK) {
        snprintf(path, sizeof path, "assets/%s", asset->name);
        err = store(library, path, &content, error, error_size);
    }
    if (err == OK) {
        buf_clear(&content);
        picture_thumbnail(&content, asset->type, asset->picture, asset->title, random);
        snprintf(path, sizeof path, "assets/thumbnails/%s.svg", asset->name);
        err = store(library, path, &content, error, error_size);
    }
    buf_free(&content);
    return err;
}

static enum err course_file_copy(const struct demo_library *library, const char *name, char *error,
                                 size_t error_size) {
    struct buf content;
    char from[256], to[256];
    snprintf(from, sizeof from, "files/%s", name);
    snprintf(to, sizeof to, "training/%s", name);
    buf_init(&content, FILE_MAX);
    enum err err =
        demo_file_read(library->world->options->texts, from, &content, error, error_size);
    if (err == OK)
        err = store(library, to, &content, error, error_size);
    buf_free(&content);
    return err;
}

/* ---- downloads ---- */

struct download {
    const struct demo_user *user;
    time_t at;
};

static bool on_list(const char *const list[LIST_MAX], const char *code) {
    for (size_t i = 0; i < LIST_MAX && list[i] != NULL; i++) {
        if (text_equal(list[i], code))
            return true;
    }
    return list[0] == NULL;
}

/* Somebody who may have it, at some time since it is there. */
static bool download_make(const struct demo_world *world, const struct demo_asset *asset,
                          struct demo_random *random, struct download *download) {
    const struct demo_partner *partner = &world->partners[demo_random_below(random, DEMO_PARTNERS)];
    const struct demo_user *user =
        &world->users[partner->users + demo_random_below(random, partner->nusers)];
    time_t published = world->options->until - asset->weeks * (time_t)(7 * DAY);
    time_t from = user->created > published ? user->created : published;
    time_t at = from + (time_t)(demo_random_unit(random) * (double)(user->seen - from));
    *download = (struct download){user, at};
    return user->seen > from && on_list(asset->tiers, demo_tier_codes[partner->tier]) &&
           on_list(asset->types, demo_kinds[partner->type].code);
}

static void downloads_of(struct demo_library *library, size_t number, struct buf *out) {
    struct demo_asset *asset = &library->assets[number];
    struct demo_random random =
        demo_random_of(library->world->options->seed, STREAM_DOWNLOAD, number);
    long tries = 12 + asset->weeks * demo_random_between(&random, 1, 3);
    asset->downloads = 0;
    for (long i = 0; i < tries; i++) {
        struct download download;
        if (!download_make(library->world, asset, &random, &download))
            continue;
        asset->downloads++;
        if (out == NULL)
            continue;
        struct demo_line line = demo_line_begin(out);
        demo_plain(&line, asset->id);
        demo_plain(&line, download.user->id);
        demo_plain(&line, download.user->partner);
        demo_time(&line, download.at);
        demo_line_end(&line);
        library->rows++;
    }
}

enum err demo_library_make(struct demo_library *library, const struct demo_world *world,
                           struct arena *arena, char *error, size_t error_size) {
    *library = (struct demo_library){.world = world, .count = sizeof catalogue / sizeof *catalogue};
    library->assets = arena_array(arena, library->count, sizeof *library->assets);
    memcpy(library->assets, catalogue, sizeof catalogue);
    for (size_t i = 0; i < library->count; i++) {
        enum err err = asset_make(library, i, error, error_size);
        if (err != OK)
            return err;
        downloads_of(library, i, NULL);
    }
    enum err err = course_file_copy(library, "first-lead.webm", error, error_size);
    return err != OK ? err : course_file_copy(library, "first-lead.vtt", error, error_size);
}

bool demo_assets_write(void *context, struct buf *out) {
    struct demo_library *library = context;
    library->rows = (long)library->count;
    for (size_t i = 0; i < library->count; i++) {
        const struct demo_asset *asset = &library->assets[i];
        char file[256], thumbnail[256];
        snprintf(file, sizeof file, "assets/%s", asset->name);
        snprintf(thumbnail, sizeof thumbnail, "assets/thumbnails/%s.svg", asset->name);
        struct demo_line line = demo_line_begin(out);
        demo_plain(&line, asset->id);
        demo_plain(&line, asset->type);
        demo_text(&line, asset->title);
        demo_text(&line, asset->description);
        demo_array(&line, asset->tiers, list_count(asset->tiers));
        demo_array(&line, asset->types, list_count(asset->types));
        demo_plain(&line, file);
        demo_plain(&line, asset->name);
        demo_plain(&line, content_type(asset->name));
        demo_long(&line, (long)asset->size);
        demo_plain(&line, thumbnail);
        demo_long(&line, asset->downloads);
        demo_time(&line, library->world->options->until - asset->weeks * (time_t)(7 * DAY));
        demo_line_end(&line);
    }
    return false;
}

bool demo_downloads_write(void *context, struct buf *out) {
    struct demo_library *library = context;
    library->rows = 0;
    for (size_t i = 0; i < library->count; i++)
        downloads_of(library, i, out);
    return false;
}
