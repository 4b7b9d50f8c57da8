/*
 * routes.c - the security document: every URL, the permission it asks for, what it shows.
 *
 *   PAGE(path, permission, template, …)  answers GET and HEAD
 *   POST(path, permission, form, handler, …)
 *
 * Permission PUBLIC: everybody; SIGNED_IN: whoever has a session; otherwise "thing:verb" as in role_permissions.
 * SHOW(…) names the statements whose rows the template sees. Row-level security holds beneath all of it.
 */
#include "app/routes.h"

#include "app/health.h"
#include "domain/admin/admin.h"
#include "domain/assets/assets.h"
#include "domain/auth/auth.h"
#include "domain/commissions/commissions.h"
#include "domain/dashboard/dashboard.h"
#include "domain/leads/leads.h"
#include "domain/links/links.h"
#include "domain/partners/partners.h"
#include "domain/refer/refer.h"
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
    PAGE("/", PUBLIC, "home", SHOW(Q_programme_types)),
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

    /* ── dashboard and leads ── */
    PAGE("/dashboard", "dashboard:read", "dashboard/show",
         SHOW(Q_dashboard_money, Q_dashboard_sums, Q_dashboard_trend, Q_dashboard_stages, Q_dashboard_sources, Q_dashboard_recent, Q_dashboard_activity,
              Q_dashboard_capacity, Q_dashboard_waiting, Q_dashboard_duties, Q_dashboard_currencies),
         .form = &dashboard_form, .prepare = dashboard_prepare, .decide = dashboard_page),
    PAGE("/leads", "leads:read", "leads/list", SHOW(Q_lead_totals, Q_lead_currencies, Q_lead_filter_partner, Q_lead_filter_link, Q_lead_list_plan),
         .form = &lead_filters, .list = &lead_list_spec, .prepare = lead_list_prepare, .decide = lead_list_page),
    PAGE("/leads/new", "leads:write", "leads/new", SHOW(Q_lead_partners), .form = &lead_quick_form, .prepare = lead_new_prepare, .decide = lead_form_page),
    POST("/leads", "leads:write", &lead_quick_form, lead_insert_post, .again = "/leads/new"),
    PAGE("/leads/new/full", "leads:write", "leads/full", SHOW(Q_lead_partners, Q_lead_currency_choices), .form = &lead_full_form,
         .prepare = lead_new_prepare, .decide = lead_form_page),
    POST("/leads/full", "leads:write", &lead_full_form, lead_insert_post, .again = "/leads/new/full"),
    PAGE("/leads/{id}", "leads:read", "leads/show", SHOW(Q_lead_get, Q_lead_history, Q_lead_staff, Q_lead_touches), .form = &lead_stage_form, .fill = "lead_get", .decide = lead_page),
    PAGE("/leads/{id}/edit", "leads:write", "leads/edit", SHOW(Q_lead_get, Q_lead_currency_choices), .form = &lead_edit_form, .fill = "lead_get", .decide = lead_form_page),
    POST("/leads/{id}/edit", "leads:write", &lead_edit_form, lead_update_post, SHOW(Q_lead_lock), .again = "/leads/{id}/edit"),
    POST("/leads/{id}/stage", "leads:write", &lead_stage_form, lead_stage_post, SHOW(Q_lead_lock), .again = "/leads/{id}"),
    PAGE("/leads/{id}/staff", "leads:write", "leads/staff", SHOW(Q_lead_for_staff), .who = STAFF, .form = &lead_staff_form, .fill = "lead_for_staff"),
    POST("/leads/{id}/staff", "leads:write", &lead_staff_form, lead_staff_post, SHOW(Q_lead_lock), .who = STAFF, .again = "/leads/{id}/staff"),

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
    PAGE("/admin/partners/{id}", "partners:read", "partners/show", SHOW(Q_partner_profile, Q_partner_figures, Q_member_list), .who = STAFF,
         .prepare = members_of_partner, .decide = partner_show),
    PAGE("/admin/partners/{id}/edit", "partners:write", "partners/edit", SHOW(Q_partner_profile, Q_partner_type_options, Q_region_options, Q_tier_options), .who = STAFF,
         .form = &partner_form, .fill = "partner_profile"),
    POST("/admin/partners/{id}/edit", "partners:write", &partner_form, partner_update_post, SHOW(Q_partner_profile, Q_partner_type_rules), .who = STAFF, .again = "/admin/partners/{id}/edit"),
    POST("/admin/partners/{id}/status", "partners:write", &partner_status_form, partner_status_post, SHOW(Q_partner_profile), .who = STAFF, .again = "/admin/partners/{id}"),
    POST("/admin/partners/{id}/delete", "partners:write", NULL, partner_delete_post, SHOW(Q_partner_profile, Q_partner_figures), .who = STAFF, .again = "/admin/partners/{id}"),
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
    {NULL, "Links", "/links", "link", "links:read", ANYBODY},
    {NULL, "Commissions", "/commissions", "wallet", "commissions:read", ANYBODY},
    {"Learn and sell", "Training", "/training", "graduation-cap", "training:read", ANYBODY},
    {"Learn and sell", "Library", "/assets", "folder-open", "assets:read", ANYBODY},
    {"Company", "Team", "/team", "users", "team:read", PARTNERS},
    {"Company", "Profile", "/profile", "building-2", "profile:read", PARTNERS},
    {"Programme", "Partners", "/admin/partners", "handshake", "partners:read", STAFF},
    {"Programme", "Staff", "/admin/staff", "shield-check", "staff:read", STAFF},
    {"Programme", "Settings", "/admin/settings", "settings", "settings:read", STAFF},
    {"Programme", "Jobs", "/admin/jobs", "cog", "jobs:read", STAFF},
    {"Programme", "Audit", "/admin/audit", "history", "audit:read", STAFF},
    {0},
};
/* clang-format on */
