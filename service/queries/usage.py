"""Where the code uses which query, read from the source: `queries.<area>.<name>`, and what reaches it.

Every function, method and top-level name mentions others. What it mentions counts as called: it may hand it on to
be called. A name stands for what its module defines under it or imports, by `from package.module import name`.
Scopes are not told apart, except that `x = a.b` in a function holds for that function.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

# The name, as in a reference, and the code that is its own.
Definition = tuple[str, list[ast.AST]]


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    name: str  # of the query, area.query
    path: Path  # relative to what the package lies in
    line: int
    function: str  # Class.method, or the name that the module gives it; empty for the module itself


@dataclass(frozen=True, slots=True)
class Usage:
    references: list[Reference]
    users: Mapping[str, set[str]]  # of a query, or of a function: package.module.function

    def reaching(self, query: str) -> set[str]:
        """The functions from which a query is reached, directly or through others."""
        reached: set[str] = set()
        waiting = [query]
        while waiting:
            new = self.users.get(waiting.pop(), set()) - reached
            reached |= new
            waiting += new
        return reached


def references(root: Path) -> list[Reference]:
    """Every mention of a query in the package at `root`, in the order of names and places."""
    return read(root).references


def read(root: Path) -> Usage:
    """The usage in all modules of the package at `root`, whose query module is `<package>.queries`."""
    query = re.compile(rf"{re.escape(root.name)}\.queries\.queries\.(\w+\.\w+)")
    references: set[Reference] = set()
    users: dict[str, set[str]] = defaultdict(set)
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root.parent)
        module = ".".join(place.with_suffix("").parts).removesuffix(".__init__")
        tree = ast.parse(path.read_bytes(), str(path))
        definitions = list(_definitions(tree))
        own = {name.partition(".")[0] for name, _ in definitions}
        names = {name: f"{module}.{name}" for name in own} | _imported(tree)
        for function, code in definitions:
            for mentioned, line in _mentions(code, names):
                match = query.match(mentioned)
                if match:
                    references.add(Reference(match[1], place, line, function))
                if function:
                    users[match[1] if match else mentioned].add(f"{module}.{function}")
    return Usage(sorted(references), users)


def _definitions(tree: ast.Module | ast.ClassDef, of: str = "") -> Iterator[Definition]:
    """What is nested in a function is its own. Its decorators are not: they run when it is defined."""
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield "", [*node.decorator_list]
                yield f"{of}{node.name}", [node.args, *node.body]
            case ast.ClassDef():
                yield "", [*node.decorator_list, *node.bases]
                yield from _definitions(node, f"{of}{node.name}.")
            case ast.Assign(targets=[ast.Name(name)]) if not of:
                yield name, [node]
            case ast.AnnAssign(target=ast.Name(name)) if not of:
                yield name, [node]
            case _:
                yield of.rstrip("."), [node]


def _imported(tree: ast.Module) -> dict[str, str]:
    """What the imported names stand for, also those that a function imports."""
    return {
        name.asname or name.name: f"{node.module}.{name.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }


def _mentions(code: list[ast.AST], known: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """The full names that are read, with their lines; of a.b.c also a.b and a."""
    nodes = [node for part in code for node in ast.walk(part)]
    names = dict(known)
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(name)]) if meaning := _meaning(node.value, known):
                names[name] = meaning
    for node in nodes:
        match node:
            case ast.Name(ctx=ast.Load()) | ast.Attribute(ctx=ast.Load()):
                if meaning := _meaning(node, names):
                    yield meaning, node.lineno


def _meaning(node: ast.AST, names: Mapping[str, str]) -> str | None:
    """The full name of `a.b.c`, if it is one and the module knows `a`."""
    match node:
        case ast.Name(name):
            return names.get(name)
        case ast.Attribute(value, name):
            before = _meaning(value, names)
            return before and f"{before}.{name}"
    return None
