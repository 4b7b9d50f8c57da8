/*
 * routes.c - the security document: every URL, the permission it asks for, what it shows.
 *
 *   PAGE(path, permission, template, …)  answers GET and HEAD
 *   POST(path, permission, form, handler, …)
 *
 * .machine marks what takes a POST without a form token: the handler checks a signature instead.
 * Permission PUBLIC: everybody; SIGNED_IN: whoever has a session; otherwise "thing:verb" as in role_permissions.
 * SHOW(…) names the statements whose rows the template sees. Row-level security holds beneath all of it.
 */
#include "app/routes.h"

#include "app/health.h"
#include "domain/activities/activities.h"
#include "domain/admin/admin.h"
#include "domain/announcements/announcements.h"
#include "domain/assets/assets.h"
#include "domain/auth/auth.h"
#include "domain/calendar/calendar.h"
#include "domain/cards/cards.h"
#include "domain/commissions/commissions.h"
#include "domain/dashboard/dashboard.h"
#include "domain/duplicates/duplicates.h"
#include "domain/imports/imports.h"
#include "domain/files/files.h"
#include "domain/leads/lead_bulk.h"
#include "domain/leads/lead_lists.h"
#include "domain/leads/leads.h"
#include "domain/nurture/nurture.h"
#include "domain/notifications/notifications.h"
#include "domain/messages/messages.h"
#include "domain/live/live.h"
#include "domain/links/links.h"
#include "domain/partners/partners.h"
#include "domain/refer/refer.h"
#include "domain/search/search.h"
#include "domain/sending/sending.h"
#include "domain/training/training.h"

#define PUBLIC NULL
#define SIGNED_IN ""
#define PAGE(path, perm, tmpl, ...) {.method = METHOD_GET, .pattern = path, .permission = perm, .template = tmpl, __VA_ARGS__}
#define POST(path, perm, spec, handler, ...)                                                                                   \
    {.method = METHOD_POST, .pattern = path, .permission = perm, .form = spec, .decide = handler, __VA_ARGS__}
#define SHOW(...) .show = {__VA_ARGS__}

