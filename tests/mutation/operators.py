"""The changes that are made to a source, one at a time, on its syntax tree.

Each place of a tree has a fixed list of changes, so that a mutant is named by its place alone: the
same source has the same mutants in the same order.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

_SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div, ast.Mod: ast.Mult, ast.Pow: ast.Mult,
    ast.LShift: ast.RShift, ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitOr,
}  # fmt: skip
_BOUNDARY: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
}  # fmt: skip
_NEGATED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_RENAMED = {
    "min": "max", "max": "min", "any": "all", "all": "any", "floor": "ceil", "ceil": "floor",
}  # fmt: skip
# Calls whose first two arguments say what they are: swapped, they are no call at all.
_ORDERED = frozenset({"isinstance", "issubclass", "getattr", "setattr", "hasattr", "cast", "zip"})
_TYPES = frozenset({"TypeVar", "ParamSpec", "NewType", "TypeAlias", "Literal"})
_UNREACHED = frozenset({"assert_never"})
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)

Change = Callable[[ast.AST], ast.AST]


@dataclass(frozen=True, slots=True)
class Place:
    """One mutant of a module.

    `lines` are those of its statement. `names` are what the change can be met by where an import
    runs it: what the statement binds, and the classes around it. `function` is the qualified name
    and the first line of the outermost function around it, or None.
    """

    index: int
    line: int
    lines: range
    before: str
    after: str
    names: frozenset[str]
    function: tuple[str, int] | None


def count(source: str) -> int:
    """How many mutants this source has."""
    return sum(1 for _ in _walk(ast.parse(source)))


def places(source: str, wanted: Collection[int] | None = None) -> list[Place]:
    """The mutants of this source, in the order of the tree: all, or those at these indices."""
    found = []
    for index, (node, change, around) in enumerate(_walk(ast.parse(source))):
        if wanted is not None and index not in wanted:
            continue
        changed = change(copy.deepcopy(node))
        found.append(
            Place(
                index=index,
                line=node.lineno,  # type: ignore[attr-defined]
                lines=around.lines,
                before=_shown(node),
                after=_shown(changed),
                names=around.names,
                function=around.function,
            )
        )
    return found


def mutated(source: str, index: int) -> ast.Module:
    """The tree of this source with the change of that place."""
    tree = ast.parse(source)
    for at, (node, change, _) in enumerate(_walk(tree)):
        if at == index:
            _put(tree, node, ast.copy_location(change(node), node))
            return ast.fix_missing_locations(tree)
    raise IndexError(index)


def _put(tree: ast.Module, old: ast.AST, new: ast.AST) -> None:
    if new is old:  # changed in its place
        return
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
                return
            if isinstance(value, list):
                for at, one in enumerate(value):
                    if one is old:
                        value[at] = new
                        return
    raise LookupError(ast.dump(old))


def _shown(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 100 else text[:97] + "..."


@dataclass(frozen=True, slots=True)
class _Around:
    """Where in the module the walk is."""

    lines: range = range(0)
    names: frozenset[str] = frozenset()
    classes: tuple[str, ...] = ()
    function: tuple[str, int] | None = None


def _walk(tree: ast.Module) -> Iterator[tuple[ast.AST, Change, _Around]]:
    yield from _body(tree.body, _Around())


def _body(body: list[ast.stmt], around: _Around) -> Iterator[tuple[ast.AST, Change, _Around]]:
    for statement in body:
        yield from _statement(statement, around)


def _statement(node: ast.stmt, around: _Around) -> Iterator[tuple[ast.AST, Change, _Around]]:
    if isinstance(node, _FUNCTION):
        yield from _definition(node, around)
    elif isinstance(node, ast.ClassDef):
        if not any("Protocol" in ast.unparse(base) for base in node.bases):
            inside = _Around(
                names=around.names | {node.name},
                classes=(*around.classes, node.name),
                function=around.function,
            )
            yield from _body(node.body, inside)
    elif not _left_out(node):
        inner = around.function is not None
        here = _Around(
            _lines(node),
            around.names if inner else around.names | _bound(node),
            around.classes,
            around.function,
        )
        yield from ((node, change, here) for change in _of_statement(node))
        yield from _inside(node, here)


def _definition(
    node: ast.FunctionDef | ast.AsyncFunctionDef, around: _Around
) -> Iterator[tuple[ast.AST, Change, _Around]]:
    """The body, and the defaults, which belong to what is around."""
    if any("overload" in ast.unparse(one) for one in node.decorator_list):
        return
    body = range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1)
    if around.function is None:
        first = min(one.lineno for one in (node, *node.decorator_list))
        inside = _Around(body, function=(".".join((*around.classes, node.name)), first))
        of_defaults = _Around(body, around.names | {node.name}, around.classes)
    else:
        inside = of_defaults = around
    for default in (*node.args.defaults, *node.args.kw_defaults):
        if default is not None:
            yield from _expression(default, of_defaults)
    yield from _body(node.body, inside)


def _lines(node: ast.stmt) -> range:
    """The lines of a statement without those of the statements under it."""
    body = getattr(node, "body", None)
    last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
    return range(node.lineno, max(node.lineno, last) + 1)


def _left_out(node: ast.stmt) -> bool:
    """Imports, docstrings and other bare constants, `__slots__` and `__all__`, types, what is only
    for the checker of types, and lines that say that they are never reached."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id=name))):
            return name in _UNREACHED
        case ast.Assign(targets=[ast.Name(id=name)]) if name.startswith("__"):
            return True
        case ast.Assign(
            value=ast.Call(func=ast.Name(id=name)) | ast.Subscript(value=ast.Name(id=name))
        ):
            return name in _TYPES
        case ast.AnnAssign(annotation=ast.Name(id="TypeAlias")):
            return True
    return False


