"""What the architecture tests look for in source text. Each takes text, so that it can be tried on made-up text."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from servicedesk.config.environment import BASE_DIR

# The one line in which the apps stand, lowest first. An app may import from those before it, and from itself.
ORDER = [
    "servicedesk.history",
    "servicedesk.people",
    "servicedesk.jobs",
    "servicedesk.files",
    "servicedesk.lists",
    "servicedesk.search",
    "servicedesk.catalogue",
    "servicedesk.service_levels",
    "servicedesk.notifications",
    "servicedesk.knowledge",
    "servicedesk.spreadsheets",
    "servicedesk.tickets",
    "servicedesk.portal",
    "servicedesk.reports",
    "assets.register",
    "assets.refresh",
    "assets.orders",
    "assets.disposal",
    "assets.batches",
    "servicedesk.administration",
    "api",
    "demo",
]
# Below every app: these may be imported by all and import none.
FLOOR = ["servicedesk.bulk", "servicedesk.forms", "servicedesk.many_rows", "servicedesk.wording"]
# Names apps in strings; nobody imports it.
CONFIG = "servicedesk.config"

PACKAGES = ("servicedesk", "assets", "api", "demo")
DOTTED_NAME = re.compile(r"(servicedesk|assets|api|demo)(\.\w+)+")
RELATIONS = {"ForeignKey", "OneToOneField", "ManyToManyField"}
LOADERS = {"import_string", "import_module", "__import__"}
SIGNALS = {
    "django.dispatch",
    "django.db.models.signals",
    "django.core.signals",
    "django.contrib.auth.signals",
}
# What may be done with `Model.objects` in a view: hand it to the door, or narrow it at once.
NARROWINGS = {"visible_to", "readable_by", "offered_to", "none"}


def source_files() -> list[Path]:
    """Every module of the product, relative to its root; the frontend's packages are not ours."""
    found = (
        path.relative_to(BASE_DIR) for package in PACKAGES for path in (BASE_DIR / package).rglob("*.py")
    )
    return sorted(path for path in found if "node_modules" not in path.parts)


def module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def app_of(module: str) -> str | None:
    """The app of ORDER that a module belongs to."""
    return next((app for app in ORDER if module == app or module.startswith(app + ".")), None)


def names_used(source: str) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every module of ours that the text imports, at any depth, or names in a string."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from _imported_from(node)
        elif isinstance(node, ast.Constant) and DOTTED_NAME.fullmatch(str(node.value)):
            yield node.lineno, str(node.value)


def _imported_from(node: ast.ImportFrom) -> Iterator[tuple[int, str]]:
    module = node.module or ""
    if module in PACKAGES:
        yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
    else:
        yield node.lineno, module


def upward_names(module: str, source: str) -> list[str]:
    """The names that a module of the product may not use."""
    return [
        f"{module}:{line} uses {name}"
        for line, name in names_used(source)
        if name.split(".")[0] in PACKAGES and not _may_use(module, name)
    ]


def _may_use(module: str, name: str) -> bool:
    if name.startswith(CONFIG):
        return module.startswith(CONFIG)
    if any(name == floor or name.startswith(floor + ".") for floor in FLOOR) or module.startswith(CONFIG):
        return True
    user, used = app_of(module), app_of(name)
    if user is None:
        return used is None and module not in FLOOR
    return used is None or ORDER.index(used) <= ORDER.index(user)


def relative_imports(module: str, source: str) -> list[str]:
    return [
        f"{module}:{node.lineno} imports relatively"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.level
    ]


def imports_inside_functions(module: str, source: str) -> list[str]:
    functions = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return [
        f"{module}:{inner.lineno} imports inside {function.name}"
        for function in functions
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]


def upward_relations(module: str, source: str) -> list[str]:
    """Foreign keys that point by a string to an app above."""
    labels = {app.split(".")[-1]: app for app in ORDER}
    return [
        f"{module}:{call.lineno} points up to {target}"
        for call in _calls(source)
        if _name_of(call.func) in RELATIONS
        for target in _string_targets(call)
        if "." in target and not _may_use(module, labels.get(target.split(".")[0], module))
    ]


def _string_targets(call: ast.Call) -> list[str]:
    given = [*call.args[:1], *(word.value for word in call.keywords if word.arg in ("to", "through"))]
    return [node.value for node in given if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def loaders(source: str) -> list[str]:
    """The functions by which the text imports what a string names."""
    return [name for call in _calls(source) if (name := _name_of(call.func)) in LOADERS]


def signals(module: str, source: str) -> list[str]:
    return [f"{module}:{line} uses {name}" for line, name in names_used(source) if name in SIGNALS]


def unscoped_queries(module: str, source: str) -> list[str]:
    """Where a view begins with all rows: `Model.objects` that is neither given to the door nor narrowed at once."""
    tree = ast.parse(source)
    fine = {
        id(node)
        for call in _calls(source, tree)
        if _name_of(call.func) == "open_door"
        for given in call.args
        for node in ast.walk(given)
    }
    fine |= {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in NARROWINGS
    }
    return [
        f"{module}:{node.lineno} begins with {ast.unparse(node)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in ("objects", "_default_manager")
        and id(node) not in fine
    ] + [
        f"{module}:{call.lineno} asks {name}"
        for call in _calls(source, tree)
        if (name := _name_of(call.func)) in ("get_object_or_404", "get_list_or_404", "raw", "extra")
    ]


def tickets_opened(module: str, source: str) -> list[str]:
    """Where a ticket is let in by the door itself, so that nobody would write down who reads it."""
    return [
        f"{module}:{call.lineno} opens a ticket without open_ticket"
        for call in _calls(source)
        if _name_of(call.func) == "open_door" and any("Ticket" in ast.unparse(given) for given in call.args)
    ]


def long_functions(module: str, source: str, longest: int) -> list[str]:
    """Functions of more lines than that, without their signature and docstring."""
    return [
        f"{module}:{node.lineno} {node.name} has {length} lines"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (length := _length(node)) > longest
    ]


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) and len(function.body) > 1 else function.body
    return function.end_lineno - body[0].lineno + 1


def _calls(source: str, tree: ast.AST | None = None) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree or ast.parse(source)) if isinstance(node, ast.Call))


def _name_of(function: ast.expr) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))
