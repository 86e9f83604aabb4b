"""Where the code uses which query, read from the source: `queries.<area>.<name>`, and what calls what.

Names are followed through imports, aliases and module-level tables, as far as they say what they mean without
being run. A method is followed from `self` only. What one function mentions of another counts as a call: it may
hand it on to be called.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    name: str  # of the query, area.query
    path: Path  # relative to what the package lies in
    line: int
    function: str  # Class.method, or the name that the module gives it; empty for the module itself


@dataclass(frozen=True, slots=True)
class Usage:
    """What mentions what. Functions, methods and module-level names are known as `package.module.name`."""

    references: list[Reference]
    users: Mapping[str, set[str]]  # of a query or a function
    decorators: Mapping[str, set[str]]  # of a function

    def reaching(self, query: str) -> set[str]:
        """The functions from which a query is reached, directly or through others."""
        found: set[str] = set()
        waiting = [query]
        while waiting:
            new = self.users.get(waiting.pop(), set()) - found
            found |= new
            waiting += new
        return found


def references(root: Path) -> list[Reference]:
    """Every mention of a query in the package at `root`, in the order of names and places."""
    return read(root).references


def read(root: Path) -> Usage:
    """The usage in all modules of the package at `root`, whose query module is `<package>.queries`."""
    modules = {module.name: module for module in _modules(root)}
    visitors = [
        _Visitor(module, modules, f"{root.name}.queries.queries.") for module in modules.values()
    ]
    users: dict[str, set[str]] = defaultdict(set)
    found: set[Reference] = set()
    decorators: dict[str, set[str]] = {}
    for visitor in visitors:
        visitor.visit(visitor.module.tree)
        found |= visitor.references
        decorators |= visitor.decorators
        for used, by in visitor.used:
            if used != by:
                users[used].add(by)
    return Usage(sorted(found), users, decorators)


@dataclass
class _Module:
    name: str
    path: Path
    tree: ast.Module
    names: dict[str, str] = field(default_factory=dict)  # what its names stand for


def _modules(root: Path) -> Iterator[_Module]:
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root.parent)
        parts = place.with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        module = _Module(name, place, ast.parse(path.read_bytes(), str(path)))
        package = name if is_package else name.rpartition(".")[0]
        module.names = {local: f"{name}.{local}" for local in _bound(module.tree)}
        module.names |= _imported(module.tree, package)
        for local, value in _aliases(module.tree).items():
            head, *rest = value.split(".")
            if head in module.names:
                module.names[local] = ".".join([module.names[head], *rest])
        yield module


class _Visitor(ast.NodeVisitor):
    def __init__(self, module: _Module, modules: Mapping[str, _Module], queries: str) -> None:
        self.module = module
        self.modules = modules
        self.queries = queries
        self.package = (
            module.name if module.path.stem == "__init__" else module.name.rpartition(".")[0]
        )
        self.scopes: list[Mapping[str, str | None]] = [module.names]
        self.owner = ""  # the function, method or module-level name that is being read
        self.references: set[Reference] = set()
        self.used: set[tuple[str, str]] = set()
        self.decorators: dict[str, set[str]] = {}

    # What is read ------------------------------------------------------------------------------------

    def visit_Name(self, node: ast.Name) -> None:
        self._mention(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if not self._mention(node):
            self.generic_visit(node)

    def _mention(self, node: ast.Name | ast.Attribute) -> bool:
        """Notes what the name stands for; False if that is not known."""
        meaning = self._meaning(node)
        if meaning is None:
            return False
        by = f"{self.module.name}.{self.owner}".rstrip(".")
        if meaning.startswith(self.queries):
            area, _, rest = meaning.removeprefix(self.queries).partition(".")
            if rest:
                name = f"{area}.{rest.partition('.')[0]}"
                self.references.add(Reference(name, self.module.path, node.lineno, self.owner))
                self.used.add((name, by))
        else:
            self.used.add((meaning, by))
        return True

    def _meaning(self, node: ast.expr) -> str | None:
        dotted = _dotted(node)
        if dotted is None:
            return None
        head, *rest = dotted.split(".")
        for scope in reversed(self.scopes):
            if head in scope:
                meaning = scope[head]
                return None if meaning is None else self._canonical(".".join([meaning, *rest]))
        return None

    def _canonical(self, name: str, depth: int = 0) -> str:
        """The name where it was given first, and not where it is imported to."""
        parts = name.split(".")
        for n in range(len(parts) - 1, 0, -1):
            module = self.modules.get(".".join(parts[:n]))
            if module is not None:
                meaning = ".".join(
                    [module.names.get(parts[n], ".".join(parts[: n + 1])), *parts[n + 1 :]]
                )
                return name if meaning == name or depth > 9 else self._canonical(meaning, depth + 1)
        return name

    # Who reads ---------------------------------------------------------------------------------------

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def _function(self, node: Function, of: str = "") -> None:
        """A function; what is nested in it counts as its own."""
        outer, self.owner = self.owner, self.owner or f"{of}{node.name}"
        for decorator in node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if not outer and (meaning := self._meaning(called)):
                full = f"{self.module.name}.{self.owner}"
                self.decorators.setdefault(full, set()).add(meaning)
            for child in ast.iter_child_nodes(decorator) if called is not decorator else ():
                if child is not called:
                    self.visit(child)
        scope = self._scope(node)
        if of and node.args.args:
            scope[node.args.args[0].arg] = f"{self.module.name}.{of.rstrip('.')}"
        self._visit_all([*node.args.defaults, *filter(None, node.args.kw_defaults)])
        self._within(scope, node.body)
        self.owner = outer

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        if self.owner:
            self.generic_visit(node)
            return
        self._visit_all([*node.decorator_list, *node.bases])
        for statement in node.body:
            if isinstance(statement, FUNCTIONS):
                self._function(statement, of=f"{node.name}.")
            else:
                self.owner = node.name
                self.visit(statement)
                self.owner = ""

    def visit_Assign(self, node: ast.Assign) -> None:
        """A module-level name owns what its value mentions."""
        [target, *others] = node.targets
        if self.owner or others or not isinstance(target, ast.Name):
            self.generic_visit(node)
            return
        self.owner = target.id
        self.visit(node.value)
        self.owner = ""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """As an assignment: the annotation calls nothing."""
        if node.value is not None:
            self.visit_Assign(ast.Assign([node.target], node.value))

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_all([*node.args.defaults, *filter(None, node.args.kw_defaults)])
        self._within(dict.fromkeys(_arguments(node.args)), [node.body])

    def generic_visit(self, node: ast.AST) -> None:
        if isinstance(node, COMPREHENSIONS):
            targets = [generator.target for generator in node.generators]
            names = {n.id: None for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
            self.scopes.append(names)
            super().generic_visit(node)
            self.scopes.pop()
        elif not isinstance(node, ast.arguments):
            super().generic_visit(node)

    def _scope(self, node: Function) -> dict[str, str | None]:
        """What the names that a function binds stand for, where that is plain."""
        elsewhere = {
            name for n in _own(node) if isinstance(n, ast.Global | ast.Nonlocal) for name in n.names
        }
        scope: dict[str, str | None] = dict.fromkeys(_arguments(node.args))
        scope |= dict.fromkeys(_bound(node) - elsewhere)
        scope |= _imported(node, self.package)
        for local, value in _aliases(node).items():
            # Not in the scope itself: `x = x.y` is about the outer x.
            if local not in _arguments(node.args):
                scope[local] = self._meaning(ast.parse(value, mode="eval").body)
        return scope

    def _within(
        self, scope: Mapping[str, str | None], nodes: list[ast.stmt] | list[ast.expr]
    ) -> None:
        self.scopes.append(scope)
        self._visit_all(nodes)
        self.scopes.pop()

    def _visit_all(self, nodes: list[ast.stmt] | list[ast.expr]) -> None:
        for node in nodes:
            self.visit(node)


def _dotted(node: ast.AST) -> str | None:
    """`a.b.c` of the expression a.b.c."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return before and f"{before}.{node.attr}"
    return None


