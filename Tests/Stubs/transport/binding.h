/* binding.h - a binding to a server on this machine. */
#ifndef STUBS_BINDING_H
#define STUBS_BINDING_H

#include <rpc.h>

/* Ends the program when the texts are none of a binding. */
handle_t bind_to(const char *protocol, const char *endpoint);

/* To where the server listens for calls of its own; set before any can come. */
handle_t bind_to_self(void);
void set_self(const char *protocol, const char *endpoint);

#endif
