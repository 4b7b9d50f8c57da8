/*
 * training.h - courses and modules. Progress and grades are decided and written by the database
 * (app.module_complete, app.quiz_grade): right answers never reach this process, let alone a browser.
 */
#ifndef TESSERA_DOMAIN_TRAINING_TRAINING_H
#define TESSERA_DOMAIN_TRAINING_TRAINING_H

#include "http/page.h"

enum err module_show(struct ctx *ctx) CHECKED; /* marks what was chosen when a quiz is shown again */
enum err module_video(struct ctx *ctx) CHECKED;
enum err module_captions(struct ctx *ctx) CHECKED;
enum err module_complete_post(struct ctx *ctx) CHECKED;
enum err quiz_post(struct ctx *ctx) CHECKED;

#endif
