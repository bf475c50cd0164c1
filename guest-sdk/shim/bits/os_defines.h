// Of the operating system: there is none, and picolibc instead of glibc.
#ifndef _GLIBCXX_OS_DEFINES
#define _GLIBCXX_OS_DEFINES 1

#define _GLIBCXX_NO_OBSOLETE_ISINF_ISNAN_DYNAMIC 1

#endif
