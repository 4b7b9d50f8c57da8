#include "domain/demo/demo_words.h"
#include <stdio.h>

#define WORDS(...)                                                                                 \
    {                                                                                              \
        .list = (const char *const[]){__VA_ARGS__},                                                \
        .count = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)                       \
    }

struct people {
    struct demo_words first;
    struct demo_words last;
};

enum { ARAB, NORTH_INDIAN, SOUTH_INDIAN, CHINESE, MALAY, WESTERN, FILIPINO, SLAVIC, PEOPLES };

/* clang-format off */
static const struct people peoples[PEOPLES] = {
    [ARAB] = {
        WORDS("Ahmed", "Aisha", "Ali", "Amal", "Bilal", "Dalia", "Dina", "Faisal", "Farah", "Fatima", "Hala", "Hamad",
              "Hana", "Hassan", "Ibrahim", "Jamal", "Karim", "Khalid", "Layla", "Leen", "Maha", "Majid", "Mariam",
              "Mona", "Nabil", "Nadia", "Noura", "Omar", "Rami", "Rana", "Rashid", "Reem", "Saeed", "Salma", "Samir",
              "Sara", "Sultan", "Tariq", "Yara", "Yousef", "Zain", "Zeina"),
        WORDS("Abboud", "Al Amiri", "Al Balushi", "Al Hosani", "Al Kaabi", "Al Mazrouei", "Al Nuaimi", "Al Suwaidi",
              "Aziz", "Darwish", "El Masri", "Fakhoury", "Farouk", "Ghanem", "Habib", "Haddad", "Hakimi", "Hamdan",
              "Issa", "Jaber", "Khalil", "Khoury", "Mansour", "Mourad", "Najjar", "Nasser", "Qasim", "Rahman", "Saab",
              "Salem", "Sayegh", "Shaheen", "Tahan", "Toubia", "Younes", "Zaki")},
    [NORTH_INDIAN] = {
        WORDS("Aarav", "Aditi", "Akash", "Amit", "Anika", "Anjali", "Arjun", "Avni", "Deepak", "Dev", "Ishaan", "Isha",
              "Kabir", "Kavya", "Kunal", "Manish", "Meera", "Mohit", "Neha", "Nikhil", "Nisha", "Pooja", "Pranav",
              "Rahul", "Rajesh", "Riya", "Rohan", "Sanjay", "Shreya", "Simran", "Sneha", "Tanvi", "Varun", "Vikram"),
        WORDS("Agarwal", "Ahluwalia", "Arora", "Bajaj", "Banerjee", "Bhatia", "Chatterjee", "Chopra", "Das", "Desai",
              "Dutta", "Gandhi", "Ghosh", "Gupta", "Jain", "Joshi", "Kapadia", "Kapoor", "Khanna", "Kulkarni",
              "Malhotra", "Mehra", "Mehta", "Mishra", "Mukherjee", "Parekh", "Patel", "Saxena", "Shah", "Sharma",
              "Singh", "Sinha", "Trivedi", "Verma")},
    [SOUTH_INDIAN] = {
        WORDS("Aishwarya", "Anand", "Arun", "Ashwin", "Bhavana", "Chitra", "Deepa", "Divya", "Ganesh", "Gautham",
              "Harini", "Karthik", "Lakshmi", "Lavanya", "Madhavan", "Meenakshi", "Naveen", "Padma", "Praveen", "Priya",
              "Ramesh", "Revathi", "Sandhya", "Shankar", "Sowmya", "Suresh", "Uma", "Vidya", "Vignesh", "Vivek"),
        WORDS("Achari", "Balakrishnan", "Bhat", "Chandran", "Gowda", "Hegde", "Iyengar", "Iyer", "Kamath", "Krishnan",
              "Kumaran", "Menon", "Murthy", "Nair", "Narayanan", "Pillai", "Prabhu", "Rajan", "Ramachandran", "Rao",
              "Reddy", "Shetty", "Srinivasan", "Subramaniam", "Varma", "Venkatesan")},
    [CHINESE] = {
        WORDS("Adeline", "Alvin", "Amanda", "Benjamin", "Boon Kiat", "Chee Meng", "Cheryl", "Daryl", "Desmond", "Elaine",
              "Eugene", "Fiona", "Hui Min", "Ivan", "Jasmine", "Jia Hui", "Jun Wei", "Kai Xin", "Kelvin", "Li Ting",
              "Marcus", "Mei Ling", "Nicholas", "Pei Shan", "Rachel", "Samantha", "Shi Hui", "Terence", "Vanessa",
              "Wei Jie", "Xin Yi", "Yong Sheng", "Zhi Hao"),
        WORDS("Ang", "Chan", "Cheong", "Chia", "Chong", "Chua", "Foo", "Goh", "Heng", "Ho", "Kang", "Koh", "Kwek", "Lau",
              "Lee", "Leong", "Lim", "Loh", "Low", "Neo", "Ng", "Ong", "Phua", "Quek", "Seah", "Sim", "Soh", "Tan",
              "Tay", "Teo", "Toh", "Wee", "Wong", "Yeo")},
    [MALAY] = {
        WORDS("Adib", "Aminah", "Azhar", "Farid", "Hafiz", "Haziq", "Iskandar", "Junaidah", "Khairul", "Liyana", "Nadiah",
              "Nurul", "Rizal", "Rosnah", "Shahrul", "Siti", "Syafiq", "Zulaikha"),
        WORDS("Abdullah", "Ahmad", "Bakar", "Hamid", "Hassim", "Ismail", "Jaafar", "Kassim", "Latiff", "Mahmood",
              "Osman", "Rashid", "Salleh", "Yusof")},
    [WESTERN] = {
        WORDS("Alice", "Andrew", "Charlotte", "Claire", "Daniel", "David", "Eleanor", "Emma", "Freya", "George",
              "Hannah", "Helen", "Ingrid", "Isabelle", "James", "Julia", "Laura", "Lena", "Lucas", "Mark", "Martin",
              "Matthew", "Nora", "Oliver", "Oscar", "Paul", "Peter", "Pierre", "Robert", "Sophie", "Stefan", "Thomas"),
        WORDS("Andersen", "Bailey", "Bauer", "Becker", "Bennett", "Bianchi", "Carter", "Dubois", "Eriksson", "Fischer",
              "Foster", "Garnier", "Harper", "Hughes", "Jansen", "Keller", "Larsen", "Lindqvist", "Marsh", "Moreau",
              "Morgan", "Murray", "Palmer", "Reid", "Ricci", "Schmidt", "Sinclair", "Turner", "Vermeer", "Walsh")},
    [FILIPINO] = {
        WORDS("Angelica", "Carlo", "Cristina", "Francis", "Jericho", "Jomar", "Joy", "Liza", "Maricel", "Paolo", "Ramon",
              "Rowena"),
        WORDS("Aquino", "Bautista", "Castillo", "Dela Cruz", "Garcia", "Manalo", "Mendoza", "Ocampo", "Ramos", "Reyes",
              "Santos", "Villanueva")},
    [SLAVIC] = {
        WORDS("Alexei", "Anastasia", "Andrei", "Daria", "Dmitri", "Ekaterina", "Elena", "Irina", "Maksim", "Marina",
              "Nikolai", "Oksana", "Pavel", "Svetlana", "Tomasz", "Zofia"),
        WORDS("Bondarenko", "Dvorak", "Horvat", "Ivanova", "Kowalski", "Kravets", "Lebedev", "Markova", "Novak",
              "Orlova", "Petrov", "Sokolova", "Volkov", "Zielinska")},
};

