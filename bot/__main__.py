"""The chatbot's command line. This version has no chatbot yet, and says so."""

import sys


def main() -> int:
    """Say what there is instead; exit 2, as nothing was done."""
    print("bot: this version has no chatbot yet; to find outlets: locator --help", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
