#include "app/arguments.h"
#include "app/commands.h"
#include "app/operation.h"
#include "core/text.h"

enum { COUNT_MAX = 10000 };

static const char usage[] = "Usage: tessera mail show [--count N] [--to ADDRESS] [--config FILE]\n"
                            "Prints the mail that the portal wrote, the newest last.\n"
                            "\n"
                            "  --count N      so many at most (10)\n"
                            "  --to ADDRESS   only mail to this address\n";

static void print_mail(const struct rows *mail, size_t row) {
    const char *sent = rows_get(mail, row, "sent_at"), *error = rows_get(mail, row, "error");
    const char *state = rows_get(mail, row, "state"), *body = rows_get(mail, row, "body");
    bool waits = text_equal(state, "waiting");
    printf("%sTo: %s\nSubject: %s\nDate: %s\nState: %s%s%s%s%s\n\n%s\n", row > 0 ? "\n----\n\n" : "",
           rows_get(mail, row, "recipient"), rows_get(mail, row, "subject"), rows_get(mail, row, "created_at"),
           waits ? "waiting to be sent" : state, sent != NULL ? " at " : "", sent != NULL ? sent : "",
           error != NULL ? ": " : "", error != NULL ? error : "",
           waits && text_blank(body) ? "(its words are found when it is sent)" : body);
}

static int show(const struct config *config, const char *count, const char *to) {
    struct operation operation;
    const struct rows *mail;
    operation_open(&operation, "mail", config);
    params_add(operation.params, "count", count);
    params_add(operation.params, "to", to);
    enum err err = operation_run(&operation, Q_operator_mail, &mail);
    for (size_t i = 0; err == OK && i < mail->nrows; i++)
        print_mail(mail, i);
    if (err == OK && mail->nrows == 0)
        puts("There is no mail.");
    operation_close(&operation);
    return err == OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

int cmd_mail(int argc, char **argv) {
    const char *count = NULL;
    const char *to = NULL;
    const struct argument list[] = {{"--count", &count, NULL}, {"--to", &to, NULL}};
    struct config config;
    if (command_help(argc, argv, usage))
        return EXIT_SUCCESS;
    command_config(&argc, argv, &config);
    int status = EXIT_USAGE;
    long number;
    if (argc < 2 || !text_equal(argv[1], "show"))
        fputs(usage, stderr);
    else if (arguments_read("mail show", argc - 1, argv + 1, list, 2, usage) &&
             argument_number("mail show", "--count", count != NULL ? count : "10", 1, COUNT_MAX,
                             &number))
        status = show(&config, count != NULL ? count : "10", to);
    config_free(&config);
    return status;
}
