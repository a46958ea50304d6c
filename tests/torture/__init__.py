"""The real program as a process that is killed again and again, and a check of what is left.

- `plan.py` says when it is killed: all of it drawn from a seed before the run begins.
- `scenario.py` says what people do meanwhile, and what must have happened in the end.
- `stage.py` joins them: playground, process, clock; it knows neither plan nor scenario by name.
- `witness.py` sees every call and every confirmation; `books.py` reads the database beside it.
- `checker.py` knows invariants only: they hold whatever was played and however it was disturbed.
"""
