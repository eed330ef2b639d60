"""Random rounds against both plugins, for as long as one likes: nothing may be lost, doubled or leaked.

Run: python -m benchmarks.campaign --minutes 60 [--seed N] [--workers 2] [--only KIND] [--rounds N]

Each round follows from its kind and its seed. A finding names both, and the command that repeats it.
"""
