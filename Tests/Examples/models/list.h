/* Lists of blocks of the pair. */
#include "models.h"

NODE *new_list(long count); /* 1, 2, ... count */
long sum_of(const NODE *head);
void free_list(NODE *head);