static const int mixture[DEMO_REGIONS][PEOPLES] = {
    [REGION_AE] = {36, 16, 12, 2, 2, 18, 6, 8},
    [REGION_IN] = {2, 58, 36, 0, 0, 4, 0, 0},
    [REGION_SG] = {2, 6, 10, 58, 13, 9, 2, 0},
};

static const struct demo_place places[DEMO_REGIONS] = {
    [REGION_AE] = {
        .code = "AE", .currency = "AED", .timezone = "Asia/Dubai", .offset = 4 * 3600,
        .median = 1900000, .spread = 0.62, .rounding = 10000,
        .towns = WORDS("Dubai", "Dubai", "Dubai", "Dubai", "Abu Dhabi", "Abu Dhabi", "Sharjah", "Ajman",
                       "Ras Al Khaimah", "London", "Mumbai", "Riyadh", "Doha", "Cairo", "Frankfurt"),
        .areas = WORDS("Dubai Marina", "Downtown Dubai", "Business Bay", "Jumeirah Village Circle", "Palm Jumeirah",
                       "Dubai Hills", "Arabian Ranches", "Jumeirah Lake Towers", "Al Barsha", "Dubai Creek Harbour",
                       "Mirdif", "Town Square", "Yas Island", "Al Reem Island", "Saadiyat Island", "Al Zahia", "Aljada"),
        .streets = WORDS("Al Wasl Road, Dubai", "Cluster C, Jumeirah Lake Towers, Dubai", "Bay Avenue, Business Bay, Dubai",
                         "Corniche Road, Abu Dhabi", "Al Khan Street, Sharjah", "Boulevard Plaza, Downtown Dubai",
                         "Marina Walk, Dubai Marina, Dubai")},
    [REGION_IN] = {
        .code = "IN", .currency = "INR", .timezone = "Asia/Kolkata", .offset = 19800,
        .median = 12000000, .spread = 0.68, .rounding = 100000,
        .towns = WORDS("Bengaluru", "Bengaluru", "Mumbai", "Mumbai", "Pune", "Hyderabad", "Chennai", "Gurugram",
                       "New Delhi", "Ahmedabad", "Kochi", "Dubai", "Singapore", "San Jose"),
        .areas = WORDS("Whitefield, Bengaluru", "Indiranagar, Bengaluru", "Sarjapur Road, Bengaluru", "Hebbal, Bengaluru",
                       "Powai, Mumbai", "Thane West", "Bandra East, Mumbai", "Kharadi, Pune", "Baner, Pune",
                       "Gachibowli, Hyderabad", "Kokapet, Hyderabad", "OMR, Chennai", "Velachery, Chennai",
                       "Golf Course Road, Gurugram", "Sector 62, Noida", "Kakkanad, Kochi"),
        .streets = WORDS("100 Feet Road, Indiranagar, Bengaluru", "Residency Road, Bengaluru", "FC Road, Pune",
                         "Linking Road, Bandra West, Mumbai", "Road No. 36, Jubilee Hills, Hyderabad",
                         "Cathedral Road, Chennai", "MG Road, Gurugram")},
    [REGION_SG] = {
        .code = "SG", .currency = "SGD", .timezone = "Asia/Singapore", .offset = 8 * 3600,
        .median = 1650000, .spread = 0.5, .rounding = 10000,
        .towns = WORDS("Singapore", "Singapore", "Singapore", "Singapore", "Singapore", "Kuala Lumpur", "Jakarta",
                       "Hong Kong", "Sydney"),
        .areas = WORDS("Tiong Bahru", "Bukit Timah", "Marine Parade", "Tampines", "Punggol", "Queenstown", "Novena",
                       "River Valley", "Holland Village", "Serangoon", "Clementi", "Bishan", "East Coast", "Sentosa Cove"),
        .streets = WORDS("Telok Ayer Street, Singapore", "Robinson Road, Singapore", "Duxton Hill, Singapore",
                         "Beach Road, Singapore", "Orchard Road, Singapore", "Joo Chiat Road, Singapore")},
};
/* clang-format on */

