"""Reading what matters first: orders, what was read, how much of a code was found, when to stop, and replays of it.

Pure functions over scores and labels of passages, but for the session, which learns again in a thread of its own.
"""
