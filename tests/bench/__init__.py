"""What the project answers for, measured (`make bench`): ratios to a peer in one and the same run.

- `measuring.py` takes slices of variants in shuffled order and compares them pair by pair.
- `echo.py` is the peer: the idiomatic aiogram bot that remembers nothing.
- `conversation.py` is ours: the real program in the middle of 64 returns, on a real database.
- `lives.py` and `imports.py` have no peer; they have a limit.

Ratios hold from run to run, absolute figures only for one machine. Nothing here is a test: a
measure that misses its aim is printed as missed, and the exit status says so.
"""
