"""Bots as processes of their own, each `python -m tests.bench.bots.NAME API TOKEN FILE`.

`ours` is the real program. The others hold the same conversation, each as its framework's own
documentation teaches it, and remember it in memory: `FILE` is what our program has said, so that
they say the same.
"""
