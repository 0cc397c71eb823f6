/* Who allocated and freed how many blocks since the last count. */
struct count {
    long allocated, freed;
};
enum side { CLIENT, SERVER };

/* The thread that calls this is the client; all others are the server's. */
void count_begin(void);
struct count count_take(enum side side);