/* clang-format off */
const struct route routes[] = {
    /* ── public ── */
    PAGE("/", PUBLIC, "home", SHOW(Q_programme_words, Q_programme_types)),
    PAGE("/login", PUBLIC, "auth/login", .form = &login_form, .prepare = login_show_prepare, .decide = login_show),
    POST("/login", PUBLIC, &login_form, login_post, .alone = true, .again = "/login"),
    POST("/logout", PUBLIC, NULL, logout_post, .alone = true),
    PAGE("/forgot", PUBLIC, "auth/forgot", .form = &forgot_form),
    POST("/forgot", PUBLIC, &forgot_form, forgot_post, .alone = true, .again = "/forgot"),
    PAGE("/forgot/sent", PUBLIC, "auth/forgot_sent"),
    PAGE("/reset/{token}", PUBLIC, "auth/reset", SHOW(Q_link_find), .form = &reset_form, .prepare = reset_prepare, .decide = link_show),
    POST("/reset/{token}", PUBLIC, &reset_form, reset_post, .prepare = reset_prepare, .alone = true, .again = "/reset/{token}"),
    PAGE("/invitation/{token}", PUBLIC, "auth/invitation", SHOW(Q_link_find), .form = &invitation_form, .prepare = invitation_prepare, .decide = link_show),
    POST("/invitation/{token}", PUBLIC, &invitation_form, invitation_post, .prepare = invitation_prepare, .alone = true, .again = "/invitation/{token}"),

    /* ── account ── */
    PAGE("/account", SIGNED_IN, "account/show", SHOW(Q_account, Q_account_sessions), .form = &account_form, .fill = "account"),
    POST("/account", SIGNED_IN, &account_form, account_post, .again = "/account"),
    PAGE("/account/password", SIGNED_IN, "account/password", .form = &password_form),
    POST("/account/password", SIGNED_IN, &password_form, account_password_post, .alone = true, .again = "/account/password"),
    POST("/account/theme", SIGNED_IN, &theme_form, theme_post),
    POST("/account/sessions/delete", SIGNED_IN, NULL, sessions_delete_post),
    POST("/account/sessions/{session_id}/delete", SIGNED_IN, NULL, session_delete_post),

    /* ── notifications ── */
    PAGE("/notifications", SIGNED_IN, "notifications/list", SHOW(Q_notification_counts), .form = &notification_filters, .list = &notification_list_spec,
         .decide = notification_list_page),
    POST("/notifications/read", SIGNED_IN, &notification_read_all_form, notification_read_all_post, .again = "/notifications"),
    PAGE("/notifications/{notification_id}", SIGNED_IN, NULL, SHOW(Q_notification_one), .decide = notification_follow),
    POST("/notifications/{notification_id}/open", SIGNED_IN, NULL, notification_open_post),
    POST("/notifications/{notification_id}/read", SIGNED_IN, &notification_read_form, notification_read_post),
    PAGE("/account/notifications", SIGNED_IN, "account/notifications", SHOW(Q_notification_settings, Q_notification_times, Q_notification_choices, Q_push_browsers),
         .form = &notification_settings_form, .fill = "notification_settings", .decide = notification_settings_page),
    POST("/account/notifications", SIGNED_IN, &notification_settings_form, notification_settings_post, SHOW(Q_notification_choices), .again = "/account/notifications"),
    POST("/account/notifications/reset", SIGNED_IN, NULL, notification_reset_post, SHOW(Q_notification_settings)),
    PAGE("/account/push/key", SIGNED_IN, NULL, .decide = push_key),
    POST("/account/push", SIGNED_IN, &push_form, push_post),
    POST("/account/push/{subscription_id}/delete", SIGNED_IN, NULL, push_delete_post),
    /* ── live pages: nginx holds the stream, the worker says which channels ── */
    PAGE("/events", SIGNED_IN, NULL, .decide = live_events, .quiet = true),

    /* ── dashboard and leads ── */
    PAGE("/dashboard", "dashboard:read", "dashboard/show",
         SHOW(Q_dashboard_money, Q_dashboard_sums, Q_dashboard_trend, Q_dashboard_stages, Q_dashboard_sources, Q_dashboard_recent, Q_dashboard_activity,
              Q_dashboard_capacity, Q_dashboard_waiting, Q_dashboard_duties, Q_dashboard_currencies, Q_dashboard_agenda, Q_dashboard_news),
         .form = &dashboard_form, .prepare = dashboard_prepare, .decide = dashboard_page),
    PAGE("/leads", "leads:read", "leads/list", SHOW(Q_lead_totals, Q_lead_currencies, Q_lead_filter_partner, Q_lead_filter_link, Q_lead_list_plan),
         .form = &lead_filters, .list = &lead_list_spec, .prepare = lead_list_prepare, .decide = lead_list_page),
    PAGE("/leads/board", "leads:read", "leads/board", SHOW(Q_lead_totals, Q_lead_currencies, Q_lead_filter_partner, Q_lead_filter_link, Q_lead_list_plan, Q_stage_moves, Q_stage_reasons,
         Q_board_sums, Q_board_counts, Q_board_cards), .form = &lead_filters, .prepare = lead_board_prepare, .decide = lead_board_page),
    PAGE("/leads/new", "leads:write", "leads/new", SHOW(Q_lead_partners, Q_lead_draft, Q_lead_drafts, Q_card_found), .form = &lead_quick_form, .fill = "lead_draft",
         .prepare = lead_new_prepare, .decide = lead_form_page),
    POST("/leads", "leads:write", &lead_quick_form, lead_insert_post, .again = "/leads/new"),
    PAGE("/leads/new/full", "leads:write", "leads/full", SHOW(Q_lead_partners, Q_lead_currency_choices, Q_lead_draft, Q_lead_drafts),
         .form = &lead_full_form, .fill = "lead_draft", .prepare = lead_new_prepare, .decide = lead_form_page),
    POST("/leads/full", "leads:write", &lead_full_form, lead_insert_post, .again = "/leads/new/full"),
    POST("/leads/draft", "leads:write", NULL, lead_draft_post),
    POST("/leads/draft/discard", "leads:write", NULL, lead_draft_discard_post),
    PAGE("/leads/{id}", "leads:read", "leads/show", SHOW(Q_lead_get, Q_lead_timeline, Q_lead_files, Q_lead_staff, Q_lead_staff_reasons, Q_lead_touches, Q_lead_enrolments, Q_lead_threads, Q_lead_messages, Q_lead_reminders, Q_lead_appointments, Q_lead_registration, Q_lead_alike,
         Q_stage_moves, Q_stage_reasons, Q_lead_undo_offer),
         .form = &lead_stage_form, .fill = "lead_get", .prepare = lead_prepare, .absent = lead_absent, .decide = lead_page),
    PAGE("/leads/{id}/edit", "leads:write", "leads/edit", SHOW(Q_lead_get, Q_lead_currency_choices), .form = &lead_edit_form, .fill = "lead_get", .decide = lead_form_page),
    POST("/leads/{id}/edit", "leads:write", &lead_edit_form, lead_update_post, SHOW(Q_lead_lock), .again = "/leads/{id}/edit"),
    POST("/leads/{id}/stage", "leads:write", &lead_stage_form, lead_stage_post, SHOW(Q_lead_lock, Q_stage_moves, Q_stage_reasons), .again = "/leads/{id}"),
    POST("/leads/{id}/undo", "leads:write", &lead_undo_form, lead_undo_post, SHOW(Q_lead_lock), .again = "/leads/{id}"),
    PAGE("/leads/{id}/staff", "leads:write", "leads/staff", SHOW(Q_lead_for_staff), .who = STAFF, .form = &lead_staff_form, .fill = "lead_for_staff"),
    POST("/leads/{id}/staff", "leads:write", &lead_staff_form, lead_staff_post, SHOW(Q_lead_lock), .who = STAFF, .again = "/leads/{id}/staff"),

    /* ── what was done about a lead; business cards ── */
    PAGE("/leads/{lead_id}/activities/new", "leads:write", "activities/new", SHOW(Q_calendar_lead), .form = &activity_form, .decide = activity_form_page),
    POST("/leads/{lead_id}/activities/upload", "leads:write", &activity_form, activity_insert_post, SHOW(Q_calendar_lead), .takes_files = true,
         .again = "/leads/{lead_id}/activities/new"),
    PAGE("/leads/{lead_id}/activities/{activity_id}/edit", "leads:write", "activities/edit", SHOW(Q_activity_own), .form = &activity_edit_form, .fill = "activity_own",
         .decide = activity_edit_page),
    POST("/leads/{lead_id}/activities/{activity_id}/edit", "leads:write", &activity_edit_form, activity_update_post, SHOW(Q_activity_own),
         .again = "/leads/{lead_id}/activities/{activity_id}/edit"),
    POST("/leads/{lead_id}/activities/{activity_id}/delete", "leads:write", NULL, activity_delete_post, SHOW(Q_activity_own)),
    PAGE("/leads/cards/new", "leads:write", "cards/new", .form = &card_form),
    POST("/leads/cards/upload", "leads:write", &card_form, card_insert_post, .takes_files = true, .again = "/leads/cards/new"),
    PAGE("/leads/cards/{card_id}", "leads:write", "cards/show", SHOW(Q_card), .decide = card_page),

    /* ── search, saved views, many leads at once ── */
    PAGE("/search", SIGNED_IN, "search/show", SHOW(Q_search_leads, Q_search_partners, Q_search_people), .form = &search_form, .prepare = search_prepare, .decide = search_page),
    PAGE("/search/suggest", SIGNED_IN, "search/suggest", SHOW(Q_search_leads, Q_search_partners, Q_search_people), .form = &search_form, .prepare = suggest_prepare, .decide = search_page),
    PAGE("/leads/views", "leads:read", "leads/view_list", SHOW(Q_lead_view_list), .decide = lead_views_page),
    PAGE("/leads/views/new", "leads:read", "leads/view", .form = &lead_view_form, .prepare = lead_view_prepare),
    POST("/leads/views/new", "leads:read", &lead_view_form, lead_view_insert_post, .again = "/leads/views/new"),
    PAGE("/leads/views/{id}", "leads:read", "leads/view", SHOW(Q_lead_view), .form = &lead_view_form, .fill = "lead_view", .prepare = lead_view_prepare),
    POST("/leads/views/{id}", "leads:read", &lead_view_form, lead_view_update_post, SHOW(Q_lead_view), .again = "/leads/views/{id}"),
    POST("/leads/views/{id}/move", "leads:read", &lead_view_move_form, lead_view_move_post, SHOW(Q_lead_view)),
    POST("/leads/views/{id}/delete", "leads:read", NULL, lead_view_delete_post, SHOW(Q_lead_view)),
    PAGE("/leads/columns", "leads:read", "leads/columns", SHOW(Q_lead_column_choice), .form = &lead_columns_form, .decide = lead_columns_page),
    POST("/leads/columns", "leads:read", &lead_columns_form, lead_columns_post, .again = "/leads/columns"),
    POST("/leads/bulk", "leads:write", &bulk_begin_form, bulk_begin_post),
    PAGE("/leads/bulk/{id}", "leads:read", "leads/bulk", SHOW(Q_bulk, Q_bulk_refusals, Q_stage_moves, Q_stage_reasons), .form = &bulk_form, .decide = bulk_page),
    POST("/leads/bulk/{id}", "leads:write", &bulk_form, bulk_plan_post, SHOW(Q_bulk_mine, Q_bulk_stages, Q_stage_moves, Q_stage_reasons), .again = "/leads/bulk/{id}"),
    POST("/leads/bulk/{id}/run", "leads:write", NULL, bulk_run_post, SHOW(Q_bulk_mine)),
    POST("/leads/bulk/{id}/undo", "leads:write", NULL, bulk_undo_post, SHOW(Q_bulk_mine)),
    PAGE("/leads/bulk/{id}/rows", "leads:read", "leads/bulk_rows", SHOW(Q_bulk), .form = &bulk_row_filters, .list = &bulk_list_spec, .prepare = bulk_rows_prepare, .decide = bulk_rows_page),

    /* ── leads from files ── */
    PAGE("/leads/import", "leads:write", "imports/new", SHOW(Q_lead_partners, Q_import_same), .form = &import_upload_form, .prepare = import_upload_prepare,
         .decide = import_upload_page),
    POST("/leads/import", "leads:write", &import_upload_form, import_upload_post, .prepare = import_upload_prepare, .alone = true, .takes_files = true,
         .takes_tables = true, .again = "/leads/import"),
    PAGE("/leads/imports", "leads:read", "imports/list", .list = &import_list_spec, .prepare = import_list_prepare, .decide = import_list_page),
    PAGE("/leads/imports/{id}", "leads:read", "imports/show", SHOW(Q_import_get, Q_import_first_rows), .form = &import_commit_form, .decide = import_page),
    PAGE("/leads/imports/{id}/rows", "leads:write", "imports/rows", SHOW(Q_import_get), .form = &import_row_filters, .list = &import_row_list_spec,
         .decide = import_rows_page),
    PAGE("/leads/imports/{id}/columns", "leads:write", "imports/columns", SHOW(Q_import_get, Q_import_headers, Q_lead_currency_choices),
         .form = &import_columns_form, .fill = "import_get", .decide = import_columns_page),
    POST("/leads/imports/{id}/columns", "leads:write", &import_columns_form, import_columns_post, SHOW(Q_import_lock), .again = "/leads/imports/{id}/columns"),
    POST("/leads/imports/{id}/commit", "leads:write", &import_commit_form, import_commit_post, SHOW(Q_import_lock), .again = "/leads/imports/{id}"),
    POST("/leads/imports/{id}/cancel", "leads:write", NULL, import_cancel_post, SHOW(Q_import_lock)),
    /* ── messages and files ── */
    PAGE("/messages", "messages:read", "messages/list", SHOW(Q_thread_totals, Q_thread_filter_partner, Q_lead_list_plan), .form = &thread_filters,
         .list = &thread_list_spec, .prepare = thread_list_prepare, .decide = thread_list_page),
    POST("/messages/read", "messages:read", &threads_read_form, threads_read_post, .again = "/messages"),
    PAGE("/messages/about/{kind}/{id}", "messages:read", "messages/begin", SHOW(Q_thread_subject), .form = &message_form, .decide = thread_subject_page),
    POST("/messages/about/{kind}/{id}/upload", "messages:write", &message_form, thread_begin_post, SHOW(Q_thread_subject), .takes_files = true,
         .again = "/messages/about/{kind}/{id}"),
    PAGE("/messages/{id}", "messages:read", "messages/thread", SHOW(Q_thread, Q_thread_read, Q_thread_messages), .form = &message_form,
         .prepare = thread_prepare, .decide = thread_page),
    POST("/messages/{id}/upload", "messages:write", &message_form, message_insert_post, SHOW(Q_thread), .takes_files = true, .again = "/messages/{id}"),
    PAGE("/messages/{id}/{message_id}/edit", "messages:write", "messages/edit", SHOW(Q_message_own), .form = &message_edit_form, .fill = "message_own",
         .decide = message_edit_page),
    POST("/messages/{id}/{message_id}/edit", "messages:write", &message_edit_form, message_edit_post, SHOW(Q_message_own), .again = "/messages/{id}/{message_id}/edit"),
    POST("/messages/{id}/{message_id}/delete", "messages:write", NULL, message_delete_post, SHOW(Q_message_own)),
    PAGE("/files/{id}", SIGNED_IN, NULL, SHOW(Q_file_get), .decide = file_show),
    /* ── calendar: appointments and reminders; news ── */
    PAGE("/appointments", "leads:read", "calendar/agenda", SHOW(Q_calendar_counts, Q_appointment_agenda), .prepare = agenda_prepare, .decide = agenda_page),
    PAGE("/appointments/past", "leads:read", "calendar/past", SHOW(Q_calendar_counts), .form = &appointment_past_filters, .list = &appointment_past_spec),
    PAGE("/leads/{lead_id}/appointments/new", "leads:write", "calendar/appointment_new", SHOW(Q_calendar_lead, Q_appointment_guests, Q_appointment_overlaps),
         .form = &appointment_form, .prepare = appointment_prepare, .decide = appointment_form_page),
    POST("/leads/{lead_id}/appointments", "leads:write", &appointment_form, appointment_insert_post, SHOW(Q_calendar_lead, Q_appointment_overlaps),
         .prepare = appointment_prepare, .again = "/leads/{lead_id}/appointments/new"),
    PAGE("/appointments/{id}", "leads:read", "calendar/appointment", SHOW(Q_appointment, Q_appointment_people), .form = &call_off_form, .decide = appointment_page),
    PAGE("/appointments/{id}/calendar", "leads:read", NULL, SHOW(Q_appointment), .decide = appointment_file),
    PAGE("/appointments/{id}/edit", "leads:write", "calendar/appointment_edit", SHOW(Q_appointment, Q_appointment_guests, Q_appointment_overlaps),
         .form = &appointment_form, .fill = "appointment", .prepare = appointment_prepare, .decide = appointment_form_page),
    POST("/appointments/{id}/edit", "leads:write", &appointment_form, appointment_update_post, SHOW(Q_appointment_lock, Q_appointment_overlaps),
         .prepare = appointment_prepare, .again = "/appointments/{id}/edit"),
    POST("/appointments/{id}/call-off", "leads:write", &call_off_form, appointment_call_off_post, SHOW(Q_appointment_lock), .again = "/appointments/{id}"),
    PAGE("/reminders", "leads:write", "calendar/reminders", SHOW(Q_calendar_counts, Q_reminder_list, Q_reminder_done_list)),
    PAGE("/leads/{lead_id}/reminders/new", "leads:write", "calendar/reminder_new", SHOW(Q_calendar_lead, Q_reminder_hands), .form = &reminder_form,
         .prepare = reminder_prepare, .decide = reminder_form_page),
    POST("/leads/{lead_id}/reminders", "leads:write", &reminder_form, reminder_insert_post, SHOW(Q_calendar_lead), .again = "/leads/{lead_id}/reminders/new"),
    PAGE("/reminders/{id}", "leads:write", "calendar/reminder_edit", SHOW(Q_reminder, Q_reminder_hands), .form = &reminder_form, .fill = "reminder",
         .prepare = reminder_prepare, .decide = reminder_form_page),
    POST("/reminders/{id}", "leads:write", &reminder_form, reminder_update_post, SHOW(Q_reminder_lock), .again = "/reminders/{id}"),
    POST("/reminders/{id}/done", "leads:write", &reminder_back_form, reminder_done_post, SHOW(Q_reminder_lock)),
    POST("/reminders/{id}/reopen", "leads:write", &reminder_back_form, reminder_reopen_post, SHOW(Q_reminder_lock)),
    POST("/reminders/{id}/snooze", "leads:write", &reminder_snooze_form, reminder_snooze_post, SHOW(Q_reminder_lock)),
    POST("/reminders/{id}/delete", "leads:write", &reminder_back_form, reminder_delete_post, SHOW(Q_reminder_lock)),
    PAGE("/announcements", SIGNED_IN, "announcements/list", .list = &announcement_list_spec),
    PAGE("/announcements/{id}", SIGNED_IN, "announcements/show", SHOW(Q_announcement, Q_announcement_read)),
    POST("/announcements/{id}/read", SIGNED_IN, &announcement_read_form, announcement_read_post, SHOW(Q_announcement)),
    PAGE("/admin/announcements", "announcements:read", "announcements/admin_list", .who = STAFF, .form = &announcement_filters, .list = &announcement_admin_spec),
    PAGE("/admin/announcements/new", "announcements:write", "announcements/new", SHOW(Q_partner_type_options, Q_tier_options, Q_region_options), .who = STAFF,
         .form = &announcement_form, .decide = announcement_form_page),
    POST("/admin/announcements/new", "announcements:write", &announcement_form, announcement_insert_post, .who = STAFF, .again = "/admin/announcements/new"),
    PAGE("/admin/announcements/{id}", "announcements:read", "announcements/preview", SHOW(Q_announcement_draft, Q_announcement_reach), .who = STAFF,
         .form = &announcement_publish_form, .fill = "announcement_draft", .decide = announcement_preview),
    PAGE("/admin/announcements/{id}/edit", "announcements:write", "announcements/edit", SHOW(Q_announcement_draft, Q_partner_type_options, Q_tier_options, Q_region_options),
         .who = STAFF, .form = &announcement_form, .fill = "announcement_draft", .decide = announcement_form_page),
    POST("/admin/announcements/{id}/edit", "announcements:write", &announcement_form, announcement_update_post, SHOW(Q_announcement_lock), .who = STAFF, .again = "/admin/announcements/{id}/edit"),
    POST("/admin/announcements/{id}/publish", "announcements:write", &announcement_publish_form, announcement_publish_post, SHOW(Q_announcement_lock), .who = STAFF, .again = "/admin/announcements/{id}"),
    POST("/admin/announcements/{id}/withdraw", "announcements:write", NULL, announcement_withdraw_post, SHOW(Q_announcement_lock), .who = STAFF),
    POST("/admin/announcements/{id}/delete", "announcements:write", NULL, announcement_delete_post, SHOW(Q_announcement_lock), .who = STAFF),
    /* ── referral links and public forms ── */
    PAGE("/links", "links:read", "links/list", SHOW(Q_link_filter_partner), .form = &link_filters, .list = &link_list_spec,
         .prepare = link_list_prepare, .decide = link_list_page),
    PAGE("/links/new", "links:write", "links/new", SHOW(Q_link_partners, Q_partner_type_options, Q_link_sites), .form = &link_form, .decide = link_form_page),
    POST("/links", "links:write", &link_form, link_insert_post, SHOW(Q_link_sites), .again = "/links/new"),
    PAGE("/links/clicks", "links:read", "links/clicks", SHOW(Q_click_filter_link), .form = &click_filters, .list = &click_list_spec,
         .prepare = click_list_prepare, .decide = click_list_page),
    PAGE("/links/{id}", "links:read", "links/show", SHOW(Q_link_get, Q_link_sums, Q_link_money, Q_link_days, Q_link_referrers, Q_link_leads),
         .form = &link_range_form, .prepare = link_page_prepare, .decide = link_page),
    PAGE("/links/{id}/edit", "links:write", "links/edit", SHOW(Q_link_get, Q_partner_type_options, Q_link_sites), .form = &link_form,
         .fill = "link_get", .decide = link_form_page),
    POST("/links/{id}/edit", "links:write", &link_form, link_update_post, SHOW(Q_link_get, Q_link_sites), .again = "/links/{id}/edit"),
    POST("/links/{id}/archive", "links:write", &link_archive_form, link_archive_post, SHOW(Q_link_get)),
    PAGE("/links/{id}/qr.svg", "links:read", NULL, SHOW(Q_link_code), .decide = link_qr_svg),
    PAGE("/links/{id}/qr.png", "links:read", NULL, SHOW(Q_link_code), .decide = link_qr_png),
    PAGE("/r/{code}", PUBLIC, NULL, .decide = link_redirect),
    PAGE("/refer/{type}", PUBLIC, "refer/form", SHOW(Q_refer_type, Q_refer_links), .form = &refer_form, .prepare = refer_prepare, .decide = refer_page),
    POST("/refer/{type}", PUBLIC, &refer_form, refer_post, SHOW(Q_refer_type, Q_refer_links), .prepare = refer_prepare, .again = "/refer/{type}"),
    PAGE("/refer/{type}/thanks", PUBLIC, "refer/thanks", SHOW(Q_refer_type)),

    /* ── training, assets, commissions ── */
    PAGE("/training", "training:read", "training/list", SHOW(Q_course_list)),
    PAGE("/training/{id}", "training:read", "training/course", SHOW(Q_course, Q_course_modules)),
    PAGE("/training/modules/{id}", "training:read", "training/module", SHOW(Q_module, Q_module_questions), .decide = module_show),
    PAGE("/training/modules/{id}/video", "training:read", NULL, SHOW(Q_module_video), .decide = module_video),
    PAGE("/training/modules/{id}/captions", "training:read", NULL, SHOW(Q_module_captions), .decide = module_captions),
    POST("/training/modules/{id}/complete", "training:read", NULL, module_complete_post, SHOW(Q_module)),
    POST("/training/modules/{id}/quiz", "training:read", NULL, quiz_post, SHOW(Q_module, Q_module_questions), .again = "/training/modules/{id}"),
    PAGE("/assets", "assets:read", "assets/list", .form = &asset_filters, .list = &asset_list_spec),
    PAGE("/assets/{id}", "assets:read", "assets/show", SHOW(Q_library_asset)),
    PAGE("/assets/{id}/thumbnail", "assets:read", NULL, SHOW(Q_asset_thumbnail), .decide = asset_thumbnail),
    POST("/assets/{id}/download", "assets:read", NULL, asset_download_post),
    PAGE("/commissions", "commissions:read", "commissions/list", SHOW(Q_commission_totals, Q_commission_months, Q_commission_currencies, Q_commission_month_options),
         .form = &commission_filters, .list = &commission_list_spec, .decide = commissions_show),
    PAGE("/commissions/{id}", "commissions:read", "commissions/show", SHOW(Q_commission_entry)),

    /* ── a partner's own settings and team ── */
    PAGE("/profile", "profile:read", "partners/profile", SHOW(Q_own_partner), .who = PARTNERS, .form = &profile_form, .fill = "own_partner"),
    POST("/profile", "profile:write", &profile_form, profile_post, SHOW(Q_own_partner), .who = PARTNERS, .again = "/profile"),
    PAGE("/team", "team:read", "team/list", SHOW(Q_member_list), .who = PARTNERS),
    PAGE("/team/new", "team:write", "team/new", .who = PARTNERS, .form = &member_invite_form, .prepare = members_of_team, .decide = member_page),
    POST("/team/new", "team:write", &member_invite_form, member_insert_post, .who = PARTNERS, .prepare = members_of_team, .again = "/team/new"),
    PAGE("/team/{user_id}", "team:write", "team/edit", SHOW(Q_member), .who = PARTNERS, .form = &member_form, .fill = "member", .prepare = members_of_team, .decide = member_page),
    POST("/team/{user_id}", "team:write", &member_form, member_update_post, SHOW(Q_member), .who = PARTNERS, .prepare = members_of_team, .again = "/team/{user_id}"),
    POST("/team/{user_id}/status", "team:write", &member_status_form, member_status_post, SHOW(Q_member), .who = PARTNERS, .prepare = members_of_team, .again = "/team/{user_id}"),
    POST("/team/{user_id}/invite", "team:write", NULL, member_invite_post, SHOW(Q_member), .who = PARTNERS, .prepare = members_of_team),
    POST("/team/{user_id}/delete", "team:write", NULL, member_delete_post, SHOW(Q_member), .who = PARTNERS, .prepare = members_of_team),

    /* ── administration ── */
    PAGE("/admin/partners", "partners:read", "partners/list", SHOW(Q_partner_type_options, Q_region_options, Q_tier_options), .who = STAFF,
         .form = &partner_filters, .list = &partner_list_spec),
    PAGE("/admin/partners/new", "partners:write", "partners/new", SHOW(Q_partner_type_options, Q_region_options, Q_tier_options), .who = STAFF,
         .form = &partner_form, .prepare = partner_new_prepare),
    POST("/admin/partners/new", "partners:write", &partner_form, partner_insert_post, SHOW(Q_partner_type_rules), .who = STAFF, .again = "/admin/partners/new"),
    PAGE("/admin/partners/{id}", "partners:read", "partners/show", SHOW(Q_partner_profile, Q_partner_figures, Q_partner_dependents, Q_member_list), .who = STAFF,
         .prepare = members_of_partner, .decide = partner_show),
    PAGE("/admin/partners/{id}/edit", "partners:write", "partners/edit", SHOW(Q_partner_profile, Q_partner_type_options, Q_region_options, Q_tier_options), .who = STAFF,
         .form = &partner_form, .fill = "partner_profile"),
    POST("/admin/partners/{id}/edit", "partners:write", &partner_form, partner_update_post, SHOW(Q_partner_profile, Q_partner_type_rules), .who = STAFF, .again = "/admin/partners/{id}/edit"),
    POST("/admin/partners/{id}/status", "partners:write", &partner_status_form, partner_status_post, SHOW(Q_partner_profile), .who = STAFF, .again = "/admin/partners/{id}"),
    POST("/admin/partners/{id}/delete", "partners:write", NULL, partner_delete_post, SHOW(Q_partner_profile, Q_partner_dependents), .who = STAFF, .again = "/admin/partners/{id}"),
    PAGE("/admin/partners/{id}/people/new", "partners:write", "team/new", SHOW(Q_partner_profile), .who = STAFF, .form = &member_invite_form, .prepare = members_of_partner, .decide = member_page),
    POST("/admin/partners/{id}/people/new", "partners:write", &member_invite_form, member_insert_post, SHOW(Q_partner_profile), .who = STAFF, .prepare = members_of_partner, .again = "/admin/partners/{id}/people/new"),
    PAGE("/admin/partners/{id}/people/{user_id}", "partners:write", "team/edit", SHOW(Q_partner_profile, Q_member), .who = STAFF, .form = &member_form, .fill = "member", .prepare = members_of_partner, .decide = member_page),
    POST("/admin/partners/{id}/people/{user_id}", "partners:write", &member_form, member_update_post, SHOW(Q_member), .who = STAFF, .prepare = members_of_partner, .again = "/admin/partners/{id}/people/{user_id}"),
    POST("/admin/partners/{id}/people/{user_id}/status", "partners:write", &member_status_form, member_status_post, SHOW(Q_member), .who = STAFF, .prepare = members_of_partner, .again = "/admin/partners/{id}/people/{user_id}"),
    POST("/admin/partners/{id}/people/{user_id}/invite", "partners:write", NULL, member_invite_post, SHOW(Q_member), .who = STAFF, .prepare = members_of_partner),
    POST("/admin/partners/{id}/people/{user_id}/delete", "partners:write", NULL, member_delete_post, SHOW(Q_member), .who = STAFF, .prepare = members_of_partner),
    PAGE("/admin/staff", "staff:read", "admin/staff", SHOW(Q_member_list, Q_role_list), .who = STAFF, .prepare = members_of_staff),
    PAGE("/admin/staff/new", "staff:write", "team/new", .who = STAFF, .form = &staff_invite_form, .prepare = members_of_staff, .decide = member_page),
    POST("/admin/staff/new", "staff:write", &staff_invite_form, member_insert_post, .who = STAFF, .prepare = members_of_staff, .again = "/admin/staff/new"),
    PAGE("/admin/staff/{user_id}", "staff:write", "team/edit", SHOW(Q_member), .who = STAFF, .form = &staff_form, .fill = "member", .prepare = members_of_staff, .decide = member_page),
    POST("/admin/staff/{user_id}", "staff:write", &staff_form, member_update_post, SHOW(Q_member), .who = STAFF, .prepare = members_of_staff, .again = "/admin/staff/{user_id}"),
    POST("/admin/staff/{user_id}/status", "staff:write", &member_status_form, member_status_post, SHOW(Q_member), .who = STAFF, .prepare = members_of_staff, .again = "/admin/staff/{user_id}"),
    POST("/admin/staff/{user_id}/invite", "staff:write", NULL, member_invite_post, SHOW(Q_member), .who = STAFF, .prepare = members_of_staff),
    POST("/admin/staff/{user_id}/delete", "staff:write", NULL, member_delete_post, SHOW(Q_member), .who = STAFF, .prepare = members_of_staff),
    PAGE("/admin/settings", "settings:read", "admin/settings", SHOW(Q_programme_settings), .who = STAFF, .form = &settings_form, .fill = "programme_settings"),
    POST("/admin/settings", "settings:write", &settings_form, settings_post, SHOW(Q_programme_settings), .who = STAFF, .again = "/admin/settings"),
    PAGE("/admin/audit", "audit:read", "admin/audit", .who = STAFF, .form = &audit_filters, .list = &audit_list_spec),

    PAGE("/admin/jobs", "jobs:read", "admin/jobs", SHOW(Q_job_totals, Q_job_overview, Q_job_schedule_list, Q_job_kind_options), .who = STAFF,
         .form = &job_filters, .list = &job_list_spec),
    POST("/admin/jobs/retry", "jobs:write", &job_revive_form, jobs_revive_post, .who = STAFF),
    POST("/admin/jobs/{id}/retry", "jobs:write", NULL, job_retry_post, .who = STAFF),
    POST("/admin/jobs/{id}/cancel", "jobs:write", NULL, job_cancel_post, .who = STAFF),
    /* ── what leaves the portal ── */
    PAGE("/unsubscribe/{token}", PUBLIC, "unsubscribe/show", SHOW(Q_unsubscribe_find), .form = &unsubscribe_form, .prepare = unsubscribe_prepare, .decide = unsubscribe_page),
    POST("/unsubscribe/{token}", PUBLIC, &unsubscribe_form, unsubscribe_post, .prepare = unsubscribe_prepare, .alone = true, .machine = true, .again = "/unsubscribe/{token}"),
    POST("/webhooks/mail", PUBLIC, NULL, mail_webhook_post, .alone = true, .machine = true),
    PAGE("/admin/suppressions", "mail:read", "admin/suppressions", .who = STAFF, .form = &suppression_filters, .list = &suppression_list_spec, .decide = suppression_page),
    POST("/admin/suppressions/{id}/lift", "mail:write", NULL, suppression_lift_post, .who = STAFF),
    PAGE("/dev/mail", "development:read", "dev/mail", .who = STAFF, .form = &caught_filters, .list = &caught_list_spec, .prepare = caught_prepare),
    PAGE("/dev/mail/{id}", "development:read", "dev/message", SHOW(Q_caught), .who = STAFF, .prepare = caught_prepare),
    PAGE("/dev/mail/{id}/html", "development:read", NULL, SHOW(Q_caught_html), .who = STAFF, .prepare = caught_prepare, .decide = caught_html),

    /* ── nurture sequences ── */
    PAGE("/admin/sequences", "sequences:read", "nurture/list", .who = STAFF, .form = &sequence_filters, .list = &sequence_list_spec),
    PAGE("/admin/sequences/new", "sequences:write", "nurture/edit", SHOW(Q_partner_type_options), .who = STAFF, .form = &sequence_form, .prepare = sequence_new_prepare),
    POST("/admin/sequences/new", "sequences:write", &sequence_form, sequence_insert_post, .who = STAFF, .again = "/admin/sequences/new"),
    PAGE("/admin/sequences/{id}", "sequences:read", "nurture/show", SHOW(Q_sequence, Q_sequence_step_list), .who = STAFF),
    PAGE("/admin/sequences/{id}/edit", "sequences:write", "nurture/edit", SHOW(Q_sequence, Q_partner_type_options), .who = STAFF, .form = &sequence_form, .fill = "sequence"),
    POST("/admin/sequences/{id}/edit", "sequences:write", &sequence_form, sequence_update_post, SHOW(Q_sequence), .who = STAFF, .again = "/admin/sequences/{id}/edit"),
    POST("/admin/sequences/{id}/switch", "sequences:write", &sequence_switch_form, sequence_switch_post, SHOW(Q_sequence), .who = STAFF, .again = "/admin/sequences/{id}"),
    POST("/admin/sequences/{id}/delete", "sequences:write", NULL, sequence_delete_post, SHOW(Q_sequence), .who = STAFF, .again = "/admin/sequences/{id}"),
    PAGE("/admin/sequences/{id}/steps/new", "sequences:write", "nurture/step", SHOW(Q_sequence), .who = STAFF, .form = &sequence_step_form, .prepare = sequence_step_prepare),
    POST("/admin/sequences/{id}/steps/new", "sequences:write", &sequence_step_form, sequence_step_insert_post, SHOW(Q_sequence), .who = STAFF, .again = "/admin/sequences/{id}/steps/new"),
    PAGE("/admin/sequences/{id}/steps/{step_id}", "sequences:write", "nurture/step", SHOW(Q_sequence, Q_sequence_step), .who = STAFF, .form = &sequence_step_form, .fill = "sequence_step"),
    POST("/admin/sequences/{id}/steps/{step_id}", "sequences:write", &sequence_step_form, sequence_step_update_post, SHOW(Q_sequence, Q_sequence_step), .who = STAFF, .again = "/admin/sequences/{id}/steps/{step_id}"),
    POST("/admin/sequences/{id}/steps/{step_id}/move", "sequences:write", &sequence_move_form, sequence_step_move_post, SHOW(Q_sequence, Q_sequence_step), .who = STAFF),
    POST("/admin/sequences/{id}/steps/{step_id}/try", "sequences:write", NULL, sequence_step_try_post, SHOW(Q_sequence, Q_sequence_step), .who = STAFF),
    POST("/admin/sequences/{id}/steps/{step_id}/delete", "sequences:write", NULL, sequence_step_delete_post, SHOW(Q_sequence, Q_sequence_step), .who = STAFF),
    POST("/leads/{id}/nurture/end", "leads:write", NULL, nurture_end_post, SHOW(Q_lead_lock), .who = STAFF),

    /* ── duplicates, registrations, the blind check ── */
    PAGE("/admin/duplicates", "duplicates:read", "duplicates/list", SHOW(Q_duplicate_counts), .who = STAFF, .form = &duplicate_filters, .list = &duplicate_list_spec,
         .prepare = duplicate_list_prepare, .decide = duplicate_list_page),
    PAGE("/admin/duplicates/{id}", "duplicates:read", "duplicates/pair", SHOW(Q_duplicate_pair, Q_duplicate_leads), .who = STAFF, .form = &duplicate_merge_form, .decide = duplicate_pair_page),
    POST("/admin/duplicates/{id}/merge", "duplicates:write", &duplicate_merge_form, duplicate_merge_post, SHOW(Q_duplicate_pair), .who = STAFF, .again = "/admin/duplicates/{id}"),
    POST("/admin/duplicates/{id}/apart", "duplicates:write", NULL, duplicate_apart_post, SHOW(Q_duplicate_pair), .who = STAFF, .again = "/admin/duplicates/{id}"),
    POST("/admin/duplicates/{id}/reopen", "duplicates:write", NULL, duplicate_reopen_post, SHOW(Q_duplicate_pair), .who = STAFF, .again = "/admin/duplicates/{id}"),
    PAGE("/admin/merges", "duplicates:read", "duplicates/merges", SHOW(Q_duplicate_counts), .who = STAFF, .list = &merge_list_spec, .decide = duplicate_tabs_page),
    PAGE("/admin/merges/{id}", "duplicates:read", "duplicates/merge", SHOW(Q_merge, Q_merge_gone, Q_merge_rows, Q_merge_stayed, Q_merge_ended, Q_merge_threads), .who = STAFF, .decide = merge_page),
    POST("/admin/merges/{id}/undo", "duplicates:write", NULL, merge_undo_post, SHOW(Q_merge), .who = STAFF, .again = "/admin/merges/{id}"),
    PAGE("/admin/extensions", "duplicates:read", "duplicates/extensions", SHOW(Q_duplicate_counts), .who = STAFF, .form = &extension_filters, .list = &extension_list_spec,
         .decide = duplicate_tabs_page),
    PAGE("/admin/extensions/{id}", "duplicates:read", "duplicates/extension", SHOW(Q_extension), .who = STAFF, .form = &extension_decide_form, .decide = extension_decide_page),
    POST("/admin/extensions/{id}/decide", "duplicates:write", &extension_decide_form, extension_decide_post, SHOW(Q_extension), .who = STAFF, .again = "/admin/extensions/{id}"),
    PAGE("/admin/overlap", "duplicates:read", "duplicates/checks", SHOW(Q_duplicate_counts), .who = STAFF, .list = &overlap_log_spec, .decide = duplicate_tabs_page),
    PAGE("/leads/{id}/extension", "leads:write", "duplicates/ask", SHOW(Q_extension_lead), .who = PARTNERS, .form = &extension_form, .decide = extension_page),
    POST("/leads/{id}/extension", "leads:write", &extension_form, extension_ask_post, SHOW(Q_extension_lead), .who = PARTNERS, .again = "/leads/{id}/extension"),
    PAGE("/shares", "leads:read", "leads/shares", .who = PARTNERS, .form = &share_filters, .list = &share_list_spec),
    PAGE("/overlap", "leads:write", "duplicates/overlap", SHOW(Q_overlap_today, Q_lead_phone_region, Q_overlap_providers, Q_overlap_checks, Q_claim_list), .who = PARTNERS, .form = &overlap_form, .decide = overlap_page),
    POST("/overlap", "leads:write", &overlap_form, overlap_post, SHOW(Q_overlap_wait), .who = PARTNERS, .again = "/overlap"),
    PAGE("/overlap/{id}", "leads:write", "duplicates/answer", SHOW(Q_overlap_answer, Q_overlap_answers), .who = PARTNERS),

    /* ── health ── */
    PAGE("/healthz", PUBLIC, NULL, .decide = health_live),
    PAGE("/readyz", PUBLIC, NULL, .decide = health_ready),
    PAGE("/_error/{status}", PUBLIC, NULL, .decide = health_error), /* nginx only: what it refused, in the portal's dress */
    PAGE("/metrics", PUBLIC, NULL, .decide = health_metrics),
};
const size_t routes_count = sizeof routes / sizeof *routes;

