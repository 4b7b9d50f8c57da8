#include "view/labels.h"
#include "view/messages.h"
#include <stddef.h>

static const struct label {
    const char *code;
    const char *label;
    const char *tone;
} labels[] = {
    /* lead stages */
    {"new", N_("New"), "info"},
    {"intake", N_("Intake"), "info"},
    {"qualified", N_("Qualified"), "warning"},
    {"active", N_("Active"), "success"},
    {"won", N_("Won"), "success"},
    {"lost", N_("Lost"), "destructive"},
    {"dormant", N_("Dormant"), "outline"},
    {"declined", N_("Declined"), "destructive"},
    /* roles */
    {"owner", N_("Owner"), "info"},
    {"sales", N_("Sales"), "secondary"},
    {"viewer", N_("Viewer"), "outline"},
    {"agent", N_("Agent"), "secondary"},
    {"finance", N_("Finance"), "secondary"},
    {"support", N_("Support"), "secondary"},
    {"admin", N_("Administrator"), "info"},
    /* partner and user status */
    {"applied", N_("Applied"), "info"},
    {"suspended", N_("Suspended"), "warning"},
    {"inactive", N_("Inactive"), "outline"},
    {"invited", N_("Invited"), "info"},
    {"disabled", N_("Disabled"), "outline"},
    /* tiers */
    {"bronze", N_("Bronze"), "outline"},
    {"silver", N_("Silver"), "secondary"},
    {"gold", N_("Gold"), "warning"},
    /* partner types */
    {"channel", N_("Channel Partner"), "secondary"},
    {"developer", N_("Developer"), "secondary"},
    {"broker", N_("Broker"), "secondary"},
    {"rera_agent", N_("RERA Agent"), "secondary"},
    {"service_provider", N_("Service Provider"), "secondary"},
    {"agency", N_("Agency"), "secondary"},
    {"banker", N_("Banker"), "secondary"},
    {"law", N_("Law Firm"), "secondary"},
    /* regions */
    {"AE", N_("United Arab Emirates"), "outline"},
    {"IN", N_("India"), "outline"},
    {"SG", N_("Singapore"), "outline"},
    /* ledger kinds */
    {"earned", N_("Earned"), "success"},
    {"override", N_("Override"), "info"},
    {"split", N_("Split"), "secondary"},
    {"clawback", N_("Clawback"), "destructive"},
    {"adjustment", N_("Adjustment"), "warning"},
    {"fee", N_("Fee"), "outline"},
    /* ledger entry states; "paid" is a kind as well */
    {"pending", N_("Pending"), "warning"},
    {"approved", N_("Approved"), "info"},
    {"payable", N_("Payable"), "info"},
    {"paid", N_("Paid"), "success"},
    {"disputed", N_("Disputed"), "destructive"},
    {"reversed", N_("Reversed"), "outline"},
    /* jobs */
    {"ready", N_("Waiting"), "info"},
    {"running", N_("Running"), "success"},
    {"dead", N_("Put aside"), "destructive"},
    /* lead sources */
    {"website", N_("Website"), "secondary"},
    {"email", N_("Email"), "secondary"},
    {"phone", N_("Phone"), "secondary"},
    {"event", N_("Event"), "secondary"},
    {"referral", N_("Referral"), "secondary"},
    {"social", N_("Social media"), "secondary"},
    {"walk_in", N_("Walk-in"), "secondary"},
    {"import", N_("Import"), "secondary"},
    {"api", N_("API"), "secondary"},
    {"other", N_("Other"), "outline"},
    /* share status */
    {"sent", N_("Sent"), "info"},
    {"accepted", N_("Accepted"), "success"},
    {"in_progress", N_("In progress"), "info"},
    {"closed", N_("Closed"), "success"},
    {"rejected", N_("Rejected"), "destructive"},
    {"revoked", N_("Revoked"), "destructive"},
    {"expired", N_("Expired"), "outline"},
    /* asset types */
    {"logo", N_("Logo"), "secondary"},
    {"banner", N_("Banner"), "secondary"},
    {"flyer", N_("Flyer"), "secondary"},
    {"proposal", N_("Proposal"), "secondary"},
    {"one_pager", N_("One-pager"), "secondary"},
    {"case_study", N_("Case study"), "secondary"},
    {"objection_guide", N_("Objection guide"), "secondary"},
    {"price_list", N_("Price list"), "secondary"},
    /* training: kinds of module, progress */
    {"video", N_("Video"), "secondary"},
    {"document", N_("Document"), "secondary"},
    {"quiz", N_("Quiz"), "secondary"},
    {"not_started", N_("Not started"), "outline"},
    {"completed", N_("Completed"), "success"},
    {"passed", N_("Passed"), "success"},
    {"failed", N_("Failed"), "destructive"},
    /* financing */
    {"cash", N_("Cash"), "secondary"},
    {"mortgage", N_("Mortgage"), "secondary"},
    {"undecided", N_("Undecided"), "outline"},
    /* property types */
    {"apartment", N_("Apartment"), "secondary"},
    {"villa", N_("Villa"), "secondary"},
    {"townhouse", N_("Townhouse"), "secondary"},
    {"plot", N_("Plot"), "secondary"},
    {"office", N_("Office"), "secondary"},
    {"retail", N_("Retail"), "secondary"},
    {"warehouse", N_("Warehouse"), "secondary"},
    /* how far a loan is; "applied" and "approved" stand above */
    {"in_principle", N_("Agreed in principle"), "info"},
    /* where referral links lead, who follows them */
    {"programme", N_("Programme page"), "secondary"},
    {"form", N_("Referral form"), "secondary"},
    {"landing", N_("Landing page"), "secondary"},
    {"person", N_("Person"), "success"},
    {"robot", N_("Machine"), "outline"},
    {"prefetch", N_("Fetched ahead"), "outline"},
    {"check", N_("Checked only"), "outline"},
    /* booleans */
    {"true", N_("Yes"), "success"},
    {"false", N_("No"), "outline"},
};

enum { LABELS = sizeof labels / sizeof labels[0] };

static int by_code(const void *a, const void *b) {
    const struct label *const *left = a;
    const struct label *const *right = b;
    return strcmp((*left)->code, (*right)->code);
}

static const struct label *find(const char *code) {
    /* The table reads by subject; look-ups want it by code. */
    static const struct label *sorted[LABELS];
    if (sorted[0] == NULL) {
        for (size_t i = 0; i < LABELS; i++)
            sorted[i] = &labels[i];
        qsort(sorted, LABELS, sizeof sorted[0], by_code);
    }
    const struct label wanted = {.code = code};
    const struct label *key = &wanted;
    const struct label **found = bsearch(&key, sorted, LABELS, sizeof sorted[0], by_code);
    return found != NULL ? *found : NULL;
}

const char *label_of(const char *code) {
    const struct label *label = find(code);
    return label != NULL ? label->label : NULL;
}

const char *tone_of(const char *code) {
    const struct label *label = find(code);
    return label != NULL ? label->tone : "secondary";
}
