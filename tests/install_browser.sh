#!/bin/sh
# The test browser, and a font that has Chinese glyphs. Chromium: one on the PATH, else Playwright's own, else Debian's.
set -eu

found() {
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
        ls "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium* >/dev/null 2>&1
}

debian() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then return 1; fi
    apt-get -qq update >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >/dev/null
}

if ! found; then
    echo "Installing a browser for the tests (once) ..."
    timeout 120 .venv/bin/playwright install --with-deps chromium-headless-shell >/dev/null 2>&1 || debian chromium || {
        echo "No Chromium on the PATH, Playwright could not download one, and this is not root on Debian." >&2
        echo "Install Chromium (Debian: sudo apt-get install chromium fonts-noto-cjk) and run make test again." >&2
        exit 1
    }
fi

if ! command -v fc-list >/dev/null || [ -z "$(fc-list :lang=zh-cn family)" ]; then
    echo "Installing a Chinese font for the screenshots (once) ..."
    debian fontconfig fonts-noto-cjk || echo "No Chinese font: screenshots will show boxes. Install fonts-noto-cjk." >&2
fi
