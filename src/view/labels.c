#include "view/labels.h"
#include "view/messages.h"
#include "view/value.h"
#include <string.h>

static const struct label {
    const char *code;
    const char *label;
    const char *tone;
} labels[] = {
    /* what leaves the portal: channels, and why an address gets nothing */
    {"sms", N_("SMS"), "secondary"},
    {"push", N_("Push"), "secondary"},
    {"slack", N_("Slack"), "secondary"},
    {"bounce", N_("Came back"), "destructive"},
    {"complaint", N_("Complaint"), "warning"},
    {"unsubscribe", N_("Unsubscribed"), "outline"},
    /* duplicates: requests and claims, and what went along with a merged lead */
    {"granted", N_("Granted"), "success"},
    {"refused", N_("Refused"), "outline"},
    {"apart", N_("Two clients"), "outline"},
    {"lead_history", N_("History"), NULL},
    {"lead_shares", N_("Shares"), NULL},
    {"ledger_entries", N_("Commissions"), NULL},
    {"events", N_("Events"), NULL},
    {"notifications", N_("Notifications"), NULL},
    {"threads", N_("Conversations"), NULL},
    {"reminders", N_("Reminders"), NULL},
    {"appointments", N_("Appointments"), NULL},
    {"enrolments", N_("Mail sequences"), NULL},
    {"duplicate_pairs", N_("Other pairs"), NULL},
    {"lead_attribution", N_("Attribution"), NULL},
    {"activities", N_("Activities"), NULL},
    {"files", N_("Files"), NULL},
    {"duplicate.found", N_("Two leads look like one client"), NULL},
    {"extension.asked", N_("A partner asks for longer protection"), NULL},
    {"extension.decided", N_("Your request for longer protection was decided"), NULL},
    {"claim.decided", N_("A client whom we knew already was decided"), NULL},
    /* lead stages */
    {"new", N_("New"), "info"},
    {"intake", N_("Intake"), "info"},
    {"qualified", N_("Qualified"), "warning"},
    {"active", N_("Active"), "success"},
    {"won", N_("Won"), "success"},
    {"lost", N_("Lost"), "destructive"},
    {"dormant", N_("Dormant"), "outline"},
    {"declined", N_("Declined"), "destructive"},
    /* why a lead was left out of an action on many; "closed" is a share's status as well */
    {"same", N_("So already"), "outline"},
    {"never", N_("No way there"), "warning"},
    {"staff_only", N_("For staff only"), "warning"},
    {"no_value", N_("Has no value"), "warning"},
    {"changed", N_("Changed meanwhile"), "warning"},
    {"forbidden", N_("Not allowed any more"), "destructive"},
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
    /* why a sequence ended */
    {"finished", N_("Finished"), "success"},
    {"stage", N_("The lead moved on"), "info"},
    {"unsubscribed", N_("Unsubscribed"), "warning"},
    {"no_consent", N_("No consent"), "warning"},
    {"stopped", N_("Ended by staff"), "outline"},
    {"partner_left", N_("The partner left"), "outline"},
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
    /* why a lead has its score: levels of src/domain/scoring/score_rules.c */
    {"score.reach.both", N_("Email and phone are known"), "secondary"},
    {"score.reach.phone", N_("A phone number is known"), "secondary"},
    {"score.reach.email", N_("An email address is known"), "secondary"},
    {"score.budget.range", N_("Budget from and up to"), "secondary"},
    {"score.budget.one", N_("One end of the budget"), "secondary"},
    {"score.budget.none", N_("No budget"), "secondary"},
    {"score.financing.cash", N_("Pays in cash"), "secondary"},
    {"score.financing.mortgage", N_("Takes a mortgage"), "secondary"},
    {"score.financing.undecided", N_("Financing undecided"), "secondary"},
    {"score.financing.none", N_("Financing not known"), "secondary"},
    {"score.move_in.soon", N_("Moves in within three months"), "secondary"},
    {"score.move_in.half_year", N_("Moves in within half a year"), "secondary"},
    {"score.move_in.year", N_("Moves in within a year"), "secondary"},
    {"score.move_in.later", N_("Moves in later than in a year"), "secondary"},
    {"score.move_in.none", N_("No day to move in"), "secondary"},
    {"score.wishes.all", N_("Kind, place and size are known"), "secondary"},
    {"score.wishes.two", N_("Two of kind, place and size"), "secondary"},
    {"score.wishes.one", N_("One of kind, place and size"), "secondary"},
    {"score.wishes.none", N_("Kind, place and size not known"), "secondary"},
    {"score.words.long", N_("A full description"), "secondary"},
    {"score.words.short", N_("A short description"), "secondary"},
    {"score.words.none", N_("No description"), "secondary"},
    {"score.source.referral", N_("Came by referral"), "secondary"},
    {"score.source.walk_in", N_("Walked in"), "secondary"},
    {"score.source.event", N_("Came from an event"), "secondary"},
    {"score.source.phone", N_("Called"), "secondary"},
    {"score.source.email", N_("Wrote a mail"), "secondary"},
    {"score.source.website", N_("Came from a website"), "secondary"},
    {"score.source.social", N_("Came from social media"), "secondary"},
    {"score.source.api", N_("Came by API"), "secondary"},
    {"score.source.import", N_("Came from a file"), "secondary"},
    {"score.source.other", N_("Came another way"), "secondary"},
    {"score.partner.strong", N_("Partner wins 45 % or more"), "secondary"},
    {"score.partner.fair", N_("Partner wins 25 % or more"), "secondary"},
    {"score.partner.weak", N_("Partner wins less than 25 %"), "secondary"},
    {"score.partner.new", N_("Partner with few closed leads"), "secondary"},
    /* imports and their rows */
    {"checking", N_("Checking"), "info"},
    {"checked", N_("To be decided"), "warning"},
    {"committing", N_("Importing"), "info"},
    {"imported", N_("Imported"), "success"},
    {"cancelled", N_("Cancelled"), "outline"},
    {"good", N_("Good"), "success"},
    {"problem", N_("Problem"), "destructive"},
    {"duplicate", N_("Duplicate"), "warning"},
    /* notifications: categories, and each event_types.code as its label there */
    {"leads", N_("Leads"), "secondary"},
    {"messages", N_("Messages"), "secondary"},
    {"work", N_("Reminders and appointments"), "secondary"},
    {"money", N_("Commissions and payouts"), "secondary"},
    {"training", N_("Training"), "secondary"},
    {"programme", N_("Programme"), "secondary"},
    {"account", N_("Account"), "secondary"},
    {"operations", N_("Operations"), "secondary"},
    {"lead.created", N_("A new lead came in"), "secondary"},
    {"lead.imported", N_("Leads came in from a file"), "secondary"},
    {"lead.referred", N_("A client came by one of your links"), "secondary"},
    {"lead.stage", N_("A lead moved to another stage"), "secondary"},
    {"lead.bulk", N_("Many leads were moved together"), "secondary"},
    {"lead.won", N_("A lead was won"), "secondary"},
    {"lead.declined", N_("A client opted out"), "secondary"},
    {"share.new", N_("A lead is shared with you"), "secondary"},
    {"share.status", N_("A partner answered a shared lead"), "secondary"},
    {"message.new", N_("A new message"), "secondary"},
    {"reminder.due", N_("A reminder of yours is due"), "secondary"},
    {"import.finished", N_("An import of yours is finished"), "secondary"},
    {"appointment.new", N_("A new appointment"), "secondary"},
    {"appointment.changed", N_("An appointment was moved or called off"), "secondary"},
    {"appointment.soon", N_("An appointment is close"), "secondary"},
    {"commission.new", N_("A commission was recorded"), "secondary"},
    {"commission.state", N_("A commission was approved or corrected"), "secondary"},
    {"payout.sent", N_("A payout is on its way"), "secondary"},
    {"certificate.earned", N_("A certificate was earned"), "secondary"},
    {"certificate.expiring", N_("A certificate runs out soon"), "secondary"},
    {"announcement.new", N_("News from the programme"), "secondary"},
    {"partner.status", N_("The status or tier of the partnership changed"), "secondary"},
    {"account.password", N_("Your password was changed"), "secondary"},
    {"account.role", N_("Your role was changed"), "secondary"},
    {"job.dead", N_("A job was put aside after its last try"), "secondary"},
    /* calendar: kinds and status of appointments, quick choices, groups of reminders */
    {"viewing", N_("Viewing"), "secondary"},
    {"call", N_("Call"), "secondary"},
    {"meeting", N_("Meeting"), "secondary"},
    {"planned", N_("Planned"), "info"},
    {"called_off", N_("Called off"), "destructive"},
    {"hour", N_("In an hour"), "secondary"},
    {"tomorrow", N_("Tomorrow"), "secondary"},
    {"three_days", N_("In 3 days"), "secondary"},
    {"next_week", N_("Next week"), "secondary"},
    {"exact", N_("At another time"), "secondary"},
    {"overdue", N_("Overdue"), "destructive"},
    {"today", N_("Today"), "info"},
    {"later", N_("Later"), "secondary"},
    {"given", N_("With colleagues"), "outline"},
    /* what was done about a lead: kinds, directions, outcomes */
    {"note", N_("Note"), "secondary"},
    {"mail", N_("Mail"), "secondary"},
    {"out", N_("Outgoing"), "secondary"},
    {"in", N_("Incoming"), "secondary"},
    {"reached", N_("Reached"), "success"},
    {"left_message", N_("Left a message"), "info"},
    {"no_answer", N_("No answer"), "warning"},
    {"wrong_number", N_("Wrong number"), "destructive"},
    {"answered", N_("Answered"), "success"},
    {"bounced", N_("Came back"), "destructive"},
    {"took_place", N_("Took place"), "success"},
    {"no_show", N_("Did not come"), "warning"},
    {"postponed", N_("Postponed"), "info"},
    {"interested", N_("Interested"), "success"},
    {"not_interested", N_("Not interested"), "outline"},
    {"activity.shared", N_("Staff wrote something down about a lead of yours"), "secondary"},
    {"activity.partner", N_("A partner wrote something down about a lead you work on"), "secondary"},
    /* announcements */
    {"draft", N_("Draft"), "outline"},
    {"scheduled", N_("Scheduled"), "info"},
    {"published", N_("Published"), "success"},
    {"withdrawn", N_("Withdrawn"), "destructive"},
    /* how far a loan is; "applied" and "approved" stand above */
    {"in_principle", N_("Agreed in principle"), "info"},
    /* where referral links lead, who follows them */
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

/* The table reads by subject; look-ups want it by code: open addressing, at most half full. */
enum { SLOTS = 1024 };
_Static_assert(LABELS * 2 <= SLOTS, "more slots are wanted");

static const struct label *find(const char *code) {
    static const struct label *slots[SLOTS];
    static bool filled;
    if (!filled) {
        for (size_t i = 0; i < LABELS; i++) {
            size_t slot = value_hash(labels[i].code) % SLOTS;
            while (slots[slot] != NULL)
                slot = (slot + 1) % SLOTS;
            slots[slot] = &labels[i];
        }
        filled = true;
    }
    size_t slot = value_hash(code) % SLOTS;
    while (slots[slot] != NULL && strcmp(slots[slot]->code, code) != 0)
        slot = (slot + 1) % SLOTS;
    return slots[slot];
}

const char *label_of(const char *code) {
    const struct label *label = find(code);
    return label != NULL ? label->label : NULL;
}

const char *tone_of(const char *code) {
    const struct label *label = find(code);
    return label != NULL ? label->tone : "secondary";
}
