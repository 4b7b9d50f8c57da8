#include "domain/duplicates/phone.h"

#include <cstring>
#include <phonenumbers/phonenumberutil.h>
#include <string>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

static bool to_e164(const char *typed, const char *region, std::string *written) {
    const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
    PhoneNumber number;
    if (util->Parse(typed, region ? region : "ZZ", &number) != PhoneNumberUtil::NO_PARSING_ERROR || !util->IsPossibleNumber(number))
        return false;
    number.clear_extension(); /* E.164 has none */
    util->Format(number, PhoneNumberUtil::E164, written);
    return written->size() < PHONE_E164_SIZE && written->size() > 4 && (*written)[0] == '+';
}

/* A number of a wrong length may still begin with a trunk prefix that the next reading takes away: it is read until it stays. */
static bool to_stable_e164(const char *typed, const char *region, std::string *written) {
    std::string last = typed;
    for (int i = 0; i < 4; i++) {
        if (!to_e164(last.c_str(), region, written))
            return false;
        if (*written == last)
            return true;
        last = *written;
    }
    return false;
}

extern "C" bool phone_to_e164(const char *typed, const char *region, char out[PHONE_E164_SIZE]) {
    out[0] = '\0';
    if (!typed || std::strlen(typed) > 200)
        return false;
    try {
        std::string written;
        if (!to_stable_e164(typed, region, &written))
            return false;
        std::memcpy(out, written.c_str(), written.size() + 1);
        return true;
    } catch (...) {
        return false; /* out of memory: the lead is kept without the key */
    }
}

extern "C" int phone_zero_code(const char *region) {
    try {
        const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
        std::string prefix;
        util->GetNddPrefixForRegion(region ? region : "ZZ", true, &prefix);
        return prefix == "0" ? util->GetCountryCodeForRegion(region) : 0;
    } catch (...) {
        return 0;
    }
}
