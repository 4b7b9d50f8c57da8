#include "tests/routes/expected.h"

#define BIT(who) (1u << (who))

enum {
    V = BIT(VISITOR),
    O = BIT(OWNER),
    S = BIT(SALES),
    W = BIT(VIEWER),
    B_ = BIT(STRANGER),
    G = BIT(AGENT),
    F = BIT(FINANCE),
    U = BIT(SUPPORT),
    M = BIT(ADMIN),
    PARTNER = O | S | W | B_,
    STAFF_ = G | F | U | M,
    SIGNED_IN = PARTNER | STAFF_,
    ALL = V | SIGNED_IN
};

#define RESET      "/reset/reset-of-alders-sales-0000000000000000000000"
#define INVITATION "/invitation/invitation-of-ivy-alder-00000000000000000000"
#define UNSUBSCRIBE "/unsubscribe/qqqqqgAAQACAAAAAAAAFAcFQIbKzyXYCG9QMrCmnb0E" /* signs row 501 of site.sql's outbox */
#define TEAM       "/team/" A("13")
#define PEOPLE     "/admin/partners/" A("01") "/people"
#define ENTRY      "aaaaaaaa-0000-4000-8000-000000000301"
#define SEQUENCE   "/admin/sequences/" C("96")
#define BELL       "/notifications/" A("97")
#define KEY        "Bxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define THREAD "/messages/aaaaaaaa-0000-4000-8000-000000000501"
#define OWN    THREAD "/aaaaaaaa-0000-4000-8000-000000000511" /* the owner's message in it */
#define PAIR      "/admin/duplicates/cccccccc-0000-4000-8000-000000000601"
#define APART     "/admin/duplicates/cccccccc-0000-4000-8000-000000000602"
#define MERGE     "/admin/merges/cccccccc-0000-4000-8000-000000000621"
#define EXTENSION "/admin/extensions/aaaaaaaa-0000-4000-8000-000000000631"
#define CHECK     "/overlap/aaaaaaaa-0000-4000-8000-000000000641"
#define HASHES    "hashes=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define ENTRIES "/leads/" A("24") "/activities"
#define OWN_ENTRY ENTRIES "/aaaaaaaa-0000-4000-8000-000000000561" /* the owner's */
#define LEAD                                                                                       \
    "name=New+Name&client_name=New+Client&client_email=new%40client.example&consent=true&"         \
    "description=A+flat&source=referral&partner_id=" A("01")
#define DRAFT "draft=dddddddd-0000-4000-8000-000000000081"
#define APPOINTMENT                                                                                \
    "kind=viewing&title=New+Title&date=@TOMORROW@&from=10%3A00&until=11%3A00&timezone=Asia%2FDubai&" \
    "notice=60&place=Here&people=" A("13") "&anyway=true&version=1"
#define NEWS "title=New+Title&body=New+text&to_partners=true&to_staff=true&version=1"
#define PARTNER_FORM                                                                               \
    "name=New+Name&type=channel&region=AE&tier=bronze&status=active&commission_percent=15&"        \
    "capacity=10&contact_email=a%40b.example&version=1"

#define REFERRAL                                                                                   \
    "client_name=New+Client&client_phone=%2B971500000001&description=A+flat&consent=true&"         \
    "consent_version=1&opened={opened}"

#define GET(of, at, who, not_for, ...)                                                             \
    { .method = METHOD_GET, .pattern = of, .path = at, .may = who, .absent = not_for, __VA_ARGS__ }
#define POST(of, at, who, not_for, fields, ...)                                                    \
    {                                                                                              \
        .method = METHOD_POST, .pattern = of, .path = at, .may = who, .absent = not_for,           \
        .form = fields, __VA_ARGS__                                                                \
    }
#define FILE_ .plain = true

