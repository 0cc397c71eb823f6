/*
 * chart.c - see report.h.
 *
 *     [ heading, machine, legend                                  ]
 *     [ workload: title                                           ]
 *     [ candidate |=========| 1.00   8.21 ns                      ]
 *
 * A bar that is longer than the page is cut and ends in an arrow; its figure stands beside it.
 */
#include "report.h"

enum {
    PAGE_WIDTH = 960,
    LEFT = 110,    /* where bars begin */
    UNIT = 110,    /* the length of the fastest one's */
    LONGEST = 660, /* six times that */
    BAR_HEIGHT = 12,
    TITLE_HEIGHT = 26,
    HEAD_HEIGHT = 96,
};

/* Okabe and Ito's colours, which the colour-blind can tell apart; grey is the lower bound. */
static const char *colour(const struct results *results, int candidate) {
    static const char *const colours[] = {"#0072b2", "#e69f00", "#009e73", "#cc79a7",
                                          "#d55e00", "#56b4e9", "#f0e442", "#000000"};
    return results_is_bound(results, candidate)
               ? "#b0b0b0"
               : colours[candidate % (int)(sizeof colours / sizeof colours[0])];
}

static void print_text(FILE *file, double x, double y, const char *style, const char *text) {
    fprintf(file, "<text x=\"%.0f\" y=\"%.0f\" %s>", x, y, style);
    for (; *text != '\0'; text++) {
        if (*text == '&')
            fputs("&amp;", file);
        else if (*text == '<')
            fputs("&lt;", file);
        else
            fputc(*text, file);
    }
    fprintf(file, "</text>\n");
}

static void print_bar(FILE *file, const struct results *results, int workload, int candidate,
                      double y) {
    const struct timing *times = &results->table[workload][candidate].times;
    double median = timing_median(times), ratio = median / results_fastest(results, workload, -1);
    double length = ratio * UNIT;
    char text[64];
    print_text(file, LEFT - 6, y + BAR_HEIGHT - 3, "text-anchor=\"end\"",
               results->candidates[candidate].name);
    if (length > LONGEST) {
        length = LONGEST;
        fprintf(file, "<path d=\"M%.0f %.0fl8 %.1fl-8 %.1fz\" fill=\"%s\"/>\n", LEFT + length, y,
                (BAR_HEIGHT - 2) / 2.0, (BAR_HEIGHT - 2) / 2.0, colour(results, candidate));
    }
    fprintf(file, "<rect x=\"%d\" y=\"%.0f\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", LEFT, y,
            length, BAR_HEIGHT - 2, colour(results, candidate));
    snprintf(text, sizeof text, "%.2f (%.*f ns)", ratio, median < 100 ? 1 : 0, median);
    print_text(file, LEFT + length + 12, y + BAR_HEIGHT - 3, "", text);
}

static void print_legend(FILE *file, const struct results *results) {
    double x = LEFT;
    for (int i = 0; i < results->candidate_count; i++) {
        const char *name = results->candidates[i].name;
        fprintf(file, "<rect x=\"%.0f\" y=\"72\" width=\"12\" height=\"12\" fill=\"%s\"/>\n", x,
                colour(results, i));
        print_text(file, x + 17, 82, "", name);
        x += 40 + 8 * (double)strlen(name);
    }
}

/* The medians that there are; a group without any has only its title. */
static int bar_count(const struct results *results, int workload) {
    int count = 0;
    for (int i = 0; i < results->candidate_count; i++)
        count += results->table[workload][i].times.count > 0;
    return count;
}

static void print_group(FILE *file, const struct results *results, int workload, double y) {
    char title[128];
    snprintf(title, sizeof title, "%s: %s", results->workloads[workload]->name,
             results->workloads[workload]->title);
    print_text(file, LEFT, y + TITLE_HEIGHT - 8, "font-weight=\"bold\"", title);
    y += TITLE_HEIGHT;
    fprintf(file,
            "<line x1=\"%d\" x2=\"%d\" y1=\"%.0f\" y2=\"%.0f\" stroke=\"#888\" "
            "stroke-dasharray=\"2 2\"/>\n",
            LEFT + UNIT, LEFT + UNIT, y - 2,
            y + (double)(bar_count(results, workload) * BAR_HEIGHT));
    for (int i = 0; i < results->candidate_count; i++) {
        if (results->table[workload][i].times.count == 0)
            continue;
        print_bar(file, results, workload, i, y);
        y += BAR_HEIGHT;
    }
}

void report_chart(FILE *file, const struct results *results) {
    double height = HEAD_HEIGHT + 20, y = HEAD_HEIGHT;
    for (int i = 0; i < results->workload_count; i++)
        height += TITLE_HEIGHT + bar_count(results, i) * BAR_HEIGHT;
    fprintf(file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" "
            "font-family=\"sans-serif\" font-size=\"11\" fill=\"#222\">\n"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
            PAGE_WIDTH, height);
    print_text(file, LEFT, 26, "font-size=\"16\" font-weight=\"bold\"",
               "Time for an allocation and its free, in that of the fastest allocator");
    char machine[256];
    timing_describe_machine(machine, sizeof machine);
    print_text(file, LEFT, 44, "fill=\"#555\"", machine);
    char note[128];
    snprintf(note, sizeof note,
             "Median of %d rounds. Shorter is better; grey: no allocator, a pointer that is only "
             "incremented.",
             results->round_count);
    print_text(file, LEFT, 60, "fill=\"#555\"", note);
    print_legend(file, results);
    for (int i = 0; i < results->workload_count; i++) {
        print_group(file, results, i, y);
        y += TITLE_HEIGHT + bar_count(results, i) * BAR_HEIGHT;
    }
    fprintf(file, "</svg>\n");
}