def _own(node: ast.Module | Function) -> Iterator[ast.AST]:
    """What belongs to the node's own scope, and not to that of something within."""
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        found = waiting.pop()
        yield found
        if not isinstance(found, (*FUNCTIONS, ast.ClassDef, ast.Lambda, *COMPREHENSIONS)):
            waiting += ast.iter_child_nodes(found)


def _bound(node: ast.Module | Function) -> set[str]:
    """The names that are given here, other than by imports."""
    found = set()
    for own in _own(node):
        if isinstance(own, (*FUNCTIONS, ast.ClassDef)):
            found.add(own.name)
        elif isinstance(own, ast.Name) and not isinstance(own.ctx, ast.Load):
            found.add(own.id)
        elif isinstance(own, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and own.name:
            found.add(own.name)
    return found


def _aliases(node: ast.Module | Function) -> dict[str, str]:
    """`x = a.b` for names that get no other value."""
    given: dict[str, list[str | None]] = defaultdict(list)
    for own in _own(node):
        if isinstance(own, ast.Assign) and len(own.targets) == 1:
            target = own.targets[0]
            if isinstance(target, ast.Name):
                given[target.id].append(_dotted(own.value))
                continue
        if isinstance(own, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.For | ast.NamedExpr):
            targets = own.targets if isinstance(own, ast.Assign) else [own.target]
            for name in (n for target in targets for n in ast.walk(target)):
                if isinstance(name, ast.Name):
                    given[name.id].append(None)
    return {name: values[0] for name, values in given.items() if len(values) == 1 and values[0]}


def _imported(node: ast.Module | Function, package: str) -> dict[str, str]:
    found = {}
    for own in _own(node):
        if isinstance(own, ast.Import):
            for name in own.names:
                found[name.asname or name.name.partition(".")[0]] = (
                    name.name if name.asname else name.name.partition(".")[0]
                )
        elif isinstance(own, ast.ImportFrom):
            above = (
                package.split(".")[: len(package.split(".")) - own.level + 1] if own.level else []
            )
            source = ".".join([*above, *filter(None, [own.module])])
            found |= {name.asname or name.name: f"{source}.{name.name}" for name in own.names}
    return found


def _arguments(arguments: ast.arguments) -> set[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += filter(None, [arguments.vararg, arguments.kwarg])
    return {argument.arg for argument in every}
