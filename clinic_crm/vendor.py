"""Of the npm packages, just the files that pages load: what runs in the browser beside our code.

/static/vendor/<name>/<file> is node_modules/<folder>/<file>.
"""

VENDOR: dict[str, tuple[str, tuple[str, ...]]] = {
    "echarts": ("echarts/dist", ("echarts.min.js",)),
    "event-calendar": (
        "@event-calendar/build/dist",
        ("event-calendar.min.css", "event-calendar.min.js"),
    ),
    "htmx": ("htmx.org/dist", ("htmx.min.js",)),
    "inter": (
        "@fontsource-variable/inter/files",
        (
            "inter-cyrillic-wght-normal.woff2",
            "inter-latin-ext-wght-normal.woff2",
            "inter-latin-wght-normal.woff2",
        ),
    ),
    "swagger-ui": ("swagger-ui-dist", ("swagger-ui-bundle.js", "swagger-ui.css")),
    "tabler": ("@tabler/core/dist", ("css/tabler.min.css", "js/tabler.min.js")),
    "tom-select": (
        "tom-select/dist",
        ("css/tom-select.bootstrap5.min.css", "js/tom-select.complete.min.js"),
    ),
}