def _bound(node: ast.stmt) -> frozenset[str]:
    stored = (one for one in ast.walk(node) if isinstance(one, ast.Name))
    return frozenset(one.id for one in stored if isinstance(one.ctx, ast.Store))


def _of_statement(node: ast.stmt) -> Iterator[Change]:
    match node:
        case ast.Return(value=value) if value is not None and not _is_nothing(value):
            yield lambda _: ast.Return(value=ast.Constant(value=None))
        case ast.Expr() | ast.Raise() | ast.Continue() | ast.Break() | ast.Delete():
            yield lambda _: ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield lambda _: ast.Pass()
        case ast.If(test=test) | ast.While(test=test) if _plain(test):
            yield _with_test_negated
        case ast.AugAssign(op=op):
            yield lambda _: ast.Pass()
            if type(op) in _SWAPPED and not _text(node.value):
                yield _with_op(_SWAPPED[type(op)])


def _plain(test: ast.expr) -> bool:
    """A condition that no other change negates."""
    if isinstance(test, ast.UnaryOp):
        return not isinstance(test.op, ast.Not)
    return not isinstance(test, (ast.Compare, ast.BoolOp, ast.Constant))


def _is_nothing(node: ast.expr) -> bool:
    """None, and False, which who asks takes for the same."""
    return isinstance(node, ast.Constant) and (node.value is None or node.value is False)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _inside(node: ast.stmt, around: _Around) -> Iterator[tuple[ast.AST, Change, _Around]]:
    """The expressions and statements under a statement, but no annotations."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "type_params", "type_comment"):
            continue
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, ast.stmt):
                yield from _statement(one, around)
            elif isinstance(one, ast.AST):
                yield from _expression(one, around)


def _expression(node: ast.AST, around: _Around) -> Iterator[tuple[ast.AST, Change, _Around]]:
    if isinstance(node, ast.stmt):
        yield from _statement(node, around)
        return
    if isinstance(node, ast.keyword) and node.arg == "strict":
        return  # of zip: a guard for who writes the code, that no input reaches
    if isinstance(node, (ast.expr, ast.comprehension)):
        where = node if isinstance(node, ast.expr) else node.target
        for change in _of_expression(node):
            target = _located(node, where)
            yield target, change, around
    for name, value in ast.iter_fields(node):
        if name == "format_spec":
            continue
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, ast.AST):
                yield from _expression(one, around)


def _located(node: ast.AST, where: ast.expr) -> ast.AST:
    node.lineno = where.lineno  # type: ignore[attr-defined]
    node.col_offset = where.col_offset  # type: ignore[attr-defined]
    return node


def _of_expression(node: ast.AST) -> Iterator[Change]:  # noqa: C901, PLR0912 - a case a kind
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            if type(op) in _SWAPPED and not (_text(left) or _text(right) or _union(node)):
                yield _with_op(_SWAPPED[type(op)])
        case ast.Compare(ops=ops):
            for at, one in enumerate(ops):
                for table in (_BOUNDARY, _NEGATED):
                    if type(one) in table:
                        yield _with_comparison(at, table[type(one)])
            yield from _of_keys(node.comparators)
        case ast.BoolOp(op=op):
            yield _with_op(ast.Or if isinstance(op, ast.And) else ast.And)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield lambda one: one.operand  # type: ignore[attr-defined]
        case ast.IfExp(test=test):
            if _plain(test):
                yield _with_test_negated
        case ast.comprehension(ifs=ifs):
            for at, test in enumerate(ifs):
                if _plain(test):
                    yield _with_filter_negated(at)
        case ast.Constant(value=bool()):
            yield lambda one: ast.Constant(value=not one.value)  # type: ignore[attr-defined]
        case ast.Constant(value=int() | float() as value) if value + 1 != value:
            yield lambda one: ast.Constant(value=one.value + 1)  # type: ignore[attr-defined]
            yield lambda one: ast.Constant(value=one.value - 1)  # type: ignore[attr-defined]
        case ast.Call():
            yield from _of_call(node)


def _of_keys(nodes: list[ast.expr]) -> Iterator[Change]:
    """A text that something is compared with is no message: a change of it must be seen."""
    for at, node in enumerate(nodes):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield _with_text(at)


def _of_call(node: ast.Call) -> Iterator[Change]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in _RENAMED:
        yield _with_name(_RENAMED[name])
        return
    first = node.args[:2]
    plain = len(first) == 2 and not any(isinstance(one, ast.Starred) for one in first)
    plain = plain and not all(map(_text, first))  # as what is wrong, and what to do
    if plain and name not in _ORDERED and ast.dump(first[0]) != ast.dump(first[1]):
        yield _with_arguments_swapped


def _text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _union(node: ast.BinOp) -> bool:
    """`int | None`, and `A | B` of classes: a type."""
    if not isinstance(node.op, ast.BitOr):
        return False
    return any(_is_none(side) or _class(side) for side in (node.left, node.right))


def _class(node: ast.expr) -> bool:
    if not isinstance(node, ast.Name):
        return False
    return node.id in _BUILT_IN or (node.id[0].isupper() and not node.id.isupper())


_BUILT_IN = frozenset({"int", "float", "str", "bool", "bytes", "list", "dict", "tuple", "set"})


def _with_op(op: type[ast.AST]) -> Change:
    def change(node: ast.AST) -> ast.AST:
        node.op = op()  # type: ignore[attr-defined]
        return node

    return change


def _with_comparison(at: int, op: type[ast.AST]) -> Change:
    def change(node: ast.AST) -> ast.AST:
        node.ops[at] = op()  # type: ignore[attr-defined]
        return node

    return change


def _with_text(at: int) -> Change:
    def change(node: ast.AST) -> ast.AST:
        node.comparators[at].value += "~"  # type: ignore[attr-defined]
        return node

    return change


def _with_test_negated(node: ast.AST) -> ast.AST:
    node.test = _not(node.test)  # type: ignore[attr-defined]
    return node


def _with_filter_negated(at: int) -> Change:
    def change(node: ast.AST) -> ast.AST:
        node.ifs[at] = _not(node.ifs[at])  # type: ignore[attr-defined]
        return node

    return change


def _not(node: ast.expr) -> ast.expr:
    return ast.copy_location(ast.UnaryOp(op=ast.Not(), operand=node), node)


def _with_name(name: str) -> Change:
    def change(node: ast.AST) -> ast.AST:
        func = node.func  # type: ignore[attr-defined]
        if isinstance(func, ast.Attribute):
            func.attr = name
        else:
            func.id = name
        return node

    return change


def _with_arguments_swapped(node: ast.AST) -> ast.AST:
    node.args[:2] = node.args[1::-1]  # type: ignore[attr-defined]
    return node
