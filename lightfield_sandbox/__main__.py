"""`python -m lightfield_sandbox`."""

import sys

from lightfield_sandbox.cli import main

sys.exit(main())