const struct demo_place *demo_place(enum demo_region region) {
    return &places[region];
}

const char *demo_word(const struct demo_words *words, struct demo_random *random) {
    return words->list[demo_random_below(random, words->count)];
}

struct demo_person demo_person(enum demo_region region, struct demo_random *random) {
    const struct people *people = &peoples[demo_random_weighted(random, mixture[region], PEOPLES)];
    return (struct demo_person){demo_word(&people->first, random),
                                demo_word(&people->last, random)};
}

void demo_phone(enum demo_region region, struct demo_random *random, char *out, size_t size) {
    unsigned middle = (unsigned)demo_random_below(random, 100);
    unsigned end = (unsigned)demo_random_below(random, 10000);
    switch (region) {
    case REGION_AE:
        snprintf(out, size, "+971 5%c 0%02u %04u", "024568"[demo_random_below(random, 6)], middle,
                 end);
        break;
    case REGION_IN:
        snprintf(out, size, "+91 %c%02u00 0%04u", "789"[demo_random_below(random, 3)], middle, end);
        break;
    case REGION_SG:
    case DEMO_REGIONS:
        snprintf(out, size, "+65 %c0%02u %04u", "89"[demo_random_below(random, 2)], middle, end);
        break;
    }
}

static size_t append_letters(const char *text, char *out, size_t at, size_t size) {
    for (; *text != '\0' && at + 1 < size; text++) {
        char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
        if (c >= 'a' && c <= 'z')
            out[at++] = c;
    }
    return at;
}

void demo_mailbox(const struct demo_person *person, char *out, size_t size) {
    size_t at = append_letters(person->first, out, 0, size);
    if (at + 1 < size)
        out[at++] = '.';
    at = append_letters(person->last, out, at, size);
    out[at] = '\0';
}
