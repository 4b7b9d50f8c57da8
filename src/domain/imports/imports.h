/*
 * imports.h - leads from files: the pages (upload, columns, preview, result, history) and the jobs behind them.
 *
 *   /leads/import               a file comes in; what is no table is refused beside it          new
 *   /leads/imports/{id}/columns which column is what; guessed, corrected, remembered            -> checking
 *   job imports.check           each row through the lead form's rules, portion by portion      -> checked
 *   /leads/imports/{id}         what is wrong, what is a duplicate; consent and "import"        -> committing
 *   job imports.commit          all good rows become leads in one statement, or none does       -> imported
 *
 * Whose imports somebody sees is row-level security's business (sql/migrations/0012_import.sql), and so is the order of
 * the states. Rows that are no leads yet are seen by those who may import for that partner, and by nobody else.
 */
#ifndef TESSERA_DOMAIN_IMPORTS_IMPORTS_H
#define TESSERA_DOMAIN_IMPORTS_IMPORTS_H

#include "http/page.h"
#include "jobs/job.h"

extern const struct form_spec import_upload_form, import_columns_form, import_commit_form, import_row_filters;
extern const struct list_spec import_list_spec, import_row_list_spec;

enum err import_upload_prepare(struct ctx *ctx) CHECKED;
enum err import_upload_page(struct ctx *ctx) CHECKED; /* adds `staff`, `limit` and `limit_mb`, of a file */
enum err import_upload_post(struct ctx *ctx) CHECKED;

/* Adds `columns` (what is in the file and what is chosen for it) and `fields`. */
enum err import_columns_page(struct ctx *ctx) CHECKED;
enum err import_columns_post(struct ctx *ctx) CHECKED;

enum err import_page(struct ctx *ctx) CHECKED; /* adds what is wrong, in words */
enum err import_rows_page(struct ctx *ctx) CHECKED;
enum err import_commit_post(struct ctx *ctx) CHECKED;
enum err import_cancel_post(struct ctx *ctx) CHECKED;
enum err import_list_prepare(struct ctx *ctx) CHECKED;
enum err import_list_page(struct ctx *ctx) CHECKED; /* adds `staff` */

/* imports.check: a portion of rows, then the next job. imports.tidy: files that nobody wants any more. */
enum err import_check_work(struct job *job) CHECKED;
enum err import_tidy_work(struct job *job) CHECKED;

#endif
