"""The tab's icon while messages are unread: the logo's shape, with their count in it."""

from urllib.parse import quote

_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" fill="#d92635">'
    '<ellipse cx="32" cy="29" rx="32" ry="28"/><path d="m9 62 3-24 20 18"/>'
    '<text x="32" y="41" font-family="sans-serif" font-weight="700" font-size="{size}"'
    ' text-anchor="middle" fill="#fff">{label}</text></svg>'
)
# An address, in which the script fills in the names in braces as it does in texts.
UNREAD_ICON = f"data:image/svg+xml,{quote(_SVG, safe='{}')}"
