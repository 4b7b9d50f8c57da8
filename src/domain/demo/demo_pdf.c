#include "domain/demo/demo_pdf.h"
#include "core/text.h"

enum { PAGES_MAX = 16, OBJECTS_MAX = 5 + 2 * PAGES_MAX };
enum { PAGE_WIDTH = 595, PAGE_HEIGHT = 842, LEFT = 64, BOTTOM = 76 }; /* points */

static const double text_width = PAGE_WIDTH - 2 * LEFT;

struct pdf {
    struct buf pages[PAGES_MAX];
    size_t npages;
    double y;
};

/* Widths of Helvetica from space to tilde, in thousandths of its size (Adobe font metrics). */
static const short widths[95] = {
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333,  278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667,  611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278,  556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500,  500, 334, 260, 334, 584};

static double width_of(const char *text, size_t size, double font) {
    long sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += text[i] >= ' ' && text[i] <= '~' ? widths[text[i] - ' '] : 556;
    return (double)sum * font / 1000;
}

static struct buf *page(struct pdf *pdf) {
    return &pdf->pages[pdf->npages - 1];
}

static void page_begin(struct pdf *pdf) {
    if (pdf->npages == PAGES_MAX)
        abort(); /* ours have one page or two */
    pdf->npages++;
    buf_init(page(pdf), 1 << 20);
    pdf->y = PAGE_HEIGHT - 72;
}