const struct nav_item navigation[] = {
    {NULL, "Dashboard", "/dashboard", "layout-dashboard", "dashboard:read", ANYBODY},
    {NULL, "Leads", "/leads", "target", "leads:read", ANYBODY},
    {NULL, "Is a client free?", "/overlap", "user-search", "leads:write", PARTNERS},
    {NULL, "Messages", "/messages", "message-square", "messages:read", ANYBODY},
    {NULL, "Calendar", "/appointments", "calendar", "leads:read", ANYBODY},
    {NULL, "", "/reminders", NULL, "leads:read", ANYBODY},
    {NULL, "Links", "/links", "link", "links:read", ANYBODY},
    {NULL, "Commissions", "/commissions", "wallet", "commissions:read", ANYBODY},
    {"Learn and sell", "Training", "/training", "graduation-cap", "training:read", ANYBODY},
    {"Learn and sell", "Library", "/assets", "folder-open", "assets:read", ANYBODY},
    {"Learn and sell", "News", "/announcements", "megaphone", SIGNED_IN, ANYBODY},
    {NULL, "", "/admin/announcements", NULL, SIGNED_IN, STAFF},
    {"Company", "Team", "/team", "users", "team:read", PARTNERS},
    {"Company", "Profile", "/profile", "building-2", "profile:read", PARTNERS},
    {"Programme", "Partners", "/admin/partners", "handshake", "partners:read", STAFF},
    {"Programme", "Duplicates", "/admin/duplicates", "copy", "duplicates:read", STAFF},
    {"Programme", "", "/admin/merges", NULL, "duplicates:read", STAFF},
    {"Programme", "", "/admin/extensions", NULL, "duplicates:read", STAFF},
    {"Programme", "", "/admin/overlap", NULL, "duplicates:read", STAFF},
    {"Programme", "Sequences", "/admin/sequences", "megaphone", "sequences:read", STAFF},
    {"Programme", "Staff", "/admin/staff", "shield-check", "staff:read", STAFF},
    {"Programme", "Settings", "/admin/settings", "settings", "settings:read", STAFF},
    {"Programme", "Jobs", "/admin/jobs", "cog", "jobs:read", STAFF},
    {"Programme", "Audit", "/admin/audit", "history", "audit:read", STAFF},
    {"Programme", "Suppressed", "/admin/suppressions", "mail-x", "mail:read", STAFF},
    {0},
};

const struct nav_badge navigation_badges[] = {{"/messages", Q_unread_threads}, {NULL, Q_NONE}};
/* clang-format on */