/* clang-format off */
const struct expected expected[] = {
    GET("/", "/", ALL, 0),
    GET("/login", "/login", ALL, 0, .ok_signed_in = 303),
    POST("/login", "/login", ALL, 0, "email=sales%40alder.example&password=tessera-demo", .browser = true),
    POST("/logout", "/logout", ALL, 0, ""),
    GET("/forgot", "/forgot", ALL, 0),
    POST("/forgot", "/forgot", ALL, 0, "email=sales%40alder.example"),
    GET("/forgot/sent", "/forgot/sent", ALL, 0),
    GET("/reset/{token}", RESET, ALL, 0),
    POST("/reset/{token}", RESET, ALL, 0, "password=seven+green+bottles"),
    GET("/invitation/{token}", INVITATION, ALL, 0),
    POST("/invitation/{token}", INVITATION, ALL, 0, "name=Ivy+Alder&password=seven+green+bottles"),

    GET("/account", "/account", SIGNED_IN, 0),
    POST("/account", "/account", SIGNED_IN, 0, "name=New+Name&timezone=UTC&theme=dark"),
    GET("/account/password", "/account/password", SIGNED_IN, 0),
    POST("/account/password", "/account/password", SIGNED_IN, 0, "current=tessera-demo&password=seven+green+bottles"),
    POST("/account/theme", "/account/theme", SIGNED_IN, 0, "theme=dark&back=%2Fleads", .browser = true),
    POST("/account/sessions/delete", "/account/sessions/delete", SIGNED_IN, 0, ""),
    POST("/account/sessions/{session_id}/delete", "/account/sessions/" A("91") "/delete", O, SIGNED_IN & ~(unsigned)O, ""),

    GET("/notifications", "/notifications", SIGNED_IN, 0),
    POST("/notifications/read", "/notifications/read", SIGNED_IN, 0, "until=2026-11-24+10%3A00%3A00%2B00"),
    GET("/notifications/{notification_id}", BELL, O, SIGNED_IN & ~(unsigned)O, .ok = 303, .browser = true),
    POST("/notifications/{notification_id}/open", BELL "/open", O, SIGNED_IN & ~(unsigned)O, ""),
    POST("/notifications/{notification_id}/read", BELL "/read", O, SIGNED_IN & ~(unsigned)O, "back=%2Fnotifications%3Funread%3Dtrue"),
    GET("/account/notifications", "/account/notifications", SIGNED_IN, 0),
    POST("/account/notifications", "/account/notifications", SIGNED_IN, 0, "digest_at=07%3A30&has.account.role=1"),
    POST("/account/notifications/reset", "/account/notifications/reset", SIGNED_IN, 0, ""),
    GET("/account/push/key", "/account/push/key", SIGNED_IN, 0, FILE_),
    POST("/account/push", "/account/push", SIGNED_IN, 0, "endpoint=https%3A%2F%2Fpush.example%2Fnew&p256dh=" KEY "&auth=xxxxxxxxxxxxxxxxxxxxxx"),
    POST("/account/push/{subscription_id}/delete", "/account/push/" A("98") "/delete", O, SIGNED_IN & ~(unsigned)O, ""),
    GET("/events", "/events", SIGNED_IN, 0, FILE_),

    GET("/dashboard", "/dashboard", SIGNED_IN, 0),
    GET("/leads", "/leads", PARTNER | G | U | M, 0),
    GET("/leads/board", "/leads/board", PARTNER | G | U | M, 0),
    GET("/leads/new", "/leads/new", O | S | B_ | G | M, 0),
    POST("/leads", "/leads", O | S | B_ | G | M, 0, LEAD),
    GET("/leads/new/full", "/leads/new/full", O | S | B_ | G | M, 0),
    POST("/leads/full", "/leads/full", O | S | B_ | G | M, 0, LEAD),
    POST("/leads/draft", "/leads/draft", O | S | B_ | G | M, 0, DRAFT "&client_name=Nadia"),
    POST("/leads/draft/discard", "/leads/draft/discard", O | S | B_ | G | M, 0, DRAFT),
    GET("/leads/{id}", "/leads/" A("21"), O | S | W | G | U | M, B_),
    GET("/leads/{id}/edit", "/leads/" A("21") "/edit", O | S | G | M, B_),
    POST("/leads/{id}/edit", "/leads/" A("21") "/edit", O | S | G | M, B_, LEAD "&version=1"),
    POST("/leads/{id}/stage", "/leads/" A("21") "/stage", O | S | G | M, B_, "stage=intake&version=1"),
    POST("/leads/{id}/undo", "/leads/" A("21") "/undo", O | S | G | M, B_, "version=2", .ok = 422, .ok_json = 409), /* nothing was moved */
    GET("/leads/{id}/staff", "/leads/" A("21") "/staff", G | M, PARTNER),
    POST("/leads/{id}/staff", "/leads/" A("21") "/staff", G | M, PARTNER, "temperature=hot&staff_notes=n&version=1"),

    /* what was done about a lead; business cards */
    GET("/leads/{lead_id}/activities/new", ENTRIES "/new", O | S | G | M, B_),
    POST("/leads/{lead_id}/activities/upload", ENTRIES "/upload", O | S | G | M, B_, "kind=note&text=Hello&seen_by=shared"),
    GET("/leads/{lead_id}/activities/{activity_id}/edit", OWN_ENTRY "/edit", O, S | B_ | G | M),
    POST("/leads/{lead_id}/activities/{activity_id}/edit", OWN_ENTRY "/edit", O, S | B_ | G | M, "text=Hello"),
    POST("/leads/{lead_id}/activities/{activity_id}/delete", OWN_ENTRY "/delete", O, S | B_ | G | M, ""),
    GET("/leads/cards/new", "/leads/cards/new", O | S | B_ | G | M, 0),
    POST("/leads/cards/upload", "/leads/cards/upload", O | S | B_ | G | M, 0, "", .ok = 422),
    GET("/leads/cards/{card_id}", "/leads/cards/aaaaaaaa-0000-4000-8000-000000000571", O, S | B_ | G | M),

    /* search, saved views, many leads at once */
    GET("/search", "/search", SIGNED_IN, 0),
    GET("/search/suggest", "/search/suggest", SIGNED_IN, 0, FILE_),
    GET("/leads/views", "/leads/views", PARTNER | G | U | M, 0),
    GET("/leads/views/new", "/leads/views/new", PARTNER | G | U | M, 0),
    POST("/leads/views/new", "/leads/views/new", PARTNER | G | U | M, 0, "name=New+View&shared=true&standard=true&query=stage%3Dwon"),
    GET("/leads/views/{id}", "/leads/views/" A("61"), O, S | W | B_ | G | U | M),
    POST("/leads/views/{id}", "/leads/views/" A("61"), O, S | W | B_ | G | U | M, "name=Other+name&query=stage%3Dwon"),
    POST("/leads/views/{id}/move", "/leads/views/" A("61") "/move", O, S | W | B_ | G | U | M, "to=down"),
    POST("/leads/views/{id}/delete", "/leads/views/" A("61") "/delete", O, S | W | B_ | G | U | M, ""),
    GET("/leads/columns", "/leads/columns", PARTNER | G | U | M, 0),
    POST("/leads/columns", "/leads/columns", PARTNER | G | U | M, 0, "columns=value&columns=stage"),
    POST("/leads/bulk", "/leads/bulk", O | S | B_ | G | M, 0, "all=true&filters=currency%3DAED"),
    GET("/leads/bulk/{id}", "/leads/bulk/" A("62"), O | S | W, B_ | G | U | M),
    POST("/leads/bulk/{id}", "/leads/bulk/" A("63"), O, S | B_ | G | M, "action=stage&stage=lost&reason=Quiet"),
    POST("/leads/bulk/{id}/run", "/leads/bulk/" A("63") "/run", O, S | B_ | G | M, ""),
    POST("/leads/bulk/{id}/undo", "/leads/bulk/" A("62") "/undo", O, S | B_ | G | M, ""),
    GET("/leads/bulk/{id}/rows", "/leads/bulk/" A("62") "/rows", O | S | W, B_ | G | U | M),

    /* leads from files */
    GET("/leads/import", "/leads/import", O | S | B_ | G | M, 0),
    POST("/leads/import", "/leads/import", O | S | B_ | G | M, 0, "charset=UTF-8&partner_id=" A("01"), .ok = 422), /* without a file */
    GET("/leads/imports", "/leads/imports", PARTNER | G | U | M, 0),
    GET("/leads/imports/{id}", "/leads/imports/" A("b1"), O | S | W | G | U | M, B_),
    GET("/leads/imports/{id}/rows", "/leads/imports/" A("b1") "/rows", O | S | G | M, B_),
    GET("/leads/imports/{id}/columns", "/leads/imports/" A("b1") "/columns", O | S, B_ | G | M),
    POST("/leads/imports/{id}/columns", "/leads/imports/" A("b1") "/columns", O | S, B_ | G | M, "has_header=true&column-0=client_name&column-1=client_email"),
    POST("/leads/imports/{id}/commit", "/leads/imports/" A("b1") "/commit", O | S, B_ | G | M, "seen=1.1.1.1&leave_out=true&consent=true"),
    POST("/leads/imports/{id}/cancel", "/leads/imports/" A("b1") "/cancel", O | S, B_ | G | M, ""),
    GET("/messages", "/messages", SIGNED_IN, 0),
    POST("/messages/read", "/messages/read", SIGNED_IN, 0, "until=2026-11-24+10%3A00%3A00%2B00"),
    GET("/messages/about/{kind}/{id}", "/messages/about/lead/" A("21"), O | S | W | G | U | M, B_ | F),
    POST("/messages/about/{kind}/{id}/upload", "/messages/about/lead/" A("21") "/upload", O | S | G | U | M, B_ | F, "text=Hello"),
    GET("/messages/{id}", THREAD, O | S | W | G | U | M, B_ | F),
    POST("/messages/{id}/upload", THREAD "/upload", O | S | G | U | M, B_ | F, "text=Hello"),
    GET("/messages/{id}/{message_id}/edit", OWN "/edit", O, SIGNED_IN & ~(unsigned)(O | W)),
    POST("/messages/{id}/{message_id}/edit", OWN "/edit", O, SIGNED_IN & ~(unsigned)(O | W), "text=Hello"),
    POST("/messages/{id}/{message_id}/delete", OWN "/delete", O, SIGNED_IN & ~(unsigned)(O | W), ""),
    GET("/files/{id}", "/files/aaaaaaaa-0000-4000-8000-000000000551", O | S | W | G | U | M, B_ | F, FILE_),
    GET("/appointments", "/appointments", PARTNER | G | U | M, 0),
    GET("/appointments/past", "/appointments/past", PARTNER | G | U | M, 0),
    GET("/leads/{lead_id}/appointments/new", "/leads/" A("24") "/appointments/new", O | S | G | M, B_),
    POST("/leads/{lead_id}/appointments", "/leads/" A("24") "/appointments", O | S | G | M, B_, APPOINTMENT),
    GET("/appointments/{id}", "/appointments/" A("41"), O | S | W | G | U | M, B_),
    GET("/appointments/{id}/calendar", "/appointments/" A("41") "/calendar", O | S | W | G | U | M, B_, FILE_),
    GET("/appointments/{id}/edit", "/appointments/" A("41") "/edit", O | S | G | M, B_),
    POST("/appointments/{id}/edit", "/appointments/" A("41") "/edit", O | S | G | M, B_, APPOINTMENT),
    POST("/appointments/{id}/call-off", "/appointments/" A("41") "/call-off", O | S | G | M, B_, "reason=Ill"),
    GET("/reminders", "/reminders", O | S | B_ | G | M, 0),
    GET("/leads/{lead_id}/reminders/new", "/leads/" A("21") "/reminders/new", O | S | G | M, B_),
    POST("/leads/{lead_id}/reminders", "/leads/" A("21") "/reminders", O | S | G | M, B_, "when=tomorrow&note=Call+them"),
    GET("/reminders/{id}", "/reminders/" A("31"), O | S, B_ | G | M),
    POST("/reminders/{id}", "/reminders/" A("31"), O | S, B_ | G | M, "when=next_week&note=Call+them"),
    POST("/reminders/{id}/done", "/reminders/" A("31") "/done", O | S, B_ | G | M, "back=list"),
    POST("/reminders/{id}/reopen", "/reminders/" A("33") "/reopen", O | S, B_ | G | M, "back=lead"),
    POST("/reminders/{id}/snooze", "/reminders/" A("32") "/snooze", O | S, B_ | G | M, "when=hour&back=list"),
    POST("/reminders/{id}/delete", "/reminders/" A("31") "/delete", O | S, B_ | G | M, "back=list"),
    GET("/announcements", "/announcements", SIGNED_IN, 0),
    GET("/announcements/{id}", "/announcements/" C("56"), SIGNED_IN, 0),
    POST("/announcements/{id}/read", "/announcements/" C("56") "/read", SIGNED_IN, 0, "back=dashboard"),
    GET("/admin/announcements", "/admin/announcements", G | U | M, PARTNER),
    GET("/admin/announcements/new", "/admin/announcements/new", G | M, PARTNER),
    POST("/admin/announcements/new", "/admin/announcements/new", G | M, PARTNER, NEWS),
    GET("/admin/announcements/{id}", "/admin/announcements/" C("57"), G | U | M, PARTNER),
    GET("/admin/announcements/{id}/edit", "/admin/announcements/" C("57") "/edit", G | M, PARTNER),
    POST("/admin/announcements/{id}/edit", "/admin/announcements/" C("57") "/edit", G | M, PARTNER, NEWS),
    POST("/admin/announcements/{id}/publish", "/admin/announcements/" C("57") "/publish", G | M, PARTNER, "version=1"),
    POST("/admin/announcements/{id}/withdraw", "/admin/announcements/" C("56") "/withdraw", G | M, PARTNER, ""),
    POST("/admin/announcements/{id}/delete", "/admin/announcements/" C("57") "/delete", G | M, PARTNER, ""),
    GET("/links", "/links", PARTNER | G | U | M, 0),
    GET("/links/new", "/links/new", O | S | B_ | G | M, 0),
    POST("/links", "/links", O | S | B_ | G | M, 0, "name=Poster&target=form&form_type=broker&partner_id=" A("01")),
    GET("/links/clicks", "/links/clicks", PARTNER | G | U | M, 0),
    GET("/links/{id}", "/links/" A("71"), O | S | W | G | U | M, B_),
    GET("/links/{id}/edit", "/links/" A("71") "/edit", O | S | G | M, B_),
    POST("/links/{id}/edit", "/links/" A("71") "/edit", O | S | G | M, B_, "name=Poster&target=programme&version=1"),
    POST("/links/{id}/archive", "/links/" A("71") "/archive", O | S | G | M, B_, "archive=true"),
    GET("/links/{id}/qr.svg", "/links/" A("71") "/qr.svg", O | S | W | G | U | M, B_, FILE_),
    GET("/links/{id}/qr.png", "/links/" A("71") "/qr.png", O | S | W | G | U | M, B_, FILE_),
    GET("/r/{code}", "/r/alder-spring", ALL, 0, .ok = 302, FILE_),
    GET("/refer/{type}", "/refer/broker", ALL, 0),
    POST("/refer/{type}", "/refer/broker", ALL, 0, REFERRAL),
    GET("/refer/{type}/thanks", "/refer/broker/thanks", ALL, 0),

    GET("/training", "/training", SIGNED_IN, 0),
    GET("/training/{id}", "/training/" C("51"), SIGNED_IN, 0),
    GET("/training/modules/{id}", "/training/modules/" C("64"), SIGNED_IN, 0),
    GET("/training/modules/{id}/video", "/training/modules/" C("65") "/video", SIGNED_IN, 0, FILE_),
    GET("/training/modules/{id}/captions", "/training/modules/" C("65") "/captions", SIGNED_IN, 0, FILE_),
    POST("/training/modules/{id}/complete", "/training/modules/" C("61") "/complete", SIGNED_IN, 0, ""),
    POST("/training/modules/{id}/quiz", "/training/modules/" C("64") "/quiz", SIGNED_IN, 0, "q-" C("71") "=2&q-" C("72") "=1"),
    GET("/assets", "/assets", SIGNED_IN, 0),
    GET("/assets/{id}", "/assets/" C("81"), SIGNED_IN, 0),
    GET("/assets/{id}/thumbnail", "/assets/" C("81") "/thumbnail", SIGNED_IN, 0, FILE_),
    POST("/assets/{id}/download", "/assets/" C("81") "/download", SIGNED_IN, 0, "", .ok = 200, FILE_),
    GET("/commissions", "/commissions", PARTNER | F | U | M, 0),
    GET("/commissions/{id}", "/commissions/" ENTRY, O | S | W | F | U | M, B_),

    GET("/profile", "/profile", PARTNER, STAFF_),
    POST("/profile", "/profile", O | B_, STAFF_, "capacity=12&version=1&contact_name=Somebody"),
    GET("/team", "/team", PARTNER, STAFF_),
    GET("/team/new", "/team/new", O | B_, STAFF_),
    POST("/team/new", "/team/new", O | B_, STAFF_, "email=new%40alder.example&name=New&role=sales"),
    GET("/team/{user_id}", TEAM, O, STAFF_ | B_),
    POST("/team/{user_id}", TEAM, O, STAFF_ | B_, "name=New+Name&role=viewer"),
    POST("/team/{user_id}/status", TEAM "/status", O, STAFF_ | B_, "status=disabled"),
    POST("/team/{user_id}/invite", "/team/" A("17") "/invite", O, STAFF_ | B_, ""),
    POST("/team/{user_id}/delete", "/team/" A("17") "/delete", O, STAFF_ | B_, ""),

    GET("/admin/partners", "/admin/partners", STAFF_, PARTNER),
    GET("/admin/partners/new", "/admin/partners/new", M, PARTNER),
    POST("/admin/partners/new", "/admin/partners/new", M, PARTNER, PARTNER_FORM),
    GET("/admin/partners/{id}", "/admin/partners/" A("01"), STAFF_, PARTNER),
    GET("/admin/partners/{id}/edit", "/admin/partners/" A("01") "/edit", M, PARTNER),
    POST("/admin/partners/{id}/edit", "/admin/partners/" A("01") "/edit", M, PARTNER, PARTNER_FORM),
    POST("/admin/partners/{id}/status", "/admin/partners/" A("01") "/status", M, PARTNER, "status=suspended"),
    POST("/admin/partners/{id}/delete", "/admin/partners/" EMPTY_DESK "/delete", M, PARTNER, ""),
    GET("/admin/partners/{id}/people/new", PEOPLE "/new", M, PARTNER),
    POST("/admin/partners/{id}/people/new", PEOPLE "/new", M, PARTNER, "email=new%40alder.example&name=New&role=sales"),
    GET("/admin/partners/{id}/people/{user_id}", PEOPLE "/" A("13"), M, PARTNER),
    POST("/admin/partners/{id}/people/{user_id}", PEOPLE "/" A("13"), M, PARTNER, "name=New+Name&role=viewer"),
    POST("/admin/partners/{id}/people/{user_id}/status", PEOPLE "/" A("13") "/status", M, PARTNER, "status=disabled"),
    POST("/admin/partners/{id}/people/{user_id}/invite", PEOPLE "/" A("17") "/invite", M, PARTNER, ""),
    POST("/admin/partners/{id}/people/{user_id}/delete", PEOPLE "/" A("17") "/delete", M, PARTNER, ""),
    GET("/admin/staff", "/admin/staff", U | M, PARTNER),
    GET("/admin/staff/new", "/admin/staff/new", M, PARTNER),
    POST("/admin/staff/new", "/admin/staff/new", M, PARTNER, "email=new%40staff.example&name=New&role=agent"),
    GET("/admin/staff/{user_id}", "/admin/staff/" C("11"), M, PARTNER),
    POST("/admin/staff/{user_id}", "/admin/staff/" C("11"), M, PARTNER, "name=New+Name&role=finance"),
    POST("/admin/staff/{user_id}/status", "/admin/staff/" C("11") "/status", M, PARTNER, "status=disabled"),
    POST("/admin/staff/{user_id}/invite", "/admin/staff/" C("17") "/invite", M, PARTNER, ""),
    POST("/admin/staff/{user_id}/delete", "/admin/staff/" C("17") "/delete", M, PARTNER, ""),
    GET("/admin/settings", "/admin/settings", U | M, PARTNER),
    POST("/admin/settings", "/admin/settings", M, PARTNER, "name=Tessera&currency=AED&timezone=UTC&protection_days=60&attribution=last&version=1"),
    GET("/admin/audit", "/admin/audit", U | M, PARTNER),

    /* duplicates, registrations, the blind check */
    GET("/admin/duplicates", "/admin/duplicates", G | U | M, PARTNER),
    GET("/admin/duplicates/{id}", PAIR, G | U | M, PARTNER),
    POST("/admin/duplicates/{id}/merge", PAIR "/merge", G | M, PARTNER, "keep=first&client_name=second&first_version=1&second_version=1"),
    POST("/admin/duplicates/{id}/apart", PAIR "/apart", G | M, PARTNER, ""),
    POST("/admin/duplicates/{id}/reopen", APART "/reopen", G | M, PARTNER, ""),
    GET("/admin/merges", "/admin/merges", G | U | M, PARTNER),
    GET("/admin/merges/{id}", MERGE, G | U | M, PARTNER),
    POST("/admin/merges/{id}/undo", MERGE "/undo", G | M, PARTNER, ""),
    GET("/admin/extensions", "/admin/extensions", G | U | M, PARTNER),
    GET("/admin/extensions/{id}", EXTENSION, G | U | M, PARTNER),
    POST("/admin/extensions/{id}/decide", EXTENSION "/decide", G | M, PARTNER, "decision=granted&days=30&answer=Fine"),
    GET("/admin/overlap", "/admin/overlap", G | U | M, PARTNER),
    GET("/leads/{id}/extension", "/leads/" A("22") "/extension", O | S, B_ | STAFF_),
    POST("/leads/{id}/extension", "/leads/" A("22") "/extension", O | S, B_ | STAFF_, "days=30&reason=Wait"),
    GET("/shares", "/shares", PARTNER, STAFF_),
    GET("/overlap", "/overlap", O | S | B_, STAFF_),
    POST("/overlap", "/overlap", O | S | B_, STAFF_, HASHES),
    GET("/overlap/{id}", CHECK, O | S, B_ | STAFF_),

    GET("/admin/sequences", "/admin/sequences", G | U | M, PARTNER),
    GET("/admin/sequences/new", "/admin/sequences/new", G | M, PARTNER),
    POST("/admin/sequences/new", "/admin/sequences/new", G | M, PARTNER, "name=Another&stop_stage=active"),
    GET("/admin/sequences/{id}", SEQUENCE, G | U | M, PARTNER),
    GET("/admin/sequences/{id}/edit", SEQUENCE "/edit", G | M, PARTNER),
    POST("/admin/sequences/{id}/edit", SEQUENCE "/edit", G | M, PARTNER, "name=Renamed&stop_stage=active&version=1"),
    POST("/admin/sequences/{id}/switch", SEQUENCE "/switch", G | M, PARTNER, "enabled=true"),
    POST("/admin/sequences/{id}/delete", "/admin/sequences/" C("97") "/delete", G | M, PARTNER, ""),
    GET("/admin/sequences/{id}/steps/new", SEQUENCE "/steps/new", G | M, PARTNER),
    POST("/admin/sequences/{id}/steps/new", SEQUENCE "/steps/new", G | M, PARTNER, "wait_hours=1&subject=Hello&body=A+text"),
    GET("/admin/sequences/{id}/steps/{step_id}", SEQUENCE "/steps/" C("98"), G | M, PARTNER),
    POST("/admin/sequences/{id}/steps/{step_id}", SEQUENCE "/steps/" C("98"), G | M, PARTNER, "wait_hours=1&subject=Hello&body=A+text"),
    POST("/admin/sequences/{id}/steps/{step_id}/move", SEQUENCE "/steps/" C("98") "/move", G | M, PARTNER, "down=true"),
    POST("/admin/sequences/{id}/steps/{step_id}/try", SEQUENCE "/steps/" C("98") "/try", G | M, PARTNER, ""),
    POST("/admin/sequences/{id}/steps/{step_id}/delete", SEQUENCE "/steps/" C("98") "/delete", G | M, PARTNER, ""),
    POST("/leads/{id}/nurture/end", "/leads/" A("21") "/nurture/end", G | M, PARTNER, ""),

    GET("/admin/jobs", "/admin/jobs", U | M, PARTNER),
    POST("/admin/jobs/retry", "/admin/jobs/retry", M, PARTNER, ""),
    POST("/admin/jobs/{id}/retry", "/admin/jobs/" C("95") "/retry", M, PARTNER, ""),
    POST("/admin/jobs/{id}/cancel", "/admin/jobs/" C("95") "/cancel", M, PARTNER, ""),
    /* what leaves the portal; no provider is set up here: see test_sending */
    GET("/unsubscribe/{token}", UNSUBSCRIBE, ALL, 0),
    POST("/unsubscribe/{token}", UNSUBSCRIBE, ALL, 0, "scope=kind", .machine = true),
    POST("/webhooks/mail", "/webhooks/mail", ALL, 0, "", .ok = 404, .machine = true, FILE_),
    GET("/admin/suppressions", "/admin/suppressions", U | M, PARTNER),
    POST("/admin/suppressions/{id}/lift", "/admin/suppressions/" C("95") "/lift", M, PARTNER, ""),
    GET("/dev/mail", "/dev/mail", M, PARTNER),
    GET("/dev/mail/{id}", "/dev/mail/" C("96"), M, PARTNER),
    GET("/dev/mail/{id}/html", "/dev/mail/" C("96") "/html", M, PARTNER, FILE_),

    GET("/healthz", "/healthz", ALL, 0, FILE_),
    GET("/readyz", "/readyz", ALL, 0, FILE_),
    GET("/_error/{status}", "/_error/413", ALL, 0, .ok = 413, FILE_),
    GET("/metrics", "/metrics", ALL, 0, FILE_),
    {.pattern = NULL},
};
/* clang-format on */

const char *expected_method(const struct expected *row) {
    return row->method == METHOD_POST ? "POST" : "GET";
}

static int success(const struct expected *row, enum site_who who) {
    if (who != VISITOR && row->ok_signed_in)
        return row->ok_signed_in;
    return row->ok ? row->ok : row->method == METHOD_POST ? 303 : 200;
}

static int refusal(const struct expected *row, enum site_who who) {
    if (who == VISITOR)
        return 401;
    return row->absent & BIT(who) ? 404 : 403;
}

int expected_status(const struct expected *row, enum site_who who) {
    if (row->may & BIT(who))
        return success(row, who);
    return who == VISITOR && row->method == METHOD_GET ? 303 : refusal(row, who);
}

int expected_json_status(const struct expected *row, enum site_who who) {
    if (!(row->may & BIT(who)))
        return refusal(row, who);
    int status = row->ok_json ? row->ok_json : success(row, who);
    return row->method == METHOD_POST && status == 303 && !row->browser ? 200 : status;
}
