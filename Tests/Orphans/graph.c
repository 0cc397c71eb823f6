/* Lists, trees, and what was found; see graph.h. */
#include "graph.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct node *node_make(struct node *next, struct node *other) {
    struct node *node = midl_user_allocate(sizeof *node);
    if (node == NULL)
        abort();
    *node = (struct node){next, other, 0};
    return node;
}

struct node *list_make(int count) {
    struct node *list = NULL;
    for (int value = count; value > 0; value--) {
        list = node_make(list, NULL);
        list->value = value;
    }
    return list;
}

void list_free(struct node *list) {
    while (list != NULL) {
        struct node *next = list->next;
        midl_user_free(list);
        list = next;
    }
}

struct midl_orphans_found find(struct midl_orphans *watch, unsigned unless) {
    struct midl_orphans_found found;
    if (midl_orphans_find(watch, unless, &found) != 0) {
        printf("Bail out! midl_orphans_find fails\n");
        exit(1);
    }
    return found;
}

static bool has(const struct midl_orphans_found *found, const void *block) {
    for (size_t i = 0; i < found->block_count; i++)
        if (found->blocks[i].block == block)
            return true;
    return false;
}

bool found_are(const struct midl_orphans_found *found, ...) {
    va_list blocks;
    size_t count = 0;
    bool all = true;
    va_start(blocks, found);
    for (void *block; (block = va_arg(blocks, void *)) != NULL; count++)
        all = has(found, block) && all;
    va_end(blocks);
    return all && count == found->block_count;
}

bool is_live(void *block) {
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        fclose(stderr);
        close(2);
        midl_memory_size(block);
        _exit(0);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
