/* roster_language.h - the language that the server's manager of roster.idl is written in. */
#ifndef STUBS_ROSTER_LANGUAGE_H
#define STUBS_ROSTER_LANGUAGE_H

const char *roster_language(void);

#endif
