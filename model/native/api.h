/* Functions marked FT_API are called from Python; all others stay inside the library. */
#ifndef FT_API_H
#define FT_API_H

#if defined(_WIN32)
#define FT_API __declspec(dllexport)
#else
#define FT_API __attribute__((visibility("default")))
#endif

#endif
