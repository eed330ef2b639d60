"""The Lightfield HTTP API, for the tap and the target; it knows nothing of Singer.

``client`` sends requests: ``transport`` and ``exchange`` are below it, and ``retries``, ``rate_limit`` and
``errors`` say what it does when they fail. ``pages`` and ``paging`` read whole lists, ``uploads`` sends
files. ``access``, ``definitions`` and ``custom_objects`` learn what a key may do and what a workspace
consists of. ``resources``, ``columns`` and ``value_types`` are the tables; ``values``, ``records`` and
``refusals`` use them. ``settings`` and the modules named after it are what both plugins do with theirs.
"""