static void put_text(struct buf *out, double x, double y, double font, bool bold,
                     const char *colour, const char *text, size_t size) {
    buf_printf(out, "BT %s rg /%s %g Tf %.1f %.1f Td (", colour, bold ? "F2" : "F1", font, x, y);
    for (size_t i = 0; i < size; i++) {
        if (strchr("()\\", text[i]) != NULL)
            buf_putc(out, '\\');
        buf_putc(out, text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
    }
    buf_puts(out, ") Tj ET\n");
}

/* Bytes of text that fit on a line: whole words, at least one. */
static size_t fitting(const char *text, double font, double limit) {
    size_t fits = 0;
    size_t at = 0;
    while (text[at] != '\0') {
        size_t end = at + strcspn(text + at, " ");
        if (fits > 0 && width_of(text, end, font) > limit)
            break;
        fits = end;
        at = end + strspn(text + end, " ");
    }
    return fits;
}

struct style {
    double font, leading, before, indent;
    bool bold;
    const char *colour; /* red, green, blue from 0 to 1 */
};
static const char ink[] = "0.07 0.14 0.18";
static const struct style heading = {13, 17, 14, 0, true, "0.06 0.30 0.36"};
static const struct style paragraph = {10.5, 15, 5, 0, false, ink};
static const struct style item = {10.5, 15, 3, 14, false, ink};

static void flow(struct pdf *pdf, const struct style *style, const char *text) {
    pdf->y -= style->before;
    bool first = true;
    while (*text != '\0') {
        /* bold letters are about a twentieth wider */
        double limit = (text_width - style->indent) * (style->bold ? 0.95 : 1);
        size_t length = fitting(text, style->font, limit);
        if (pdf->y - style->leading - (style->bold ? 30 : 0) < BOTTOM)
            page_begin(pdf);
        pdf->y -= style->leading;
        if (style == &item && first)
            buf_printf(page(pdf), "0.79 0.40 0.01 rg %d %.1f 4 4 re f\n", LEFT + 2, pdf->y + 2);
        put_text(page(pdf), LEFT + style->indent, pdf->y, style->font, style->bold, style->colour,
                 text, length);
        text += length + strspn(text + length, " ");
        first = false;
    }
}

/* The coloured head of the first page. */
static void head(struct pdf *pdf, const char *title, const char *subtitle) {
    struct buf *out = page(pdf);
    buf_printf(out, "0.06 0.30 0.36 rg 0 %d %d 190 re f\n", PAGE_HEIGHT - 190, PAGE_WIDTH);
    buf_printf(out, "0.79 0.40 0.01 rg %d %d 12 12 re f\n", LEFT + 14, PAGE_HEIGHT - 64);
    buf_printf(out, "0.58 0.82 0.74 rg %d %d 12 12 re f\n", LEFT, PAGE_HEIGHT - 78);
    buf_printf(out, "1 1 1 rg %d %d 12 12 re f\n", LEFT, PAGE_HEIGHT - 64);
    buf_printf(out, "0.91 0.85 0.65 rg %d %d 12 12 re f\n", LEFT + 14, PAGE_HEIGHT - 78);
    put_text(out, LEFT + 36, PAGE_HEIGHT - 71, 12, true, "1 1 1", "Meridian Partners", 17);
    put_text(out, LEFT, PAGE_HEIGHT - 132, 23, true, "1 1 1", title, strlen(title));
    put_text(out, LEFT, PAGE_HEIGHT - 156, 12, false, "0.91 0.85 0.65", subtitle, strlen(subtitle));
    pdf->y = PAGE_HEIGHT - 206;
}

static void feet(struct pdf *pdf) {
    for (size_t i = 0; i < pdf->npages; i++) {
        char text[80];
        int length =
            snprintf(text, sizeof text, "Meridian Partners - page %zu of %zu", i + 1, pdf->npages);
        put_text(&pdf->pages[i], LEFT, 44, 8.5, false, "0.29 0.35 0.39", text, (size_t)length);
    }
}

static void line_put(struct pdf *pdf, const char *line) {
    if (text_starts(line, "## "))
        flow(pdf, &heading, line + 3);
    else if (text_starts(line, "- "))
        flow(pdf, &item, line + 2);
    else
        flow(pdf, &paragraph, line);
}

static void read_source(struct pdf *pdf, char *source) {
    const char *title = "";
    long number = 0;
    for (char *line = source; line != NULL && *line != '\0'; number++) {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        if (number == 0)
            title = text_starts(line, "# ") ? line + 2 : line;
        else if (number == 1)
            head(pdf, title, line);
        else if (!text_blank(line))
            line_put(pdf, line);
        line = end;
    }
}

/* ---- the file: objects, then where each begins ---- */

struct objects {
    struct buf *out;
    size_t at[OBJECTS_MAX];
    size_t count;
};

static void object(struct objects *objects) {
    objects->at[objects->count++] = objects->out->len;
    buf_printf(objects->out, "%zu 0 obj\n", objects->count);
}

static void page_objects(struct objects *objects, const struct buf *content) {
    object(objects);
    buf_printf(objects->out,
               "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %zu 0 R\n"
               "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>\nendobj\n",
               PAGE_WIDTH, PAGE_HEIGHT, objects->count + 1);
    object(objects);
    buf_printf(objects->out, "<< /Length %zu >>\nstream\n", content->len);
    buf_append(objects->out, buf_text(content), content->len);
    buf_puts(objects->out, "endstream\nendobj\n");
}

static void write_file(struct buf *out, const struct pdf *pdf) {
    enum { FIRST_PAGE = 5 };
    struct objects objects = {.out = out};
    buf_puts(out, "%PDF-1.4\n");
    object(&objects);
    buf_puts(out, "<< /Type /Catalog /Pages 2 0 R >>\nendobj\n");
    object(&objects);
    buf_puts(out, "<< /Type /Pages /Kids [");
    for (size_t i = 0; i < pdf->npages; i++)
        buf_printf(out, "%zu 0 R ", FIRST_PAGE + 2 * i);
    buf_printf(out, "] /Count %zu >>\nendobj\n", pdf->npages);
    object(&objects);
    buf_puts(out, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\nendobj\n");
    object(&objects);
    buf_puts(out, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>\nendobj\n");
    for (size_t i = 0; i < pdf->npages; i++)
        page_objects(&objects, &pdf->pages[i]);
    size_t table = out->len;
    buf_printf(out, "xref\n0 %zu\n0000000000 65535 f \n", objects.count + 1);
    for (size_t i = 0; i < objects.count; i++)
        buf_printf(out, "%010zu 00000 n \n", objects.at[i]);
    buf_printf(out, "trailer\n<< /Size %zu /Root 1 0 R >>\nstartxref\n%zu\n%%%%EOF\n",
               objects.count + 1, table);
}

void demo_pdf_write(struct buf *out, const char *source) {
    struct pdf pdf = {.npages = 0};
    char *copy = strdup(source);
    if (copy == NULL)
        abort();
    page_begin(&pdf);
    read_source(&pdf, copy);
    feet(&pdf);
    write_file(out, &pdf);
    for (size_t i = 0; i < pdf.npages; i++)
        buf_free(&pdf.pages[i]);
    free(copy);
}
