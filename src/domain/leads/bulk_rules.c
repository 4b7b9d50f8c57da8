#include "domain/leads/bulk_rules.h"

#include "core/i18n.h"
#include "core/text.h"

const char *bulk_move_refusal(const struct lead_moves *moves, enum lead_stage from, bool worth, enum lead_stage to,
                              enum lead_actor actor, bool *reason) {
    static const struct lead_reason given = {.text = "given"};
    unsigned needs = 0;
    if (lead_move_allowed(moves, from, to, actor, &needs) && (needs & LEAD_NEEDS_REASON))
        *reason = true;
    switch (lead_move_judge(moves, from, to, actor, &given, worth ? "1" : "0")) {
    case LEAD_MOVE_SAME:
        return "same";
    case LEAD_MOVE_STAFF_ONLY:
        return "staff_only";
    case LEAD_MOVE_NO_VALUE:
        return "no_value";
    case LEAD_MOVE_OK:
        return NULL;
    case LEAD_MOVE_NEVER:
    case LEAD_MOVE_WRONG_REASON:
    case LEAD_MOVE_NO_REASON: /* one was given */
        break;
    }
    return "never";
}

const char *bulk_edit_refusal(enum lead_stage from, enum lead_actor actor) {
    return lead_editable(from, actor) ? NULL : "closed";
}

const char *bulk_refusal_sentence(const char *code) {
    static const struct {
        const char *code, *sentence;
    } sentences[] = {
        {"same", N_("This is so already.")},
        {"never", N_("No way leads there from where they stand.")},
        {"staff_only", N_("Only the programme's staff can do this with them.")},
        {"no_value", N_("A lead is won with a value above zero: enter it first.")},
        {"closed", N_("They are closed. Ask the programme's staff if something in them is wrong.")},
        {"changed", N_("Somebody changed them after they were selected.")},
        {"forbidden", N_("The right to change them was lost meanwhile.")},
    };
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
        if (text_equal(code, sentences[i].code))
            return sentences[i].sentence;
    return code;
}
