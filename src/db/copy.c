#include "db/db_internal.h"

#include "core/log.h"

void db_copy_value(struct buf *out, const char *text, bool first) {
    if (!first)
        buf_putc(out, '\t');
    if (!text) {
        buf_puts(out, "\\N");
        return;
    }
    for (const char *c = text; *c; c++) {
        const char *special = strchr("\\\n\r\t", *c);
        if (special) {
            buf_putc(out, '\\');
            buf_putc(out, "\\nrt"[special - "\\\n\r\t"]);
        } else {
            buf_putc(out, *c);
        }
    }
}

static enum err copy_finish(struct db *db, const char *name) {
    enum err err = OK;
    for (PGresult *result; (result = PQgetResult(db->conn)); PQclear(result)) {
        if (PQresultStatus(result) == PGRES_COMMAND_OK)
            continue;
        log_event(LOG_ERROR, "copy_failed", "statement", "%s", name, "message", "%s",
                  PQresultErrorMessage(result), NULL);
        err = ERR_INTERNAL;
    }
    return err;
}

enum err db_copy(struct db *db, enum query query, bool (*write)(void *context, struct buf *out),
                 void *context) {
    const struct query_info *info = query_info(query);
    enum err err = db_connect(db);
    if (err)
        return err;
    PGresult *result = PQexec(db->conn, info->sql);
    bool ready = PQresultStatus(result) == PGRES_COPY_IN;
    if (!ready)
        log_event(LOG_ERROR, "copy_failed", "statement", "%s", info->name, "message", "%s",
                  PQresultErrorMessage(result), NULL);
    PQclear(result);
    if (!ready)
        return ERR_INTERNAL;
    struct buf lines;
    buf_init(&lines, 16 << 20);
    bool more = true, sent = true;
    while (more && sent) {
        buf_clear(&lines);
        more = write(context, &lines);
        sent = !buf_overflowed(&lines) &&
               PQputCopyData(db->conn, buf_text(&lines), (int)lines.len) == 1;
    }
    buf_free(&lines);
    if (PQputCopyEnd(db->conn, sent ? NULL : "the lines could not be made") != 1)
        return ERR_UNAVAILABLE;
    return copy_finish(db, info->name);
}
