"""The command line: one module a command. Each reads its arguments, calls one function of the library, prints."""
